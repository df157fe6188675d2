"""Receipts in the payer's language, sent through Notify where that is installed (contract C.4)."""

import logging
from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.utils import translation

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.outbox.subscribers import subscribe
from gaap.work import claim, held
from gaap_payments.models import Payment, PaymentSettings, Receipt
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.receipt_texts import receipt_gaps, receipt_text
from gaap_payments.services.waking import wake_by_name

logger = logging.getLogger(__name__)

#: Contract C.4.
RETRY_AFTER = timedelta(seconds=3600)
MAXIMUM_TRIES = 24


@subscribe("payment_succeeded")
def want_receipt(event: OutboxEvent) -> None:
    """Have a receipt sent for a payment that was made."""
    _want(event, Receipt.Kind.PAYMENT)


@subscribe("refund_succeeded")
def want_refund_receipt(event: OutboxEvent) -> None:
    """Have the payer told of money that is on its way back."""
    _want(event, Receipt.Kind.REFUND)


def send_receipt(receipt_id: int) -> bool:
    """Send one receipt; returns False when there is nothing to send, or it could not be sent now.

    The message and the note that it is sent are one transaction, so that no payer gets it twice.
    """
    receipt = Receipt.objects.select_related("payment__service__payment_settings", "payment__gateway_account").get(
        pk=receipt_id
    )
    if not claim(receipt):
        return False
    if receipt.attempts > MAXIMUM_TRIES or not receipt.payment.email:
        held(receipt).update(due_at=None)
        return False
    return _send(receipt)


def is_wanted(payment: Payment, kind: str) -> bool:
    """Tell whether ``payment`` gets a receipt of this kind: the service may not want it, or nobody gave an address."""
    settings = settings_of(payment.service)
    if not payment.email or settings.email == PaymentSettings.EmailMode.OFF:
        return False
    return settings.sends_receipts if kind == Receipt.Kind.PAYMENT else settings.sends_refund_receipts


def _want(event: OutboxEvent, kind: Receipt.Kind) -> None:
    if not apps.is_installed("gaap_notify"):
        return
    payment = Payment.objects.for_pages().get(pk=event.data["payment_id"])
    if not is_wanted(payment, kind):
        return
    receipt, is_new = Receipt.objects.get_or_create(
        payment=payment,
        event_id=event.id,
        defaults={"kind": kind, "amount": event.data["amount"], "due_at": now()},
    )
    if is_new:
        wake_by_name("gaap_payments.tasks.send_receipt", receipt.pk)


def _send(receipt: Receipt) -> bool:
    from gaap_notify.public import PlatformEmail, RecipientError, send_platform_email

    payment = receipt.payment
    language = spoken_language(payment.language)
    with translation.override(language):
        subject, body = receipt_text(receipt.kind)
        gaps = receipt_gaps(receipt, settings_of(payment.service))
    email = PlatformEmail(
        kind=f"{receipt.kind}_receipt",
        language=language,
        recipient=payment.email,
        subject=subject,
        body=body,
        personalisation=gaps,
        reference=payment.pk,
        is_test=not payment.is_live,
    )
    try:
        with transaction.atomic():
            message_id = send_platform_email(email)
            if not held(receipt).update(due_at=None, sent_at=now(), message_id=message_id, failure=""):
                raise RecipientError("Another worker took over.")
    except RecipientError as error:
        logger.warning("No receipt %s for payment %s: %s", receipt.pk, payment.pk, type(error).__name__)
        held(receipt).update(due_at=now() + RETRY_AFTER, failure=type(error).__name__)
        return False
    return True
