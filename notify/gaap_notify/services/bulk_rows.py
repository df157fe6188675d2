"""Checking the rows of a spreadsheet before anything is accepted: its columns, its recipients, its messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from gaap.organisations.models import Service
from gaap_notify.errors import ContractError
from gaap_notify.models import NotifySettings, TemplateVersion
from gaap_notify.rendering.placeholders import Gap, compile_text
from gaap_notify.rendering.values import match_key
from gaap_notify.services.drafts import MAX_SMS_LENGTH, write_draft
from gaap_notify.services.recipients import accept_recipient

#: The column that holds the recipient, as people write its heading.
RECIPIENT_COLUMNS: Mapping[str, str] = {"email": "email address", "sms": "phone number"}
#: So many faulty rows are shown; the others are only counted.
FAULTS_SHOWN = 20
#: No character becomes more than three on its way into a text message, as an ellipsis does.
MOST_GROWTH = 4


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row; ``number`` counts from 1 below the headings. The text may hold nothing personal."""

    number: int
    message: str


class RowsRefusedError(Exception):
    """The spreadsheet cannot be sent. ``count`` is how many rows are faulty, ``faults`` the first of them."""

    def __init__(self, message: str, *, faults: Sequence[RowFault] = (), count: int = 0) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
        self.count = count


@dataclass(frozen=True)
class ReadyRow:
    """A row that can become a message."""

    number: int
    recipient: str = field(repr=False)
    address: str = field(repr=False)
    rate_multiplier: int
    values: Mapping[str, str] = field(repr=False)

    def stored(self) -> list[Any]:
        """Return the row as a chunk keeps it."""
        return [self.number, self.recipient, self.address, self.rate_multiplier, dict(self.values)]


@dataclass(frozen=True)
class RowChecker:
    """Knows the template and the service that rows are held to."""

    service: Service
    version: TemplateVersion
    settings: NotifySettings
    key_type: str

    @cached_property
    def channel(self) -> str:
        """The channel of the template."""
        return self.version.template.type

    @cached_property
    def gaps(self) -> int:
        """How many gaps the text has."""
        return sum(isinstance(piece, Gap) for piece in compile_text(self.version.body).pieces)

    @cached_property
    def has_words(self) -> bool:
        """True when something stands in every message, whatever the values are."""
        pieces = compile_text(self.version.body).pieces
        return any(sign.isascii() and sign.isalnum() for piece in pieces if isinstance(piece, str) for sign in piece)

    def columns(self, header: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Return where the recipient stands, and where each placeholder does; raises RowsRefusedError."""
        keys = [match_key(name) for name in header]
        wanted = RECIPIENT_COLUMNS[self.channel]
        missing = [name for name in (wanted, *self.version.placeholders) if match_key(name) not in keys]
        if missing:
            raise RowsRefusedError(_("These columns are missing: %s.") % ", ".join(missing))
        if keys.count(match_key(wanted)) > 1:
            raise RowsRefusedError(_("There is more than one column named %s.") % wanted)
        used = {name: keys.index(match_key(name)) for name in self.version.placeholders}
        return keys.index(match_key(wanted)), used

    def check(self, rows: Iterator[list[str]], *, most: int) -> Iterator[ReadyRow | RowFault]:
        """Yield each row, ready or with its fault; raises RowsRefusedError for what is wrong with all of it."""
        header = next(rows, None)
        if header is None:
            raise RowsRefusedError(_("The file has no rows."))
        place, used = self.columns(header)
        number = 0
        for number, row in enumerate(rows, start=1):
            if number > most:
                raise RowsRefusedError(_("The file has more than %d rows.") % most)
            yield self._check_row(number, row, place, used)
        if not number:
            raise RowsRefusedError(_("The file has no rows."))

    def _check_row(self, number: int, row: Sequence[str], place: int, used: Mapping[str, int]) -> ReadyRow | RowFault:
        cells = {name: row[index] if index < len(row) else "" for name, index in used.items()}
        if empty := [name for name, value in cells.items() if not value and not self._may_be_empty(name)]:
            return RowFault(number, _("Missing: %s.") % ", ".join(empty))
        recipient = row[place] if place < len(row) else ""
        try:
            found = accept_recipient(
                recipient,
                channel=self.channel,  # type: ignore[arg-type]
                service=self.service,
                key_type=self.key_type,
                settings=self.settings,
            )
            if self.channel == "sms" and not self._is_surely_sendable(cells):
                self._draft(cells)
        except ContractError as error:
            return RowFault(number, str(error))
        return ReadyRow(number, recipient, found.address, found.rate_multiplier, cells)

    def _may_be_empty(self, name: str) -> bool:
        return f"(({name}??" in self.version.body or f"(({name}??" in self.version.subject

    def _is_surely_sendable(self, values: Mapping[str, str]) -> bool:
        """Tell without writing a text message that it will be neither empty nor too long."""
        most = len(self.version.body) + self.gaps * sum(map(len, values.values()))
        return self.has_words and most * MOST_GROWTH <= MAX_SMS_LENGTH

    def _draft(self, values: Mapping[str, str]) -> None:
        write_draft(self.version, values, settings=self.settings, service_name=self.service.name).check_length()
