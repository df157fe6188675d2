"""Looking for viruses with clamd, when one is configured (INSTREAM of its protocol, ClamAV manual)."""

import socket
import struct
from collections.abc import Iterator

from gaap_notify.conf import conf

CHUNK_BYTES = 64 * 1024
_CLEAN = b"OK"
_FOUND = b"FOUND"


class ScanError(Exception):
    """The scanner cannot be asked now, so nothing is known of the file."""


def is_clean(data: bytes) -> bool:
    """Tell whether the scanner finds nothing in ``data``; True when none is configured. Raises ScanError."""
    if not conf.virus_scanner:
        return True
    try:
        with _connect() as connection:
            return _verdict(_ask(connection, data))
    except OSError as error:
        raise ScanError(f"The virus scanner does not answer ({type(error).__name__}).") from error


def _connect() -> socket.socket:
    options = conf.virus_scanner
    timeout = float(options.get("timeout", 20))
    if "socket" in options:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(str(options["socket"]))
        return connection
    return socket.create_connection((str(options["host"]), int(options.get("port", 3310))), timeout)


def _ask(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(b"zINSTREAM\0")
    for chunk in _chunks(data):
        connection.sendall(struct.pack("!I", len(chunk)) + chunk)
    connection.sendall(struct.pack("!I", 0))
    return b"".join(iter(lambda: connection.recv(4096), b"")).rstrip(b"\0\n ")


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]


def _verdict(answer: bytes) -> bool:
    if answer.endswith(_FOUND):
        return False
    if answer.endswith(_CLEAN):
        return True
    raise ScanError("The virus scanner could not look at the file.")
