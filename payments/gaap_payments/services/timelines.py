"""What happened to a payment, refunds and disputes included, as its team reads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_payments import labels
from gaap_payments.models import Payment
from gaap_payments.money import Money
from gaap_payments.services.actor_names import actor_names

_KINDS: Mapping[str, str | Promise] = {
    "citizen": _("the payer"),
    "api_key": _("your service"),
    "person": _("a colleague"),
}


@dataclass(frozen=True)
class Moment:
    """One line of a payment's story. ``actor`` is ``kind:id``; ``who`` is that in words, or empty."""

    at: datetime
    label: str | Promise
    money: Money | None = None
    actor: str = ""
    who: str | Promise = ""


def read_transaction(payment: Payment, *, by: Actor) -> list[Moment]:
    """Return the story of a payment, oldest first, and keep in the audit that somebody looked."""
    record("payment_viewed", target=payment, by=by)
    moments = sorted(_moments(payment), key=lambda moment: moment.at)
    names = actor_names(moment.actor for moment in moments)
    return [replace(moment, who=_who(moment.actor, names)) for moment in moments]


def _moments(payment: Payment) -> Iterator[Moment]:
    for event in payment.public_events():
        label = _payment_label(event.state.status, labels.payment_group(event.state))
        yield Moment(event.occurred_at, label, payment.total, event.actor)
    for request in payment.refund_requests.all():
        yield Moment(
            request.requested_at, _("Refund asked for"), _of(payment, request.amount), _person(request.requested_by_id)
        )
        if request.decided_at:
            label = labels.REQUEST_LABELS[request.status]
            yield Moment(request.decided_at, label, _of(payment, request.amount), _person(request.decided_by_id))
    for refund in payment.refunds.all():
        label = labels.STATE_LABELS[f"{labels.REFUND}{refund.public_status}"]
        yield Moment(refund.created_at, label, _of(payment, refund.amount), refund.created_by)
    for dispute in payment.disputes.all():
        label = labels.STATE_LABELS[f"{labels.DISPUTE}{dispute.status}"]
        yield Moment(dispute.created_at, label, _of(payment, dispute.amount))


def _payment_label(status: str, group: str) -> str | Promise:
    steps: dict[str, str | Promise] = {
        "created": _("Payment created"),
        "started": _("The payer opened the pages"),
        "submitted": _("The money is reserved"),
        "capturable": _("Confirmed; waits for your service to take the money"),
    }
    return steps.get(status, labels.STATE_LABELS[group])


def _of(payment: Payment, amount: int) -> Money:
    return Money(amount, payment.currency)


def _person(user_id: int | None) -> str:
    return f"person:{user_id}"


def _who(actor: str, names: dict[str, str]) -> str | Promise:
    kind, _colon, _id = actor.partition(":")
    return names[actor] if actor in names else _KINDS.get(kind, "")
