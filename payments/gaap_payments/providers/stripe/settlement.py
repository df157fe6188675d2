"""What Stripe pays out, line by line."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from gaap_payments.providers.base import LineKind, PayoutLine, PayoutOutcome, PayoutStatus
from gaap_payments.providers.stripe.client import StripeApi
from gaap_payments.providers.stripe.reading import moment
from gaap_payments.providers.stripe.words import LINES, PAYOUTS


def payouts_since(api: StripeApi, since: datetime) -> list[PayoutStatus]:
    """Return the payouts that were made, or reach the bank, since then; raises ProviderError."""
    edge = {"gte": int(since.timestamp())}
    found = {
        payout.id: payout
        for narrowed in ({"created": edge}, {"arrival_date": edge})
        for payout in api.every("payouts", narrowed)
    }
    return [_status(payout, tuple(_lines(api, payout))) for payout in found.values()]


def _lines(api: StripeApi, payout: Any) -> Iterator[PayoutLine]:
    movements = api.every("balance_transactions", {"payout": payout.id, "expand": ["data.source"]})
    for movement in movements:
        if movement.type != "payout":
            yield _line(movement)


def _line(movement: Any) -> PayoutLine:
    source = movement.source
    is_dispute = source is not None and source.object == "dispute"
    return PayoutLine(
        LineKind.DISPUTE if is_dispute else LINES.get(movement.type, LineKind.ADJUSTMENT),
        amount=movement.amount,
        fee=movement.fee,
        payment_id=_payment_id(source),
        provider_id=_provider_id(source),
    )


def _payment_id(source: Any) -> str:
    return str(getattr(getattr(source, "metadata", None), "payment_id", None) or "")


def _provider_id(source: Any) -> str:
    """Name a charge by its PaymentIntent, which is our ``provider_id``; refunds and disputes by themselves."""
    if source is None:
        return ""
    return str(source.payment_intent if source.object == "charge" else source.id)


def _status(payout: Any, lines: tuple[PayoutLine, ...]) -> PayoutStatus:
    outcome = PAYOUTS[payout.status]
    return PayoutStatus(
        provider_id=payout.id,
        outcome=outcome,
        amount=payout.amount,
        currency=payout.currency.upper(),
        created_at=moment(payout.created),
        paid_on=_day(payout.arrival_date) if outcome is PayoutOutcome.PAID else None,
        lines=lines,
    )


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, tz=UTC).date()
