"""Provisioning: the whole file or nothing, and again without harm."""

import json
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from gaap.audit.models import AuditEvent
from gaap.keys.models import ApiKey
from gaap.keys.services import authenticate_text
from gaap.organisations.models import Membership, Organisation, Service
from gaap.provisioning.check import ProvisionError, written_path
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER

pytestmark = pytest.mark.django_db
SECRET = "0d3c9e5e-2f44-4c49-8f4b-1f0f6c2f9a11"


def document(**service):
    return {
        "organisations": [{"name": "Ministry of Transport", "type": "central"}],
        "services": [
            {
                "name": "Renew a vehicle registration",
                "organisation": "Ministry of Transport",
                "members": [{"email": "someone@transport.example", "role": "admin"}],
                "api_keys": [{"name": "my key", "type": "test"}],
                **service,
            }
        ],
    }


def test_applies_a_file():
    result = provision(document(languages=["en", "vi"]), by=TESTER)
    service = Service.objects.get()
    assert (service.is_live, service.languages) == (False, ["en", "vi"])
    assert result["services"][0]["id"] == str(service.pk)
    assert Membership.objects.get().role == "admin"
    assert authenticate_text(result["services"][0]["api_keys"][0]["key"]).service == service


def test_again_changes_nothing_and_shows_no_key():
    provision(document(), by=TESTER)
    before = AuditEvent.objects.count()
    again = provision(document(), by=TESTER)
    assert "key" not in again["services"][0]["api_keys"][0]
    assert AuditEvent.objects.count() == before
    assert (Organisation.objects.count(), Service.objects.count(), ApiKey.objects.count()) == (1, 1, 1)


def test_keeps_given_ids_and_secrets():
    identifier = str(uuid.uuid4())
    result = provision(document(id=identifier, api_keys=[{"name": "k", "type": "test", "secret": SECRET}]), by=TESTER)
    assert result["services"][0]["api_keys"][0]["key"].endswith(f"-{identifier}-{SECRET}")


def test_changes_what_the_file_changes():
    provision(document(), by=TESTER)
    provision(document(mode="live"), by=TESTER)
    assert Service.objects.get().is_live


def test_revokes_and_archives():
    provision(document(), by=TESTER)
    provision(document(api_keys=[{"name": "my key", "type": "test", "revoked": True}], archived=True), by=TESTER)
    assert ApiKey.objects.get().is_revoked
    assert Service.objects.get().is_archived


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        (None, "(file)"),
        ([], "(file)"),
        ("text", "(file)"),
        ({"service": []}, "(file)"),
        ({"services": {}}, "services"),
        (document(colour="red"), "services[0]"),
        (document(mode="on"), "services[0].mode"),
        (document(name=""), "services[0].name"),
        (document(name=7), "services[0].name"),
        (document(id="not-a-uuid"), "services[0].id"),
        (document(languages=["xx"]), "services[0].languages[0]"),
        (document(organisation="Nobody"), "services[0].organisation"),
        (document(members=[{"email": "x", "role": "admin"}]), "services[0].members[0].email"),
        (document(members=[{"email": "x@y.example", "role": "king"}]), "services[0].members[0].role"),
        (document(api_keys=[{"name": "k", "type": "live"}]), "services[0].api_keys[0].type"),
        (document(api_keys=[{"name": "k", "type": "test", "scopes": ["x:y"]}]), "services[0].api_keys[0].scopes[0]"),
        (document(api_keys=[{"name": "k", "type": "test"}, {"name": "k", "type": "team"}]), "services[0].api_keys"),
    ],
)
def test_a_fault_is_named_and_nothing_is_applied(broken, path):
    with pytest.raises(ProvisionError) as raised:
        provision(broken, by=TESTER)
    assert path in [written_path(fault.path) for fault in raised.value.faults]
    assert not Service.objects.exists()
    assert not Organisation.objects.exists()


def test_given_secret_is_refused_in_production(settings):
    settings.GAAP_ENVIRONMENT = "production"
    with pytest.raises(ProvisionError, match="outside production"):
        provision(document(api_keys=[{"name": "k", "type": "test", "secret": SECRET}]), by=TESTER)


def test_command_prints_json(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text(json.dumps(document()))
    out = StringIO()
    call_command("provision", str(file), stdout=out)
    assert json.loads(out.getvalue())["services"][0]["name"] == "Renew a vehicle registration"


def test_command_reads_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("organisations: [{name: Here}]"))
    call_command("provision", "-", stdout=StringIO())
    assert Organisation.objects.get().name == "Here"


@pytest.mark.parametrize("text", ["a: [", "services: 1", "\x00", "- !!python/object/apply:os.system [true]"])
def test_command_refuses_clearly(tmp_path, text):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(CommandError):
        call_command("provision", str(file), stdout=StringIO())


def test_command_names_a_missing_file():
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("provision", "/nowhere/file.yaml", stdout=StringIO())
