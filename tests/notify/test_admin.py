"""What operators see: enough to run the platform, and no recipient or text."""

import pytest

from gaap.audit.models import AuditEvent
from gaap_notify.admin.notifications import mask
from gaap_notify.models import Notification, NotifySettings, Receipt, ReplyTo, SandboxMessage, SmsSender
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.sandbox import post_report

MODELS = ["notification", "receipt", "sandboxmessage", "notifysettings", "smssender", "replyto", "template"]


@pytest.fixture
def delivered(send_email):
    work_on_notification(send_email(reference="case 12").id)
    post_report(SandboxMessage.objects.get().pk)
    return Notification.objects.get()


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens(operator_client, delivered, sms_template, model):
    assert operator_client.get(f"/admin/gaap_notify/{model}/").status_code == 200


@pytest.mark.parametrize("model", ["notification", "receipt", "sandboxmessage"])
def test_details_show_no_recipient_and_no_text(operator_client, delivered, model):
    rows = {"notification": delivered, "receipt": Receipt.objects.get(), "sandboxmessage": SandboxMessage.objects.get()}
    for path in (f"/admin/gaap_notify/{model}/", f"/admin/gaap_notify/{model}/{rows[model].pk}/change/"):
        page = operator_client.get(path)
        assert page.status_code == 200
        assert "ngoc@example.org" not in page.content.decode()
        assert "Dear Ngọc" not in page.content.decode()


@pytest.mark.parametrize("term", ["case 12", "ngoc@example.org", " NGOC@example.org"])
def test_search(operator_client, delivered, send_email, term):
    send_email("another@example.org", reference="another matter")
    page = operator_client.get("/admin/gaap_notify/notification/", {"q": term}).content.decode()
    assert "case 12" in page
    assert "another matter" not in page


def test_nothing_of_a_message_can_be_changed(operator_client, delivered):
    path = f"/admin/gaap_notify/notification/{delivered.pk}"
    assert operator_client.post(f"{path}/change/", {"status": "created"}).status_code == 403
    assert operator_client.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert operator_client.get("/admin/gaap_notify/notification/add/").status_code == 403


def test_settings_are_changed_through_the_service(operator_client, service):
    form = {
        "service": str(service.pk),
        "permissions": ["email"],
        "email_from": "renew",
        "sms_alphabet": "unicode",
        "default_region": "VN",
        "email_provider": "smtp",
        "sms_provider": "",
    }
    answer = operator_client.post("/admin/gaap_notify/notifysettings/add/", form)
    assert answer.status_code == 302, answer.content
    settings = NotifySettings.objects.get()
    assert (settings.permissions, settings.email_provider, settings.has_sms_prefix) == (["email"], "smtp", False)
    assert AuditEvent.objects.filter(action="notify_settings_changed", actor_kind="person").count() == 1
    page = operator_client.get(f"/admin/gaap_notify/notifysettings/{settings.pk}/change/")
    assert page.status_code == 200


def test_unknown_provider_is_not_offered(operator_client, service):
    form = {"service": str(service.pk), "sms_alphabet": "gsm", "default_region": "GB", "email_provider": "nobody"}
    page = operator_client.post("/admin/gaap_notify/notifysettings/add/", form)
    assert page.status_code == 200
    assert not NotifySettings.objects.exists()


def test_senders_keep_one_default(operator_client, service):
    for sender in ("FIRST", "SECOND"):
        form = {"service": str(service.pk), "sender": sender, "is_default": "on"}
        assert operator_client.post("/admin/gaap_notify/smssender/add/", form).status_code == 302
    assert list(SmsSender.objects.filter(is_default=True).values_list("sender", flat=True)) == ["SECOND"]
    form = {"service": str(service.pk), "email": "help@transport.example", "is_default": "on"}
    assert operator_client.post("/admin/gaap_notify/replyto/add/", form).status_code == 302
    assert ReplyTo.objects.get().is_default


@pytest.mark.parametrize(
    ("recipient", "masked"), [("ngoc@example.org", "n•••@example.org"), ("447700900123", "•••123")]
)
def test_mask(recipient, masked):
    assert mask(recipient) == masked
