"""Receipts by email: in the payer's language, once, and only where they are wanted."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.outbox.relay import relay_waiting
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_payments.models import GatewayAccount, Payment, Receipt
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.receipts import MAXIMUM_TRIES, send_receipt, want_receipt, want_refund_receipt
from gaap_payments.tasks import sweep_receipts
from tests.payments.support import Citizen, create

pytestmark = pytest.mark.django_db

SUBJECTS = {
    "en": "Receipt for your payment to",
    "cy": "Derbynneb am eich taliad i",
    "vi": "Biên nhận cho khoản thanh toán của bạn tới",
}
AMOUNTS = {
    ("en", 30, "GBP"): "£0.30",
    ("cy", 10_000_000, "GBP"): "£100,000.00",
    ("vi", 1_000, "VND"): "1.000 ₫",
    ("en", 50_000_000, "VND"): "50,000,000 ₫",
}


def paid(api: Client, **changes: Any) -> Payment:
    Citizen(create(api, **changes)).pay()
    relay_waiting()
    return Payment.objects.get()


def sent() -> Notification:
    sweep_receipts()
    return Notification.objects.get()


@pytest.mark.parametrize(("language", "amount", "currency"), AMOUNTS)
def test_payer_gets_a_receipt_in_their_language(
    api: Client, account: GatewayAccount, language: str, amount: int, currency: str
) -> None:
    payment = paid(api, language=language, amount=amount, currency=currency)
    message = sent()
    assert message.recipient == "ngoc@example.org"
    assert message.subject.startswith(SUBJECTS[language])
    assert AMOUNTS[language, amount, currency] in message.body.replace("\N{NO-BREAK SPACE}", " ")
    assert payment.reference in message.body
    assert "((" not in message.body
    assert message.reference == payment.pk
    assert Receipt.objects.get().message_id == message.pk


def test_receipt_says_how_to_get_help(api: Client, account: GatewayAccount) -> None:
    save_settings(
        account.service, by=TESTER, help_text="Ring 0300 123 4567", receipt_paragraph="Your disc comes by post."
    )
    payment = paid(api)
    body = sent().body
    assert "Ring 0300 123 4567" in body
    assert "Your disc comes by post." in body
    page = Client()
    citizen = Citizen({"payment_id": payment.pk, "_links": {"next_url": {"href": "/"}}}, browser=page)
    assert citizen.get().status_code == 403


def test_event_that_comes_again_sends_nothing_more(api: Client, account: GatewayAccount) -> None:
    paid(api)
    want_receipt(OutboxEvent.objects.get(name="payment_succeeded"))
    sweep_receipts()
    sweep_receipts()
    assert not send_receipt(Receipt.objects.get().pk)
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("settings", [{"sends_receipts": False}, {"email": "off"}])
def test_services_may_want_none(api: Client, account: GatewayAccount, settings: dict[str, Any]) -> None:
    citizen = Citizen(create(api, email="ngoc@example.org"))
    save_settings(account.service, by=TESTER, **settings)
    citizen.pay()
    relay_waiting()
    assert Payment.objects.get().state.status == "success"
    assert not Receipt.objects.exists()


def test_no_address_no_receipt(api: Client, account: GatewayAccount) -> None:
    citizen = Citizen(create(api))
    citizen.enter()
    citizen.post("wallet", wallet="Apple Pay")
    relay_waiting()
    assert Payment.objects.get().state.status == "success"
    assert not Receipt.objects.exists()


def test_without_notify_nobody_is_told(api: Client, account: GatewayAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.apps import apps

    monkeypatch.setattr(apps, "is_installed", lambda name: False)
    paid(api)
    assert not Receipt.objects.exists()


def test_address_that_takes_nothing_is_tried_again_and_then_left(api: Client, account: GatewayAccount) -> None:
    paid(api)
    Payment.objects.update(email="nobody")
    sweep_receipts()
    receipt = Receipt.objects.get()
    assert (receipt.failure, receipt.sent_at) == ("RecipientError", None)
    assert receipt.due_at is not None
    assert receipt.due_at > now() + timedelta(minutes=59)
    Receipt.objects.update(attempts=MAXIMUM_TRIES, due_at=now())
    sweep_receipts()
    assert Receipt.objects.get().due_at is None
    assert not Notification.objects.exists()


def test_refund_is_told_of(api: Client, account: GatewayAccount) -> None:
    payment = paid(api)
    Receipt.objects.all().delete()
    data = {"refund_id": "r", "payment_id": payment.pk, "amount": 500, "currency": "GBP", "status": "success"}
    want_refund_receipt(OutboxEvent(name="refund_succeeded", subject="refund/r", data=data))
    message = sent()
    assert message.subject.startswith("Your refund from")
    assert "£5.00" in message.body
