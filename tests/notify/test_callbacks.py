"""The contract's callbacks (spec A.15), sent to a receiver on loopback."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from gaap.actors import SYSTEM
from gaap.keys.services import create_api_key
from gaap.outbox.relay import relay_waiting
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.replays import replay_delivery
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.services.sending import take_turn
from gaap_notify.models import Notification
from gaap_notify.services.callback_bodies import written_time
from gaap_notify.services.callback_style import CallbackStyle
from gaap_notify.services.callbacks import CallbackKind, callbacks_of, remove_callback, set_callback
from gaap_notify.services.letters.accepting import LetterOrder, accept_letter
from gaap_notify.services.letters.changing import return_letter
from gaap_notify.services.notifications import change_status
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from tests.console.conftest import browser_of, colleague
from tests.notify.tokens import NotifyClient
from tests.platform.receiver import receiving

pytestmark = pytest.mark.django_db

TOKEN = "correct-horse-battery"
FIELDS = {
    *("id", "reference", "to", "status", "created_at", "completed_at", "sent_at"),
    *("notification_type", "template_id", "template_version"),
}


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.GAAP_EMBEDDED = True


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


@pytest.fixture
def callback(service, receiver):
    return set_callback(service, "delivery_status", url=receiver.url, bearer_token=TOKEN, by=TESTER)


@pytest.fixture
def ended(send_sms):
    """Return a function that brings a new message to its end."""

    def end(*statuses, **details):
        notification = Notification.objects.get(pk=send_sms(**details).id)
        for status in statuses:
            change_status(notification, status, by=SYSTEM)
        while relay_waiting():
            pass
        return notification

    return end


def test_status_is_told_as_the_contract_says(callback, receiver, ended):
    notification = ended("sending", "delivered", reference="case 7")
    take_turn(callback.pk)
    (received,) = receiver.received
    body = json.loads(received.body)
    assert set(body) == FIELDS
    assert body["id"] == str(notification.pk)
    assert body["to"] == "07700900123"
    assert (body["status"], body["reference"], body["notification_type"]) == ("delivered", "case 7", "sms")
    assert body["template_version"] == 1
    assert body["completed_at"] == notification.completed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert received.headers["authorization"] == f"Bearer {TOKEN}"
    assert received.headers["content-type"] == "application/json"
    assert not {"webhook-id", "webhook-signature"} & set(received.headers)


@pytest.mark.parametrize("status", ["delivered", "permanent-failure", "temporary-failure", "technical-failure"])
def test_every_end_is_told_once(callback, receiver, ended, status):
    ended(status)
    take_turn(callback.pk)
    assert [json.loads(received.body)["status"] for received in receiver.received] == [status]


@pytest.mark.parametrize("status", ["sending", "sent", "pending"])
def test_what_is_no_end_is_not_told(callback, ended, status):
    ended(status)
    assert not Delivery.objects.exists()


def test_other_services_hear_nothing(callback, other_service, ended, receiver):
    set_callback(other_service, "delivery_status", url=receiver.url, bearer_token=TOKEN, by=TESTER)
    ended("delivered")
    assert [delivery.subscription for delivery in Delivery.objects.all()] == [callback]


@pytest.mark.parametrize("status", [None, 429, 500, 503])
def test_is_tried_five_times_more(callback, receiver, ended, status):
    style = CallbackStyle()
    assert style.is_retried(status)
    assert style.ladder == (timedelta(seconds=300),) * 5
    assert style.timeout_seconds == 5


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_other_refusals_are_meant(callback, receiver, ended, status):
    receiver.reply(status)
    ended("delivered")
    take_turn(callback.pk)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.failure) == ("failed", f"HTTP {status}")


def test_returned_letter_is_told_as_the_contract_says(service, receiver):
    """From the API's door to the callback: accepted, printed, returned by its printer, told once."""
    change_settings(service, permissions=["letter"], by=TESTER)
    template = create_template(service, type="letter", name="Licence", subject="Hello", body="Dear ((name))", by=TESTER)
    callback = set_callback(service, "returned_letter", url=receiver.url, bearer_token=TOKEN, by=TESTER)
    address = {"address_line_1": "Ann", "address_line_2": "1 Long Street", "postcode": "SW1A 1AA"}
    order = LetterOrder(
        service=service,
        key_type="live",
        template_id=template.pk,
        personalisation={"name": "Ann", **address},
        reference="case 9",
    )
    notification = Notification.objects.get(pk=accept_letter(order).id)
    for status in ("sending", "delivered"):
        change_status(notification, status, by=SYSTEM)
    assert return_letter(notification, by=SYSTEM, reason="unknown at this address")
    assert not return_letter(notification, by=SYSTEM)
    while relay_waiting():
        pass
    take_turn(callback.pk)
    (received,) = receiver.received
    assert json.loads(received.body) == {
        "notification_id": str(notification.pk),
        "reference": "case 9",
        "date_sent": written_time(notification.sent_at or notification.created_at),
        "sent_by": None,
        "template_name": "Licence",
        "template_id": str(template.pk),
        "template_version": 1,
        "spreadsheet_file_name": None,
        "spreadsheet_row_number": None,
        "upload_letter_file_name": None,
    }
    assert received.headers["authorization"] == f"Bearer {TOKEN}"
    shown = NotifyClient(create_api_key(service, name="x", type="live", by=TESTER).api_key)
    assert shown.get(f"/v2/notifications/{notification.pk}").json()["status"] == "received"


def test_failed_one_is_sent_again_from_the_console(callback, receiver, ended):
    receiver.reply(404)
    ended("delivered")
    take_turn(callback.pk)
    replay_delivery(Delivery.objects.get(), by=TESTER)
    take_turn(callback.pk)
    assert receiver.received[0].body == receiver.received[1].body


def test_setting_again_replaces_address_and_token(service, callback, receiver):
    again = set_callback(service, "delivery_status", url=f"{receiver.url}/2", bearer_token="another-token", by=TESTER)
    assert again.pk == callback.pk
    assert callbacks_of(service.pk)["delivery_status"].url == f"{receiver.url}/2"
    assert usable_secrets(callback) == ["another-token"]


def test_removed_one_hears_nothing(service, callback, ended):
    assert remove_callback(service, "delivery_status", by=TESTER)
    assert not remove_callback(service, "delivery_status", by=TESTER)
    ended("delivered")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("token", ["", "short", "123456789", "has a space in it", "ümlaut-token", "a" * 1001])
def test_token_that_cannot_be_sent_is_refused(service, receiver, token):
    with pytest.raises(WebhookError):
        set_callback(service, "delivery_status", url=receiver.url, bearer_token=token, by=TESTER)
    assert not Subscription.objects.exists()


def test_plain_http_is_refused_outside_of_embedded_instances(service, settings):
    settings.GAAP_EMBEDDED = False
    with pytest.raises(WebhookError):
        set_callback(service, "complaint", url="http://transport.example/x", bearer_token=TOKEN, by=TESTER)


def declared(**callbacks):
    section = {"notify": {"callbacks": callbacks}}
    service = {"name": "Renew", "organisation": "Ministry of Transport", **section}
    return {"organisations": [{"name": "Ministry of Transport"}], "services": [service]}


def test_file_sets_them_once(db):
    document = declared(**{kind: {"url": f"https://a.example/{kind}", "bearer_token": TOKEN} for kind in CallbackKind})
    for _ in range(2):
        provision(document, by=TESTER)
    found = Subscription.objects.get(events=["complaint"])
    assert Subscription.objects.count() == 4
    assert usable_secrets(found) == [TOKEN]
    assert found.secrets.count() == 1


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"url": "ftp://a.example", "bearer_token": TOKEN}, "url"),
        ({"url": "https://a.example", "bearer_token": "short"}, "bearer_token"),
        ({"url": "https://a.example", "bearer_token": "with a space"}, "bearer_token"),
    ],
)
def test_file_with_a_fault_names_it(db, entry, path):
    with pytest.raises(ProvisionError, match=rf"callbacks\.complaint\.{path}"):
        provision(declared(complaint=entry), by=TESTER)


@pytest.fixture
def browser(service):
    return browser_of(colleague(service, "developer"))


def test_page_sets_changes_and_removes(service, browser, receiver):
    page = reverse("notify-console-callbacks", args=[service.pk])
    form = reverse("notify-console-callback", args=[service.pk, "inbound_sms"])
    assert browser.post(form, {"url": receiver.url, "bearer_token": TOKEN}).status_code == 302
    shown = browser.get(page).content.decode()
    assert receiver.url in shown
    assert TOKEN not in shown + browser.get(form).content.decode()
    browser.post(reverse("notify-console-remove-callback", args=[service.pk, "inbound_sms"]))
    assert not callbacks_of(service.pk)


def test_page_says_what_is_wrong(service, browser):
    form = reverse("notify-console-callback", args=[service.pk, "complaint"])
    answer = browser.post(form, {"url": "http://10.0.0.1/", "bearer_token": "short"}).content.decode()
    assert 'href="#id_url"' in answer
    assert 'href="#id_bearer_token"' in answer
    assert not Subscription.objects.exists()


def test_unknown_kind_is_not_there(service, browser):
    assert browser.get(reverse("notify-console-callback", args=[service.pk, "nonsense"])).status_code == 404
