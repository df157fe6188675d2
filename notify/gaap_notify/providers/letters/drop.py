"""Handing letters over as files: what the folder and the SFTP provider have in common.

A job is a folder named by its id: one PDF for each letter, and last of all ``manifest.csv``, whose coming says that the
job is whole. The printer answers with CSV files in ``acknowledgements``, in the columns ``letter``, ``status``
(``POSTED``, ``RETURNED``, ``UNDELIVERABLE`` or ``SPOILT``) and, if it likes, ``detail``; they are moved to
``acknowledgements/done`` once they have been written down.
"""

import csv
import hashlib
import io
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from uuid import UUID

from gaap.providers.errors import ProviderError
from gaap_notify.providers.base import Accepted
from gaap_notify.providers.letters.base import LetterProvider, PrintJob, PrintLetter, PrintReport, PrintReports

MANIFEST = "manifest.csv"
ACKNOWLEDGEMENTS = PurePosixPath("acknowledgements")
DONE = ACKNOWLEDGEMENTS / "done"
COLUMNS = ("letter", "file", "postage", "pages", "sheets", "sha256")

#: The printer's words and ours.
STATUSES: Mapping[str, str] = {
    "POSTED": "delivered",
    "RETURNED": "returned-letter",
    "UNDELIVERABLE": "permanent-failure",
    "SPOILT": "technical-failure",
}


class DropProvider(LetterProvider):
    """Writes jobs where the printer fetches them. Paths are relative to the place that the options name."""

    def send(self, message: PrintJob) -> Accepted:
        """Write the job; one that is there already, whole, is left alone. Raises ProviderError."""
        folder = PurePosixPath(str(message.id))
        if MANIFEST not in self.names(folder):
            for letter in message.letters:
                self.write(folder / _file_name(letter), letter.pdf)
            self.write(folder / MANIFEST, _manifest(message))
        return Accepted(str(message.id))

    def collect(self) -> Iterable[PrintReports]:
        """Yield the acknowledgements that lie there; raises ProviderError for one that cannot be read."""
        for name in sorted(self.names(ACKNOWLEDGEMENTS)):
            if name.endswith(".csv"):
                yield PrintReports(name, tuple(_reports(name, self.read(ACKNOWLEDGEMENTS / name))))

    def settle(self, name: str) -> None:
        """Move the file of acknowledgements to those that are done."""
        self.move(ACKNOWLEDGEMENTS / name, DONE / name)

    @abstractmethod
    def names(self, folder: PurePosixPath) -> list[str]:
        """Return the names of the files in ``folder``; none when it does not exist. Raises ProviderError."""

    @abstractmethod
    def read(self, path: PurePosixPath) -> bytes:
        """Return a file's bytes; raises ProviderError."""

    @abstractmethod
    def write(self, path: PurePosixPath, data: bytes) -> None:
        """Write a file, whole or not at all, and the folders above it; raises ProviderError."""

    @abstractmethod
    def move(self, source: PurePosixPath, target: PurePosixPath) -> None:
        """Move a file over whatever is there; raises ProviderError."""


def _file_name(letter: PrintLetter) -> str:
    return f"{letter.id}.pdf"


def _manifest(job: PrintJob) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for letter in job.letters:
        digest = hashlib.sha256(letter.pdf).hexdigest()
        rows.writerow([letter.id, _file_name(letter), letter.postage, letter.pages, letter.sheets, digest])
    return text.getvalue().encode()


def _reports(name: str, data: bytes) -> Iterable[PrintReport]:
    try:
        for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))):
            yield PrintReport(UUID(row["letter"]), STATUSES[row["status"]], (row.get("detail") or "")[:255])
    except (UnicodeDecodeError, csv.Error, LookupError, ValueError) as error:
        # Somebody must look at it, and can mend it: that is no reason to forget the letters in it.
        raise ProviderError(f"{name} cannot be read ({type(error).__name__}).", permanent=False) from error
