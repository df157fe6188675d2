"""What providers send us: kept as it came, verified, and then followed once."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap.work import claim
from gaap_payments.errors import ProviderEventRefusedError
from gaap_payments.models import GatewayAccount, Payment, ReceivedProviderEvent
from gaap_payments.providers.base import ProviderEvent, SignatureError
from gaap_payments.services.direct_debit_work import find_direct_debit_id, follow_direct_debit
from gaap_payments.services.operations import provider_for
from gaap_payments.services.settlement import settle_account
from gaap_payments.services.waking import wake_by_name
from gaap_payments.services.work import reconcile_payment


def receive_event(account: GatewayAccount, *, headers: Mapping[str, str], body: bytes) -> ReceivedProviderEvent:
    """Store an incoming event before anything in it is believed, verify it, and wake a worker to follow it.

    ``headers`` have lower-case names. An event that came before is kept and not followed again. Raises
    ProviderEventRefusedError when it is not from the provider; the reason stays on the row.
    """
    text = body.decode("utf-8", errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    kept: Any = dict(headers)
    received = ReceivedProviderEvent.objects.create(account=account, headers=kept, body=text)
    try:
        event = provider_for(account).parse_event(headers, body)
    except SignatureError as error:
        _note(received, failure=str(error)[:500])
        raise ProviderEventRefusedError(str(error)) from error
    _accept(received, event=event)
    return received


def process_event(received_id: int) -> bool:
    """Ask the provider what is true now of the payment that an event names; returns False when there is nothing to do.

    An event without a payment is about the account's payouts.
    When the provider does not answer, the event stays due and the reason stands on the row.
    """
    received = ReceivedProviderEvent.objects.get(pk=received_id)
    if not claim(received):
        return False
    payments = Payment.objects.for_pages().filter(gateway_account=received.account_id, pk=received.payment_id)
    try:
        if not received.payment_id:
            settle_account(received.account)
        for payment in payments:
            reconcile_payment(payment)
        follow_direct_debit(received.account_id, received.payment_id)
    except ProviderError as error:
        _note(received, failure=str(error)[:500])
        return False
    _note(received, processed_at=now(), due_at=None, failure="")
    return True


@transaction.atomic
def _accept(received: ReceivedProviderEvent, *, event: ProviderEvent) -> None:
    try:
        with transaction.atomic():
            payment_id = event.payment_id or _payment_of(received, event)
            _note(received, event_id=event.event_id, payment_id=payment_id, is_verified=True, due_at=now())
    except IntegrityError:
        _note(received, is_verified=True, failure="Received before.")
        return
    wake_by_name("gaap_payments.tasks.process_provider_event", received.pk)


def _payment_of(received: ReceivedProviderEvent, event: ProviderEvent) -> str:
    """Find the payment by what the provider calls it."""
    if not event.session_id:
        return ""
    payments = Payment.objects.filter(gateway_account=received.account_id, session_id=event.session_id)
    payment_id = payments.values_list("pk", flat=True).first()
    return payment_id or find_direct_debit_id(received.account_id, event.session_id)


def _note(received: ReceivedProviderEvent, **values: object) -> None:
    ReceivedProviderEvent.objects.filter(pk=received.pk).update(**values)
