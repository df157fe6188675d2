"""The ledger for a finance system: which entries, with the service's own cost centres, and as CSV."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.csv_lines import csv_line
from gaap.organisations.models import Service
from gaap_payments.models import Dispute, LedgerEntry, LedgerLine, Payout, Refund
from gaap_payments.money import Money
from gaap_payments.providers.base import LineKind
from gaap_payments.services.accounts import settings_of

Kind = LedgerEntry.Kind
CHUNK = 1000
#: The longest period of one export, in days; more is several files.
LONGEST_DAYS = 366

COLUMNS = (
    *("Date", "Time", "Entry", "Kind", "Book", "Debit", "Credit", "Currency", "Cost Centre"),
    *("Payment Reference", "Payment ID", "Source ID", "Description"),
)
_FIELDS = (
    *("entry_id", "entry__kind", "entry__source_id", "entry__occurred_at", "account", "amount", "currency"),
    *("entry__payment_id", "entry__payment__reference", "entry__payment__description", "entry__payment__metadata"),
)


class BookedLine(NamedTuple):
    """One line of the ledger with what its payment says; empty where it has none."""

    entry_id: int
    kind: str
    source_id: str
    occurred_at: datetime
    book: str
    amount: int
    currency: str
    payment_id: str | None
    reference: str | None
    description: str | None
    metadata: Mapping[str, Any] | None

    @property
    def money(self) -> Money:
        """The amount with its currency: debits positive."""
        return Money(self.amount, self.currency)


@dataclass(frozen=True)
class Selection:
    """What is exported: entries of one service, and the days they are of; ``payout`` where it is one payout's."""

    service: Service
    entries: "QuerySet[LedgerEntry]"
    name: str
    first_day: date
    last_day: date
    is_live: bool
    payout: Payout | None = None

    @property
    def start(self) -> datetime:
        """The first moment, in the site's time zone."""
        return _midnight(self.first_day)

    @property
    def end(self) -> datetime:
        """The first moment after the last day."""
        return _midnight(self.last_day + timedelta(days=1))


def select_days(service: Service, *, is_live: bool, first_day: date, last_day: date) -> Selection:
    """Return the entries of the days from ``first_day`` to ``last_day``, both in; days of the site's time zone."""
    entries = LedgerEntry.objects.filter(gateway_account__service=service, gateway_account__is_live=is_live)
    entries = entries.filter(
        occurred_at__gte=_midnight(first_day), occurred_at__lt=_midnight(last_day + timedelta(days=1))
    )
    name = f"ledger-{first_day}" if first_day == last_day else f"ledger-{first_day}-{last_day}"
    return Selection(service, entries, name, first_day, last_day, is_live)


def select_payout(payout: Payout) -> Selection:
    """Return the entries that make up one payout, and its own."""
    account = payout.gateway_account
    items = payout.items.order_by()
    disputed = {name: _told(Dispute, items.filter(kind=LineKind.DISPUTE, **narrowed)) for name, narrowed in _DISPUTES}
    wanted = (
        Q(kind__in=(Kind.CAPTURE, Kind.FEE), payment__in=items.filter(kind=LineKind.CHARGE).values("payment"))
        | Q(kind=Kind.REFUND, source_id__in=_told(Refund, items.filter(kind=LineKind.REFUND)))
        | Q(kind=Kind.DISPUTE, source_id__in=disputed["opened"])
        | Q(kind=Kind.DISPUTE_WON, source_id__in=disputed["won"])
        | Q(kind__in=(Kind.DISPUTE_LOST, Kind.DISPUTE_FEE), source_id__in=disputed["lost"])
        | Q(kind=Kind.ADJUSTMENT, source_id__startswith=f"{payout.pk}-")
        | Q(kind=Kind.PAYOUT, source_id__in=(str(payout.pk), f"{payout.pk}-returned"))
    )
    entries = LedgerEntry.objects.filter(wanted, gateway_account=account)
    day = payout.paid_on or timezone.localdate(payout.created_at)
    return Selection(account.service, entries, f"payout-{payout.pk}", day, day, account.is_live, payout)


def export_csv(selection: Selection, *, by: Actor) -> Iterator[str]:
    """Return the lines of a CSV, one for each side of each entry, oldest first, and keep in the audit who took it.

    Debit and credit have the decimals of their currency, times are UTC.
    """
    note_export(selection, file_format="csv", by=by)
    return _csv_lines(selection)


def note_export(selection: Selection, *, file_format: str, by: Actor) -> None:
    """Keep in the audit who took which part of the ledger."""
    after = {"name": selection.name, "format": file_format, "mode": "live" if selection.is_live else "test"}
    record("ledger_exported", target=selection.service, service=selection.service, by=by, after=after)


def booked_lines(lines: "QuerySet[LedgerLine]") -> Iterator[BookedLine]:
    """Yield lines of the ledger in the order in which they were booked, some hundreds read at a time."""
    rows = lines.order_by("entry__occurred_at", "entry_id", "pk").values_list(*_FIELDS)
    return (BookedLine(*row) for row in rows.iterator(chunk_size=CHUNK))


class CostCentres:
    """The service's own codes, found by the value of one key of a payment's metadata."""

    def __init__(self, service: Service) -> None:
        settings = settings_of(service)
        self._key, self._codes = settings.ledger_code_key, settings.ledger_codes

    def code(self, line: BookedLine) -> str:
        """Return the code of the line's payment; empty when the service has none for its metadata."""
        value = (line.metadata or {}).get(self._key) if self._key else None
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return "" if value is None else str(self._codes.get(text, ""))


def _csv_lines(selection: Selection) -> Iterator[str]:
    centres = CostCentres(selection.service)
    yield csv_line(COLUMNS)
    for line in booked_lines(LedgerLine.objects.filter(entry__in=selection.entries)):
        at = line.occurred_at.astimezone(UTC)
        amount = Money(abs(line.amount), line.currency).decimal
        sides = (amount, None) if line.amount > 0 else (None, amount)
        yield csv_line(
            [
                *(f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", line.entry_id, line.kind, line.book, *sides, line.currency),
                *(centres.code(line), line.reference, line.payment_id, line.source_id, line.description),
            ]
        )


_DISPUTES: tuple[tuple[str, dict[str, int]], ...] = (
    ("opened", {"amount__lt": 0}),
    ("won", {"amount__gt": 0}),
    ("lost", {"fee__gt": 0}),
)


def _told(model: Any, items: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the keys of the refunds or disputes that these lines of a payout are about."""
    same = items.filter(payment=OuterRef("payment"), provider_id=OuterRef("provider_id"))
    return model.objects.filter(Exists(same), payment__in=items.values("payment")).values("pk")  # type: ignore[no-any-return]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
