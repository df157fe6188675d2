"""A file that was written back changes nothing, holds no secret, and names everything that a file may say."""

import copy
import json
import uuid
from io import StringIO
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from gaap.audit.models import AuditEvent
from gaap.components import components
from gaap.keys.models import ApiKey
from gaap.organisations.models import Organisation, Service
from gaap.provisioning.check import ProvisionError, written_path
from gaap.provisioning.difference import provision_difference
from gaap.provisioning.export import export_document, section_exports
from gaap.provisioning.schema import document_schema
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER

pytestmark = pytest.mark.django_db
ID, ORGANISATION, BLOCK = (str(uuid.uuid4()) for _ in range(3))
PEM = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
#: One black dot.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
SECRETS = {
    "api key": str(uuid.uuid4()),
    "client": "client-secret-of-32-letters-canary",
    "token": "bearer-token-canary",
    "webhook": "webhook-secret-canary-0123456789",
}
#: What a file may say and an export never does: secrets, and what is there for trying out only.
NEVER_EXPORTED = {
    *("services.api_keys.secret", "services.identity.clients.client_secret", "services.identity.people"),
    *("services.notify.callbacks.*.bearer_token", "services.notify.received_texts"),
    *("services.payments.gateway_accounts.credentials", "services.payments.webhooks.secret"),
}

IDENTITY: dict[str, Any] = {
    "clients": [
        {
            "client_id": "renew-vehicle",
            "name": "Renew",
            "redirect_uris": ["https://renew.example/a", "https://renew.example/b"],
            "post_logout_redirect_uris": ["https://renew.example/bye"],
            "back_channel_logout_uri": "https://renew.example/out",
            "security_events_uri": "https://renew.example/danger",
            "public_key": PEM.decode(),
            "auth_method": "private_key_jwt",
            "id_token_alg": "RS256",
            "scopes": ["openid", "email"],
            "claims": ["coreIdentityJWT", "address"],
            "levels": ["P0", "P2"],
            "subject_type": "pairwise",
            "sector_identifier": "transport.example",
            "pkce_required": True,
            "jar_required": False,
            "max_age_allowed": True,
            "nonce_required": False,
            "standard": False,
            "takes_powers": True,
            "rate_limit": 50,
            "active": False,
        },
        {
            "client_id": "with-keys-elsewhere",
            "redirect_uris": ["https://renew.example/c"],
            "jwks_uri": "https://renew.example/keys",
        },
        {
            "client_id": "with-a-secret",
            "redirect_uris": ["https://renew.example/d"],
            "client_secret": SECRETS["client"],
            "auth_method": "client_secret_post",
        },
    ],
    "power_scopes": [
        {"identifier": "renew", "name": "Renew it", "names": {"cy": "Adnewyddu"}, "active": True},
        {"identifier": "sell", "name": "Sell it", "active": False},
    ],
}
NOTIFY: dict[str, Any] = {
    "permissions": ["email", "sms", "letter", "international_sms"],
    "email_from": "renew-vehicle",
    "sms_prefix": False,
    "sms_alphabet": "unicode",
    "default_region": "VN",
    "contact_details": "https://transport.example/help",
    "retention_days": {"email": 30, "sms": 3, "letter": 90},
    "sms_senders": [{"sender": "GOVT", "default": True}, {"sender": "TRANSPORT", "default": False}],
    "reply_to": [{"email": "help@transport.example", "default": True}],
    "contact_blocks": [{"id": BLOCK, "text": "1 Road\nTown", "default": True}],
    "guest_list": ["someone@example.org", "+84912345678"],
    "inbound_numbers": [{"number": "447700900555", "provider": "sandbox"}],
    "templates": [
        {"type": "sms", "versions": [{"name": "Code", "body": "((code))"}, {"name": "Code", "body": "New ((code))"}]},
        {"type": "email", "archived": True, "versions": [{"name": "Old", "subject": "S", "body": "Line\r\nline"}]},
        {"type": "email", "versions": [{"name": "News", "subject": "S", "body": "New", "unsubscribe_link": True}]},
        {
            "type": "letter",
            "versions": [
                {
                    "name": "Reminder",
                    "subject": "Heading",
                    "body": "Dear ((name))",
                    "postage": "first",
                    "contact_block": BLOCK,
                    "welsh_subject": "Pennawd",
                    "welsh_body": "Annwyl ((name))",
                },
                {"name": "Reminder", "subject": "Heading", "body": "Bare", "postage": "second", "contact_block": None},
            ],
        },
    ],
    "callbacks": {"delivery_status": {"url": "https://renew.example/told", "bearer_token": SECRETS["token"]}},
}
PAYMENTS: dict[str, Any] = {
    "settings": {
        "collect_billing_address": False,
        "email": "optional",
        "moto": True,
        "mask_card_number": True,
        "mask_security_code": True,
        "allow_zero": True,
        "retry_after_decline": True,
        "return_at_once": True,
        "recurring": True,
        "card_api": True,
        "payment_notifications": True,
        "corporate_surcharge": {"credit": 250, "debit": 100, "prepaid_debit": 0},
        "refund_limit": 5000,
        "cost_centres": {"metadata_key": "office", "codes": {"north": "CC-1"}},
        "receipts": False,
        "refund_receipts": False,
        "receipt_paragraph": "Keep this.",
        "help": "Call us.",
    },
    "gateway_accounts": [
        {
            "provider": "sandbox",
            "mode": "test",
            "currency": "VND",
            "brand": {
                "name": "Harbour City",
                "primary_colour": "#5a1a2b",
                "accent_colour": "#14532d",
                "logo": LOGO,
                "logo_alt": "An anchor",
            },
            "card_types": {"debit": ["Visa"], "credit": ["Visa", "Mastercard"]},
        },
        {"provider": "sandbox", "mode": "live", "currency": "GBP", "disabled": True},
    ],
    "telephone_payments_by": ["b@x.example"],
    "webhooks": [
        {
            "url": "https://renew.example/paid",
            "events": ["card_payment_succeeded"],
            "mode": "test",
            "description": "Ours",
            "secret": SECRETS["webhook"],
        }
    ],
}


def whole() -> dict[str, Any]:
    """A file that says everything that a file may say."""
    service = {
        "id": ID,
        "name": "Renew a vehicle registration",
        "organisation": "Ministry of Transport",
        "mode": "live",
        "languages": ["vi", "en"],
        "members": [{"email": "a@transport.example", "role": "admin"}, {"email": "b@x.example", "role": "viewer"}],
        "api_keys": [
            {"name": "all", "type": "live"},
            {"name": "narrow", "type": "test", "scopes": ["notify:send"], "secret": SECRETS["api key"]},
            {"name": "gone", "type": "team", "revoked": True},
        ],
        "retention_days": {"events": 30, "payments.payers": 400},
        "notify": NOTIFY,
        "payments": PAYMENTS,
        "identity": IDENTITY,
    }
    organisations = [{"id": ORGANISATION, "name": "Ministry of Transport", "type": "local"}]
    return copy.deepcopy({"organisations": organisations, "services": [service]})


@pytest.fixture
def applied() -> Service:
    provision(whole(), by=TESTER)
    return Service.objects.get()


def keys_of_schema(schema: dict[str, Any], path: str = "") -> set[str]:
    """Return every key that a file may hold, by path without indexes; the kinds of a mapping count as one."""
    properties = schema.get("properties") or schema.get("items", {}).get("properties") or {}
    is_mapping = path.endswith("callbacks")
    found = set()
    for name, inner in properties.items():
        here = f"{path}.{'*' if is_mapping else name}".removeprefix(".")
        found |= {here} | keys_of_schema(inner, here)
    return found


def keys_of_document(value: Any, path: str = "") -> set[str]:
    """Return every key that a document holds, in the same way."""
    if isinstance(value, list):
        return {key for entry in value for key in keys_of_document(entry, path)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, inner in value.items():
        here = f"{path}.{'*' if path.endswith('callbacks') else name}".removeprefix(".")
        found |= {here} | keys_of_document(inner, here)
    return found


def test_every_component_with_a_section_writes_it_back():
    assert section_exports().keys() == {one.provision[0] for one in components() if one.provision}


def test_applied_again_it_changes_nothing(applied):
    exported = export_document(applied)
    before = AuditEvent.objects.count()
    again = provision(exported, by=TESTER)
    assert [event.action for event in AuditEvent.objects.order_by("pk")[before:]] == []
    assert export_document(applied) == exported
    assert not [key for key in again["services"][0]["api_keys"] if "key" in key]


@pytest.mark.parametrize("section", ["notify", "payments", "identity"])
def test_each_components_section_alone_changes_nothing(applied, section):
    entry = export_document(applied)["services"][0]
    alone = {name: entry[name] for name in ("id", "name", "organisation", section)}
    before = AuditEvent.objects.count()
    provision({"services": [alone]}, by=TESTER)
    assert AuditEvent.objects.count() == before


def test_no_secret_is_in_it(applied):
    text = json.dumps(export_document(applied))
    secrets = [*SECRETS.values(), *(key.secret for key in ApiKey.objects.all())]
    assert [secret for secret in secrets if secret in text] == []


def test_it_names_whatever_a_file_may_say(applied):
    Service.objects.update(archived_at="2026-01-01T00:00:00Z")
    exported = keys_of_document(export_document(Service.objects.get()))
    missing = keys_of_schema(document_schema()) - exported
    assert {key for key in missing if not key.startswith(tuple(NEVER_EXPORTED))} == set()
    assert missing >= NEVER_EXPORTED


def test_another_platform_gets_the_same_but_for_the_secrets(applied):
    """Without secrets a new callback, and a client with a secret, cannot be made; a number is there only once."""
    exported = export_document(applied)
    entry = exported["services"][0]
    for name in ("callbacks", "inbound_numbers"):
        entry["notify"].pop(name)
    entry["identity"]["clients"] = [one for one in entry["identity"]["clients"] if one["client_id"] != "with-a-secret"]
    copied = json.loads(json.dumps(exported).replace(ID, str(uuid.uuid4())))
    ids = {value for path, value in flat_ids(copied)}
    for old in ids:
        copied = json.loads(json.dumps(copied).replace(old, str(uuid.uuid4())))
    copied["organisations"][0]["name"] = copied["services"][0]["organisation"] = "Elsewhere"
    for client in copied["services"][0]["identity"]["clients"]:
        client["client_id"] += "-elsewhere"
    provision(copied, by=TESTER)
    made = export_document(Service.objects.exclude(pk=applied.pk).get())
    assert made["services"][0]["notify"]["templates"] == copied["services"][0]["notify"]["templates"]
    assert made["services"][0]["payments"]["settings"] == entry["payments"]["settings"]


def flat_ids(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [found for entry in value for found in flat_ids(entry, path)]
    if not isinstance(value, dict):
        return []
    own = [(path, value["id"])] if "id" in value else []
    return own + [found for name, inner in value.items() for found in flat_ids(inner, f"{path}.{name}")]


def test_the_command_writes_yaml_that_it_takes_back(applied, tmp_path):
    for name in (applied.name, str(applied.pk)):
        out = StringIO()
        call_command("provision", "--export", name, stdout=out)
        assert yaml.safe_load(out.getvalue()) == export_document(applied)
    file = tmp_path / "file.yaml"
    file.write_text(out.getvalue(), encoding="utf-8")
    before = AuditEvent.objects.count()
    call_command("provision", str(file), stdout=StringIO())
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", ["Nothing", "4913d890-571c-4d94-bab3-ace4349bfe08"])
def test_the_command_says_that_there_is_no_such_service(applied, name):
    with pytest.raises(CommandError, match="no service"):
        call_command("provision", "--export", name, stdout=StringIO())


@pytest.mark.parametrize("args", [[], ["file.yaml", "--export", "x"]])
def test_the_command_wants_a_file_or_a_service(args):
    with pytest.raises(CommandError, match="either"):
        call_command("provision", *args, stdout=StringIO())


# --- dry run ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_of_something_new_says_what_it_adds_and_does_nothing():
    found = provision_difference(whole())
    assert "services[Renew a vehicle registration].api_keys[narrow].scopes" in found["added"]
    assert "organisations[Ministry of Transport].type" in found["added"]
    assert (found["changed"], found["removed"], found["unchanged"]) == ([], [], [])
    assert not Service.objects.exists()
    assert not Organisation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_dry_run_of_what_stands_finds_no_difference(applied):
    found = provision_difference(whole())
    assert (found["added"], found["changed"], found["removed"], found["acts"]) == ([], [], [], [])
    assert len(found["unchanged"]) > 50


def test_a_dry_run_names_each_change_with_both_values(applied):
    document = whole()
    service = document["services"][0]
    service["languages"] = ["en"]
    service["api_keys"][1]["scopes"] = ["notify:read"]
    service["notify"]["guest_list"] = ["other@example.org"]
    service["notify"]["sms_senders"].append({"sender": "NEW"})
    service["payments"]["webhooks"][0]["secret"] = "another-webhook-secret-0123456789"
    found = provision_difference(document)
    changed = {entry["path"].partition("].")[2]: (entry["before"], entry["after"]) for entry in found["changed"]}
    assert changed["languages"] == (["vi", "en"], ["en"])
    assert changed["api_keys[narrow].scopes"] == (["notify:send"], ["notify:read"])
    assert "notify.guest_list" in changed
    assert any(path.endswith("notify.sms_senders[NEW].sender") for path in found["added"])
    assert "another-webhook-secret" not in json.dumps(found)
    assert len(found["acts"]) > 4
    assert Service.objects.get().languages == ["vi", "en"]
    assert provision_difference(whole())["acts"] == []


def test_a_dry_run_shows_that_a_secret_would_change_and_not_which(applied):
    document = whole()
    document["services"][0]["identity"]["clients"][2]["client_secret"] = "another-secret-of-32-letters-canary"
    found = provision_difference(document)
    assert found["acts"] == ["client_changed gaap_identity.client"]
    assert "another-secret" not in json.dumps(found)


def test_a_dry_run_names_faults_like_the_real_one(applied, tmp_path):
    document = whole()
    document["services"][0]["api_keys"][0]["type"] = "team"
    file = tmp_path / "file.json"
    file.write_text(json.dumps(document))
    with pytest.raises(CommandError, match=r"services\[0\]\.api_keys\[0\]\.type: The type of a key never changes"):
        call_command("provision", str(file), "--dry-run", stdout=StringIO())


def test_the_command_prints_the_difference(tmp_path):
    file, out = tmp_path / "file.json", StringIO()
    file.write_text(json.dumps(whole()))
    call_command("provision", str(file), "--dry-run", stdout=out)
    assert json.loads(out.getvalue())["acts"][0] == "organisation_created gaap.organisation"
    assert not Service.objects.exists()


# --- several documents in turn ----------------------------------------------------------------------------------------


def entry(**service):
    return {
        "services": [
            {"id": ID, "name": "Renew a vehicle registration", "organisation": "Ministry of Transport"} | service
        ]
    }


def test_what_a_later_file_does_not_name_stays(applied):
    before = export_document(applied)
    provision(entry(), by=TESTER)
    applied.refresh_from_db()
    assert export_document(applied) == before


def test_a_later_file_narrows_and_revokes_a_key(applied):
    provision(entry(api_keys=[{"name": "all", "type": "live", "scopes": ["notify:read"]}]), by=TESTER)
    assert ApiKey.objects.get(name="all").scopes == ["notify:read"]
    provision(entry(api_keys=[{"name": "all", "type": "live", "revoked": True}]), by=TESTER)
    assert ApiKey.objects.get(name="all").is_revoked
    again = provision(whole(), by=TESTER)
    assert "key" not in again["services"][0]["api_keys"][0], "a revoked key stays revoked"


def test_organisations_are_renamed_and_services_moved(applied):
    organisation = Organisation.objects.get()
    other = {"name": "Agency", "type": "health"}
    renamed = {"id": str(organisation.pk), "name": "Department of Transport"}
    document = {"organisations": [renamed, other], **entry(organisation="Agency")}
    provision(document, by=TESTER)
    organisation.refresh_from_db()
    applied.refresh_from_db()
    assert (organisation.name, organisation.type) == ("Department of Transport", "local")
    assert applied.organisation.name == "Agency"
    assert AuditEvent.objects.filter(action__in=["organisation_changed", "service_changed"]).count() == 2


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"api_keys": [{"name": "all", "type": "test"}]}, "services[0].api_keys[0].type"),
        ({"api_keys": [{"name": "narrow", "type": "test", "secret": ID}]}, "services[0].api_keys[0].secret"),
        (
            {"api_keys": [{"name": n, "type": "test", "secret": ID} for n in "xy"]},
            "services[0].api_keys",
        ),
        ({"members": [{"email": e, "role": "viewer"} for e in ("a@b.example", "A@b.example")]}, "services[0].members"),
        ({"retention_days": {"events": 1}}, "services[0].retention_days.events"),
        ({"retention_days": {"tea": 7}}, "services[0].retention_days.tea"),
        ({"notify": {"retention_days": {"sms": 2}}}, "services[0].notify.retention_days.sms"),
        (
            {"notify": {"callbacks": {"complaint": {"url": "https://x.example/"}}}},
            "services[0].notify.callbacks.complaint.bearer_token",
        ),
        ({"id": str(uuid.uuid4())}, "services[0].name"),
    ],
)
def test_what_clashes_with_what_stands_is_named_and_nothing_is_applied(applied, changes, path):
    before = AuditEvent.objects.count()
    with pytest.raises(ProvisionError) as raised:
        provision(entry(**changes), by=TESTER)
    assert path in [written_path(fault.path) for fault in raised.value.faults]
    assert AuditEvent.objects.count() == before


def test_an_archived_service_stays_archived(applied):
    provision(entry(archived=True), by=TESTER)
    provision(entry(), by=TESTER)
    assert Service.objects.get().is_archived
    with pytest.raises(ProvisionError, match="for good"):
        provision(entry(archived=False), by=TESTER)


def test_two_entries_for_one_service_are_refused():
    with pytest.raises(ProvisionError, match="2 entries have the id"):
        provision(
            {"organisations": [{"name": "Ministry of Transport"}], "services": entry()["services"] * 2}, by=TESTER
        )


def test_an_organisations_id_is_kept():
    identifier = str(uuid.uuid4())
    provision({"organisations": [{"id": identifier, "name": "Here"}]}, by=TESTER)
    assert str(Organisation.objects.get().pk) == identifier
    with pytest.raises(ProvisionError, match="another id"):
        provision({"organisations": [{"id": str(uuid.uuid4()), "name": "Here"}]}, by=TESTER)
