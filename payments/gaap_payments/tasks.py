"""Background work: fetched by id, handed to a service. No rules here."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db.models.signals import post_save
from django.dispatch import receiver

from gaap.providers.errors import ProviderError
from gaap.work import claim, due_ids, held, wake
from gaap_payments.models import (
    DirectDebit,
    DisputeEvidence,
    GatewayAccount,
    Mandate,
    Payment,
    Receipt,
    ReceivedProviderEvent,
    Refund,
    SandboxEvent,
)
from gaap_payments.providers.sandbox import event_message
from gaap_payments.services import (
    direct_debit_work,
    evidence,
    mandate_tokens,
    payment_counts,
    receipts,
    reconciliation,
    refunds,
    tokens,
    work,
)
from gaap_payments.services.provider_events import process_event, receive_event

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def advance_payment(payment_id: str) -> None:
    """Do what is due on one payment."""
    work.advance_payment(payment_id)


@shared_task(ignore_result=True)
def sweep_payments() -> None:
    """Do what is due on every payment that no wake-up reached: expiries, retries, lost answers."""
    for payment_id in due_ids(Payment):
        work.advance_payment(payment_id)


@shared_task(ignore_result=True)
def advance_refund(refund_id: str) -> None:
    """Do what is due on one refund."""
    refunds.advance_refund(refund_id)


@shared_task(ignore_result=True)
def sweep_refunds() -> None:
    """Do what is due on every refund that no wake-up reached."""
    for refund_id in due_ids(Refund):
        refunds.advance_refund(refund_id)


@shared_task(ignore_result=True)
def fold_payment_counts() -> None:
    """Add up how many payments came, changed and went since the last time."""
    payment_counts.fold_counts()


@shared_task(ignore_result=True)
def reconcile_accounts() -> None:
    """Have every account reconciled, each by itself."""
    for account_id in GatewayAccount.objects.values_list("pk", flat=True):
        wake(reconcile_account, str(account_id))


@shared_task(ignore_result=True)
def reconcile_account(account_id: str) -> None:
    """Compare one account's books with the provider's."""
    try:
        reconciliation.reconcile_account(GatewayAccount.objects.get(pk=account_id))
    except ProviderError as error:
        logger.warning("Gateway account %s could not be reconciled: %s", account_id, error)


@shared_task(ignore_result=True)
def process_provider_event(received_id: int) -> None:
    """Follow one event of a provider."""
    process_event(received_id)


@shared_task(ignore_result=True)
def sweep_provider_events() -> None:
    """Follow every event that waits."""
    for received_id in due_ids(ReceivedProviderEvent):
        process_event(received_id)


@shared_task(ignore_result=True)
def advance_direct_debit(payment_id: str) -> None:
    """Do what is due on one Direct Debit."""
    direct_debit_work.advance_direct_debit(payment_id)


@shared_task(ignore_result=True)
def sweep_direct_debits() -> None:
    """Do what is due on every mandate and Direct Debit."""
    for mandate_id in due_ids(Mandate):
        direct_debit_work.advance_mandate(mandate_id)
    for payment_id in due_ids(DirectDebit):
        direct_debit_work.advance_direct_debit(payment_id)


@shared_task(ignore_result=True)
def send_receipt(receipt_id: int) -> None:
    """Send one receipt."""
    receipts.send_receipt(receipt_id)


@shared_task(ignore_result=True)
def sweep_receipts() -> None:
    """Send every receipt that waits."""
    for receipt_id in due_ids(Receipt):
        receipts.send_receipt(receipt_id)


@shared_task(ignore_result=True)
def send_evidence(evidence_id: int) -> None:
    """Send one piece of evidence about a dispute."""
    evidence.send_evidence(evidence_id)


@shared_task(ignore_result=True)
def sweep_evidence() -> None:
    """Send every piece of evidence that waits."""
    for evidence_id in due_ids(DisputeEvidence):
        evidence.send_evidence(evidence_id)


@shared_task(ignore_result=True)
def purge_payment_tokens() -> None:
    """Remove old one-time tokens."""
    tokens.purge_tokens()
    mandate_tokens.purge_mandate_tokens()


@shared_task(ignore_result=True)
def send_sandbox_event(event_id: str) -> None:
    """Send one event of the sandbox in through the door for provider events."""
    event = SandboxEvent.objects.select_related("charge").get(pk=UUID(event_id))
    if not claim(event):
        return
    headers, body = event_message(event)
    receive_event(GatewayAccount.objects.get(pk=event.charge.account_id), headers=headers, body=body)
    held(event).update(due_at=None)


@shared_task(ignore_result=True)
def sweep_sandbox_events() -> None:
    """Send every event of the sandbox that waits."""
    for event_id in due_ids(SandboxEvent):
        send_sandbox_event(str(event_id))


@receiver(post_save, sender=SandboxEvent)
def wake_sandbox_event(instance: SandboxEvent, created: bool, **_: Any) -> None:
    """Send a new event of the sandbox as soon as it is committed."""
    if created:
        wake(send_sandbox_event, str(instance.pk))
