"""Letters to a printer's SFTP server."""

import base64
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

import paramiko

from gaap.providers.errors import ProviderError
from gaap_notify.providers.base import Accepted
from gaap_notify.providers.letters.base import PrintJob, PrintReports, letter_providers
from gaap_notify.providers.letters.drop import DropProvider

TIMEOUT_SECONDS = 30
_REQUIRED = ("host", "username", "host_key")
_FAULTS = (paramiko.SSHException, OSError, EOFError)


@letter_providers.register("sftp")
class SftpLetterProvider(DropProvider):
    """Options: ``host``, ``port`` (22), ``username``, ``password`` or ``private_key`` (OpenSSH text), ``path`` (``.``).

    ``host_key`` is the server's public key as ``ssh-keyscan`` prints it (``type base64``): another one is refused.
    """

    _sftp: paramiko.SFTPClient

    def send(self, message: PrintJob) -> Accepted:
        """Write the job over one connection."""
        with self._connected():
            return super().send(message)

    def collect(self) -> Iterable[PrintReports]:
        """Fetch the acknowledgements over one connection."""
        with self._connected():
            return list(super().collect())

    def settle(self, name: str) -> None:
        """Move the acknowledgements over one connection."""
        with self._connected():
            super().settle(name)

    def names(self, folder: PurePosixPath) -> list[str]:
        """Return the names in ``folder``."""
        try:
            names: list[str] = self._sftp.listdir(str(folder))
        except FileNotFoundError:
            return []
        return names

    def read(self, path: PurePosixPath) -> bytes:
        """Return a file's bytes."""
        with self._sftp.open(str(path)) as file:
            file.prefetch()
            data: bytes = file.read()
        return data

    def write(self, path: PurePosixPath, data: bytes) -> None:
        """Write beside the name and rename; paramiko compares the sizes."""
        self._make_folder(path.parent)
        unfinished = f"{path}.part"
        self._sftp.putfo(io.BytesIO(data), unfinished, file_size=len(data))
        self._sftp.posix_rename(unfinished, str(path))

    def move(self, source: PurePosixPath, target: PurePosixPath) -> None:
        """Move a file."""
        self._make_folder(target.parent)
        self._sftp.posix_rename(str(source), str(target))

    def check(self) -> Iterable[str]:
        """Yield the options that are missing or cannot be read."""
        for name in _REQUIRED:
            if not self.options.get(name):
                yield f"{name} is missing."
        if not self.options.get("password") and not self.options.get("private_key"):
            yield "password or private_key is missing."
        if self.options.get("host_key") and _host_key(str(self.options["host_key"])) is None:
            yield "host_key is no public key."

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Hold a connection open; whatever goes wrong in it is a ProviderError and worth another try."""
        try:
            with self._client() as client, client.open_sftp() as sftp:
                sftp.get_channel().settimeout(TIMEOUT_SECONDS)
                sftp.chdir(str(self.options.get("path", ".")))
                self._sftp = sftp
                yield
        except _FAULTS as error:
            raise ProviderError(f"The printer's server failed ({type(error).__name__}).", permanent=False) from error

    def _client(self) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        host, port = str(self.options["host"]), int(self.options.get("port", 22))
        key = _host_key(str(self.options["host_key"]))
        if key is None:
            raise ProviderError("The printer's host_key is no public key.", permanent=False)
        name = host if port == 22 else f"[{host}]:{port}"
        client.get_host_keys().add(name, key.get_name(), key)
        client.connect(
            host,
            port=port,
            username=str(self.options["username"]),
            password=self.options.get("password"),
            pkey=_private_key(self.options.get("private_key")),
            timeout=TIMEOUT_SECONDS,
            banner_timeout=TIMEOUT_SECONDS,
            auth_timeout=TIMEOUT_SECONDS,
            look_for_keys=False,
            allow_agent=False,
        )
        return client

    def _make_folder(self, folder: PurePosixPath) -> None:
        for place in (*reversed(folder.parents), folder):
            if str(place) == ".":
                continue
            try:
                self._sftp.stat(str(place))
            except FileNotFoundError:
                self._sftp.mkdir(str(place))


def _host_key(text: str) -> paramiko.PKey | None:
    """Return the key in ``[host] type base64``, or None."""
    parts = text.split()
    try:
        return paramiko.PKey.from_type_string(parts[-2], base64.b64decode(parts[-1], validate=True))
    except (IndexError, ValueError, paramiko.SSHException):
        return None


def _private_key(text: object) -> paramiko.PKey | None:
    if not text:
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(str(text)))
        except paramiko.SSHException:
            continue
    raise ProviderError("The printer's private_key cannot be read.", permanent=False)
