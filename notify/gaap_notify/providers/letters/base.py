"""What a provider of letters is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from gaap.providers.registry import Registry
from gaap_notify.providers.base import Provider


@dataclass(frozen=True)
class PrintLetter:
    """One letter of a job. ``sheets`` are printed on both sides; ``address`` is for those who print none."""

    id: UUID
    postage: str
    pages: int
    sheets: int
    pdf: bytes = field(repr=False)
    address: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


@dataclass(frozen=True)
class PrintJob:
    """Letters to be printed together. A job that comes again, after a worker died, has the same ``id``."""

    id: UUID
    letters: tuple[PrintLetter, ...]


@dataclass(frozen=True)
class PrintReport:
    """What the printer says of one letter, in our words.

    ``status`` is ``delivered`` (posted), ``returned-letter``, ``permanent-failure`` or ``technical-failure``.
    """

    letter_id: UUID
    status: str
    detail: str = ""


@dataclass(frozen=True)
class PrintReports:
    """Reports that came together under ``name``, which the provider knows them by."""

    name: str
    reports: tuple[PrintReport, ...]


class LetterProvider(Provider[PrintJob]):
    """Base of the providers of letters: ``send`` hands over a whole job.

    What the printer says comes by the receipt door, or is fetched with ``collect``.
    """

    #: True when letters need not wait for the day's cut-off, because nothing is really printed.
    prints_at_once: ClassVar[bool] = False

    def collect(self) -> Iterable[PrintReports]:
        """Yield what the printer has said since; nothing for providers that use the receipt door.

        Raises ProviderError when it cannot be asked.
        """
        return ()

    def settle(self, name: str) -> None:
        """Put the reports called ``name`` away: every one of them has been written down."""


letter_providers: Registry[LetterProvider] = Registry(
    "letter", package="gaap_notify.providers.letters", entry_point_group="gaap_notify.providers.letters"
)
