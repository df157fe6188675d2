"""Finding a service's transactions for its team: every way to search, one page, and all of them as CSV."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Lower
from django.utils import timezone, translation

from gaap.actors import Actor
from gaap.audit.services import audit_event
from gaap.csv_lines import Cell, csv_line
from gaap.databases import for_reports
from gaap.organisations.models import Service
from gaap.rows import insert_rows
from gaap_payments import labels
from gaap_payments.models import Dispute, Payment, Refund
from gaap_payments.models.payments import PaymentQuerySet, part_of
from gaap_payments.money import Money
from gaap_payments.services.actor_names import actor_names

#: The page says "more than" from here on, so that nobody waits for a count.
COUNTED = 5000
CHUNK = 500

#: The contract's columns (D.1); one for each key of metadata follows, and the currency, which pounds alone do not need.
COLUMNS = (
    *("Reference", "Description", "Email", "Amount", "Card Brand", "Cardholder Name", "Card Expiry Date"),
    *("Card Number", "State", "Finished", "Error Code", "Error Message", "Provider ID", "GOV.UK Payment ID"),
    *("Issued By", "Date Created", "Time Created", "Corporate Card Surcharge", "Total Amount", "Wallet Type"),
    *("Fee", "Net", "Card Type", "MOTO", "Payment Provider", "3-D Secure Required", "Currency"),
)


@dataclass(frozen=True)
class TransactionSearch:
    """What a person looks for; empty members narrow nothing.

    ``states`` are keys of ``labels.STATE_LABELS`` of which one has to fit. Days are those of the site's time zone, both
    count in. ``metadata_value`` is the whole value of any metadata, capitals or not.
    """

    reference: str = ""
    email: str = ""
    states: Sequence[str] = ()
    card_brand: str = ""
    cardholder_name: str = ""
    first_digits: str = ""
    last_digits: str = ""
    from_date: date | None = None
    to_date: date | None = None
    metadata_value: str = ""

    @property
    def named(self) -> list[str]:
        """The names of what narrows the search."""
        return [field.name for field in fields(self) if getattr(self, field.name)]


@dataclass(frozen=True)
class _Table:
    """What follows the contract's columns: the service where there are several, and each key of metadata."""

    keys: Sequence[str]
    service_names: Mapping[UUID, str]

    @property
    def further_columns(self) -> list[str]:
        return [*(["Service"] if self.service_names else []), *(f"{key} (metadata)" for key in self.keys)]

    def further_cells(self, payment: Payment) -> Iterator[Cell]:
        if self.service_names:
            yield self.service_names[payment.service_id]
        for key in self.keys:
            value = payment.metadata.get(key)
            yield _yes(value) if isinstance(value, bool) else value


class HoldsValue(models.Func):
    """True where an object of JSON has the value, whatever its key; texts are compared without regard to capitals."""

    arity = 2
    output_field = models.BooleanField()
    arg_joiner = ") AS pair WHERE lower(pair.value) = lower("
    template = "EXISTS (SELECT 1 FROM jsonb_each_text(%(expressions)s))"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite spells true and false 1 and 0, and disregards capitals of English letters alone."""
        value = "CASE pair.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE pair.value END"
        return self.as_sql(
            compiler,
            connection,
            template="EXISTS (SELECT 1 FROM json_each(%(expressions)s))",
            arg_joiner=f") AS pair WHERE lower({value}) = lower(",
            **context,
        )


def find_transactions(*service_ids: UUID, is_live: bool, search: TransactionSearch) -> PaymentQuerySet:
    """Return the services' payments that fit, newest first."""
    found = for_reports(Payment.objects.filter(service_id__in=service_ids, is_live=is_live))
    found = found.filter(_texts(search), _days(search), _states(search.states))
    if search.metadata_value:
        found = with_metadata(found, search.metadata_value)
    return found.order_by("-created_at", "-pk")


def counted(found: PaymentQuerySet) -> tuple[int, bool]:
    """Return how many there are, counted up to 5,000, and whether there are more."""
    count = found.order_by()[: COUNTED + 1].count()
    return min(count, COUNTED), count > COUNTED


def export_transactions(*services: Service, is_live: bool, search: TransactionSearch, by: Actor) -> Iterator[str]:
    """Return the lines of a CSV with all transactions that fit, newest first, and keep in each audit who took it.

    Times are UTC, amounts have the decimals of their currency, a refund follows its payment with a negative amount.
    Of several services each line says whose it is, in a column after the contract's. Rows are read some hundreds at a
    time.
    """
    mode = "live" if is_live else "test"
    after = {"mode": mode, "search": search.named}
    events = [audit_event("payments_exported", target=one, service=one, by=by, after=after) for one in services]
    if events:
        insert_rows(*events)
    found = find_transactions(*(service.pk for service in services), is_live=is_live, search=search)
    return _lines(found, names={service.pk: service.name for service in services})


def _texts(search: TransactionSearch) -> Q:
    lookups = {
        "reference__iexact": search.reference,
        "card_brand": search.card_brand,
        "first_digits": search.first_digits,
        "last_digits": search.last_digits,
    }
    parts = {"email": search.email, "cardholder_name": search.cardholder_name}
    asked = (part_of(column, value) for column, value in parts.items() if value)
    return Q(*asked, **{lookup: value for lookup, value in lookups.items() if value})


def with_metadata(found: PaymentQuerySet, value: str) -> PaymentQuerySet:
    """Narrow to payments with this value; PostgreSQL looks by an index where it stands anywhere in their metadata."""
    wanted = Value(value, models.TextField())
    if connection.vendor == "postgresql":
        written = Value(json.dumps(value, ensure_ascii=False)[1:-1], models.TextField())
        found = found.exclude(metadata={}).alias(metadata_text=Lower(Cast("metadata", models.TextField())))
        found = found.filter(metadata_text__contains=Lower(written))  # type: ignore[misc]
    return found.filter(HoldsValue(F("metadata"), wanted))


def _days(search: TransactionSearch) -> Q:
    found = Q()
    if search.from_date:
        found &= Q(created_at__gte=_midnight(search.from_date))
    if search.to_date:
        found &= Q(created_at__lt=_midnight(search.to_date + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _states(groups: Iterable[str]) -> Q:
    found = Q()
    for group in groups:
        if group.startswith(labels.REFUND):
            refunds = Refund.objects.filter(payment=OuterRef("pk"), status__in=labels.refund_statuses(group))
            found |= Q(Exists(refunds))
        elif group.startswith(labels.DISPUTE):
            disputes = Dispute.objects.filter(payment=OuterRef("pk"), status=group.removeprefix(labels.DISPUTE))
            found |= Q(Exists(disputes))
        else:
            found |= Q(status__in=labels.payment_statuses(group))
    return found


def _lines(found: PaymentQuerySet, *, names: Mapping[UUID, str]) -> Iterator[str]:
    table = _Table(_metadata_keys(found), names if len(names) > 1 else {})
    yield csv_line([*COLUMNS, *table.further_columns])
    secret = ("billing_address", "challenge", "instrument_id", "notification")
    payments = found.select_related("gateway_account").prefetch_related("refunds").defer(*secret)
    chunk: list[Payment] = []
    for payment in payments.iterator(chunk_size=CHUNK):
        chunk.append(payment)
        if len(chunk) == CHUNK:
            yield from _chunk_lines(chunk, table)
            chunk.clear()
    yield from _chunk_lines(chunk, table)


def _metadata_keys(found: PaymentQuerySet) -> list[str]:
    rows = found.order_by().exclude(metadata={}).values_list("metadata", flat=True)
    return sorted({key for metadata in rows.iterator(chunk_size=CHUNK * 4) for key in metadata})


def _chunk_lines(payments: Sequence[Payment], table: _Table) -> Iterator[str]:
    names = actor_names(refund.created_by for payment in payments for refund in payment.refunds.all())
    for payment in payments:
        yield csv_line([*_payment_cells(payment), *table.further_cells(payment)])
        for refund in sorted(payment.refunds.all(), key=lambda refund: (refund.created_at, refund.pk)):
            cells = _refund_cells(payment, refund, names.get(refund.created_by, ""))
            yield csv_line([*cells, *table.further_cells(payment)])


def _payment_cells(payment: Payment) -> list[Cell]:
    state = payment.state
    net = None if payment.fee is None else payment.total_amount - payment.fee
    return [
        *_who_paid(payment, payment.amount),
        *(_label(labels.payment_group(state)), _yes(state.is_finished), state.code, state.message),
        *(payment.provider_id, payment.pk, "", *_moment(payment.created_at)),
        *(_decimal(payment, payment.corporate_surcharge), _decimal(payment, payment.total_amount), payment.wallet_type),
        *(_decimal(payment, payment.fee), _decimal(payment, net), payment.card_type, _yes(payment.is_moto)),
        *(payment.provider, _yes(payment.is_challenged), payment.currency),
    ]


def _refund_cells(payment: Payment, refund: Refund, issued_by: str) -> list[Cell]:
    return [
        *_who_paid(payment, -refund.amount),
        *(_label(f"{labels.REFUND}{refund.public_status}"), _yes(refund.public_status != "submitted"), "", ""),
        *(refund.provider_id, payment.pk, issued_by, *_moment(refund.created_at)),
        *(None, _decimal(payment, -refund.amount), payment.wallet_type, None, None, payment.card_type),
        *(_yes(payment.is_moto), payment.provider, "", payment.currency),
    ]


def _who_paid(payment: Payment, amount: int) -> list[Cell]:
    return [
        *(payment.reference, payment.description, payment.email, _decimal(payment, amount), payment.card_brand),
        *(payment.cardholder_name, payment.expiry_date, payment.last_digits),
    ]


def _decimal(payment: Payment, amount: int | None) -> Cell:
    return None if amount is None else Money(amount, payment.currency).decimal


def _label(group: str) -> str:
    """The file is for programs: its words are those of the contract in every language."""
    with translation.override("en"):
        return str(labels.STATE_LABELS[group])


def _yes(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _moment(moment: datetime) -> tuple[str, str]:
    at = moment.astimezone(UTC)
    return f"{at:%d %b %Y}", f"{at:%H:%M:%S}"
