"""The ``notify`` section of a provisioning file."""

import pytest

from gaap.audit.models import AuditEvent
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER
from gaap_notify.models import GuestListEntry, NotifySettings, ReplyTo, SmsSender, Template, TemplateVersion

TEMPLATE_ID = "9b3a6a8e-7f0d-4a54-a0a5-25b4b6c1c1f0"


def document(**section):
    return {
        "organisations": [{"name": "Ministry of Transport"}],
        "services": [{"name": "Renew", "organisation": "Ministry of Transport", "notify": section}],
    }


def apply(**section):
    return provision(document(**section), by=TESTER)["services"][0]["notify"]


def email(*bodies, **more):
    versions = [{"name": "Receipt", "subject": "S", "body": body} for body in bodies]
    return {"type": "email", "versions": versions, **more}


WHOLE = {
    "permissions": ["email", "sms", "international_sms"],
    "email_from": "renew-vehicle",
    "sms_prefix": False,
    "sms_alphabet": "unicode",
    "default_region": "VN",
    "sms_senders": [{"sender": "GOVT", "default": True}, {"sender": "RENEW"}],
    "reply_to": [{"email": "help@transport.example", "default": True}],
    "guest_list": ["someone@example.org", "0912 345 678"],
    "templates": [email("one", "two", id=TEMPLATE_ID)],
}


def test_everything(db):
    result = apply(**WHOLE)
    settings = NotifySettings.objects.get()
    assert settings.permissions == ["email", "sms", "international_sms"]
    assert (settings.email_from, settings.has_sms_prefix) == ("renew-vehicle", False)
    assert (settings.sms_alphabet, settings.default_region) == ("unicode", "VN")
    assert [sender["sender"] for sender in result["sms_senders"]] == ["GOVT", "RENEW"]
    assert SmsSender.objects.get(is_default=True).sender == "GOVT"
    assert ReplyTo.objects.get().email == "help@transport.example"
    assert {entry.recipient for entry in GuestListEntry.objects.all()} == {"someone@example.org", "84912345678"}
    assert result["templates"] == [{"id": TEMPLATE_ID, "name": "Receipt", "type": "email", "version": 2}]


def test_again_without_harm(db):
    first = apply(**WHOLE)
    audited = AuditEvent.objects.count()
    assert apply(**WHOLE) == first
    assert AuditEvent.objects.count() == audited
    assert TemplateVersion.objects.count() == 2


def test_more_versions_are_added(db):
    apply(templates=[email("one")])
    assert apply(templates=[email("one", "two", "three")])["templates"][0]["version"] == 3
    assert Template.objects.count() == 1


def test_a_template_that_went_another_way_gets_only_the_last_text(db):
    apply(templates=[email("one", "other")])
    assert apply(templates=[email("one", "two")])["templates"][0]["version"] == 3
    assert list(Template.objects.values_list("current__body", flat=True)) == ["two"]


def test_archiving_and_back(db):
    apply(templates=[email("one", archived=True)])
    assert Template.objects.get().is_archived
    apply(templates=[email("one")])
    assert not Template.objects.get().is_archived


def test_default_moves(db):
    apply(sms_senders=[{"sender": "FIRST", "default": True}])
    apply(sms_senders=[{"sender": "SECOND", "default": True}])
    assert SmsSender.objects.get(is_default=True).sender == "SECOND"


def test_guest_list_is_replaced(db):
    apply(guest_list=["a@example.org", "b@example.org"])
    apply(guest_list=["b@example.org"])
    assert [entry.recipient for entry in GuestListEntry.objects.all()] == ["b@example.org"]


def test_no_guest_is_in_the_audit(db):
    apply(guest_list=["canary@example.org"])
    assert "canary" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"limits": {}}, "services[0].notify: "),
        ({"received_texts": [{"from": "x", "to": "1", "content": ""}]}, "services[0].notify.received_texts[0].from: "),
        ({"permissions": ["fax"]}, "services[0].notify.permissions[0]: "),
        ({"email_from": "a b"}, "services[0].notify.email_from: "),
        ({"sms_alphabet": "utf8"}, "services[0].notify.sms_alphabet: "),
        ({"sms_senders": [{"sender": "00"}]}, "services[0].notify.sms_senders[0].sender: "),
        (
            {"sms_senders": [{"sender": "AAA", "default": True}, {"sender": "BBB", "default": True}]},
            "services[0].notify.sms_senders: Only one entry can be the default.",
        ),
        ({"guest_list": ["nobody"]}, "services[0].notify.guest_list[0]: "),
        ({"guest_list": ["a@example.org", "a@b"]}, "services[0].notify.guest_list[1]: Not a valid email address."),
        (
            {"templates": [{"type": "sms", "versions": [{"name": "x", "subject": "s", "body": "b"}]}]},
            "services[0].notify.templates[0].versions[0]: An email or letter needs a subject",
        ),
        (
            {"templates": [{"type": "email", "versions": [{"name": "x", "body": "b"}]}]},
            "services[0].notify.templates[0].versions[0]: An email or letter needs a subject",
        ),
        ({"templates": [{"type": "fax", "versions": []}]}, "services[0].notify.templates[0].type: "),
        (
            {"templates": [email("a", id=TEMPLATE_ID), email("b", id=TEMPLATE_ID)]},
            "services[0].notify.templates[0].id: Another template of this file has the same id.",
        ),
    ],
)
def test_faults(db, section, fault):
    with pytest.raises(ProvisionError) as caught:
        apply(**section)
    assert any(str(one).startswith(fault) for one in caught.value.faults), caught.value
    assert not NotifySettings.objects.exists()
    assert not Template.objects.exists()


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("templates", email("one", id=TEMPLATE_ID)),
        ("sms_senders", {"sender": "GOVT", "id": TEMPLATE_ID}),
        ("reply_to", {"email": "a@example.org", "id": TEMPLATE_ID}),
    ],
)
def test_ids_of_another_service(db, name, entry):
    apply(**{name: [entry]})
    elsewhere = document(**{name: [entry]})
    elsewhere["services"][0] |= {"name": "Another", "id": "2f3b0c1e-6f1d-4a64-8f3d-0f8e4a3c2b1a"}
    for _ in range(2):
        with pytest.raises(ProvisionError, match=r"\[0\].id: This id belongs to another service"):
            provision(elsewhere, by=TESTER)
        elsewhere["services"][0].pop("id", None)


def test_template_of_another_type(db):
    apply(templates=[email("one", id=TEMPLATE_ID)])
    text = {"type": "sms", "id": TEMPLATE_ID, "versions": [{"name": "x", "body": "b"}]}
    with pytest.raises(ProvisionError, match="template of another type"):
        apply(templates=[text])
