"""The daily reconciliation: the provider is asked for all that is not final and for its settlement.

Whatever its books say and ours do not is listed for operators, and struck off the list when it is gone.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap_payments import states
from gaap_payments.models import Difference, GatewayAccount, Payment, PayoutItem, Refund
from gaap_payments.providers.base import LineKind, Outcome
from gaap_payments.services.operations import charge_of, provider_for
from gaap_payments.services.settlement import settle_account
from gaap_payments.services.work import reconcile_payment

logger = logging.getLogger(__name__)

#: How long ended payments and payouts are looked at again.
LOOKS_BACK = timedelta(days=14)
ENDED_WITHIN = timedelta(days=2)

CAPTURED_THERE, NOT_CAPTURED_THERE = "captured_there", "not_captured_there"
UNKNOWN_LINE, OTHER_AMOUNT = "unknown_line", "other_amount"
#: What each kind of difference means, for operators.
MEANINGS: dict[str, str | Promise] = {
    CAPTURED_THERE: _("The provider took the money of a payment that ended without it here."),
    NOT_CAPTURED_THERE: _("The provider does not have the money of a payment that is captured here."),
    UNKNOWN_LINE: _("A payout holds a line that belongs to nothing here."),
    OTHER_AMOUNT: _("A payout holds another amount than was captured or refunded here."),
}


@dataclass(frozen=True)
class Finding:
    """One difference: what it is about, and what either side's books say."""

    kind: str
    source_id: str
    ours: str
    theirs: str


def reconcile_account(account: GatewayAccount) -> list[Finding]:
    """Follow what the provider says of one account, list the differences that stay, and return them.

    Raises ProviderError when the provider does not tell its settlement.
    """
    for payment in _unfinished(account):
        try:
            reconcile_payment(payment)
        except ProviderError as error:
            logger.warning("Payment %s could not be reconciled: %s", payment.pk, error)
    settle_account(account)
    findings = [*_ended_findings(account), *_payout_findings(account)]
    _list_differences(account, findings)
    return findings


def _unfinished(account: GatewayAccount) -> Iterator[Payment]:
    """Yield what is not final here, and what is captured and may still be refunded or disputed."""
    payments = Payment.objects.for_pages().filter(gateway_account=account).exclude(session_id="")
    yield from payments.exclude(status__in=states.PAYMENT.final).iterator()
    yield from payments.filter(status=states.CAPTURED, captured_at__gt=now() - LOOKS_BACK).iterator()


def _ended_findings(account: GatewayAccount) -> Iterator[Finding]:
    ended = Payment.objects.filter(gateway_account=account, status__in=states.PAYMENT.final).exclude(session_id="")
    provider = provider_for(account)
    for payment in ended.filter(created_at__gt=now() - ENDED_WITHIN).iterator():
        try:
            there = provider.query(charge_of(payment)).outcome is Outcome.CAPTURED
        except ProviderError:
            continue
        here = payment.status == states.CAPTURED
        if there != here:
            kind = CAPTURED_THERE if there else NOT_CAPTURED_THERE
            yield Finding(kind, payment.pk, ours=payment.status, theirs="captured" if there else "not captured")


def _payout_findings(account: GatewayAccount) -> Iterator[Finding]:
    items = PayoutItem.objects.filter(payout__gateway_account=account, payout__created_at__gt=now() - LOOKS_BACK)
    for item in items.exclude(kind=LineKind.ADJUSTMENT).select_related("payment"):
        source_id = f"{item.kind}/{item.provider_id or item.pk}"
        if item.payment is None:
            yield Finding(UNKNOWN_LINE, source_id, ours="nothing", theirs=str(item.amount))
            continue
        expected = _expected(item, item.payment)
        if expected is not None and expected != item.amount:
            yield Finding(OTHER_AMOUNT, source_id, ours=str(expected), theirs=str(item.amount))


def _expected(item: PayoutItem, payment: Payment) -> int | None:
    """Return the amount that our books have for a line; None where the provider's word is all there is."""
    if item.kind == LineKind.CHARGE:
        return payment.total_amount if payment.status == states.CAPTURED else 0
    if item.kind == LineKind.REFUND:
        refund = Refund.objects.filter(payment=payment, provider_id=item.provider_id).first()
        return -refund.amount if refund is not None else 0
    return None


@transaction.atomic
def _list_differences(account: GatewayAccount, findings: list[Finding]) -> None:
    standing = {(row.kind, row.source_id): row for row in account.differences.filter(closed_at__isnull=True)}
    for finding in findings:
        if standing.pop((finding.kind, finding.source_id), None) is None:
            Difference.objects.create(gateway_account=account, **vars(finding))
    Difference.objects.filter(pk__in=[row.pk for row in standing.values()]).update(closed_at=now())
