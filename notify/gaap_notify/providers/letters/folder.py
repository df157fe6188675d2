"""Letters into a folder of this machine, or of one that is mounted here: for a print room down the corridor."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from gaap.providers.errors import ProviderError
from gaap_notify.providers.letters.base import letter_providers
from gaap_notify.providers.letters.drop import DropProvider


@letter_providers.register("folder")
class FolderLetterProvider(DropProvider):
    """Options: ``path``, the folder's absolute path; it must exist."""

    def names(self, folder: PurePosixPath) -> list[str]:
        """Return the names of the files in ``folder``."""
        place = self._place(folder)
        try:
            return [entry.name for entry in place.iterdir() if entry.is_file()] if place.is_dir() else []
        except OSError as error:
            raise _fault(error) from error

    def read(self, path: PurePosixPath) -> bytes:
        """Return a file's bytes."""
        try:
            return self._place(path).read_bytes()
        except OSError as error:
            raise _fault(error) from error

    def write(self, path: PurePosixPath, data: bytes) -> None:
        """Write beside the name and rename, so that the printer never sees half a file."""
        place = self._place(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f"{place.name}.part")
            unfinished.write_bytes(data)
            unfinished.replace(place)
        except OSError as error:
            raise _fault(error) from error

    def move(self, source: PurePosixPath, target: PurePosixPath) -> None:
        """Move a file."""
        try:
            self._place(target).parent.mkdir(parents=True, exist_ok=True)
            self._place(source).replace(self._place(target))
        except OSError as error:
            raise _fault(error) from error

    def check(self) -> Iterable[str]:
        """Yield when the folder is not there."""
        if not Path(self.options.get("path", "")).is_absolute():
            yield "path must be an absolute path."
        elif not Path(self.options["path"]).is_dir():
            yield "path names no folder."

    def _place(self, path: PurePosixPath) -> Path:
        root = Path(self.options["path"])
        if not root.is_dir():
            # Not made: a share that is not mounted must not be filled up underneath.
            raise ProviderError("The print folder is not there.", permanent=False)
        return root / path


def _fault(error: OSError) -> ProviderError:
    return ProviderError(f"The print folder cannot be used ({type(error).__name__}).", permanent=False)
