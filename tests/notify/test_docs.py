"""Notify's pages, held to the code."""

import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest

from gaap import http
from gaap_notify import states
from gaap_notify.apps import NotifyConfig
from gaap_notify.conf import ProviderConfig, conf
from gaap_notify.providers import REGISTRIES, sandbox
from gaap_notify.providers.base import RecipientRejectedError
from gaap_notify.providers.sms.base import sms_providers
from gaap_notify.services.recipients import SIMULATED, normalise_recipient
from gaap_notify.testing.providers import SMS, ProviderContract
from tests.project import ROOT


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    """The first block of code in a language."""
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_diagram_is_the_table():
    text = page("reference/notify-states.md")
    assert block(text, "mermaid").strip() == states.NOTIFICATION.diagram()
    assert block(text.split("## Letters", 1)[1], "mermaid").strip() == states.LETTER.diagram()


def test_every_status_and_event_is_told():
    text = page("reference/notify-states.md")
    assert all(f"| `{status}` |" in text for status in states.STATUSES)
    assert all(f"| `{event.name}` | {event.description} |" in text for event in NotifyConfig.events)


def test_sandbox_table_is_the_one_in_the_code():
    told = set(re.findall(r"\b77009000\d\d\b|\b[\w-]+@simulator\.notify", page("reference/notify-sandbox.md")))
    assert told == {*sandbox._REPORTS, *sandbox._UNAVAILABLE, *sandbox._REFUSED}
    assert sandbox.__doc__ is not None
    assert all(recipient in sandbox.__doc__ for recipient in told)


def test_simulated_recipients_are_told():
    listed = re.findall(r"^- (.*?)$|^  (simulate.*)$", page("reference/notify-sandbox.md"), re.MULTILINE)
    recipients = [one for row in listed for cell in row for one in cell.replace(" ", "").split(",") if one]
    told = {
        normalise_recipient(one, channel="email") if "@" in one else normalise_recipient(one, channel="sms")
        for one in recipients
    }
    assert told == SIMULATED


def test_every_setting_and_provider_is_told():
    text = page("reference/notify-settings.md")
    source = (ROOT / "notify/gaap_notify/conf.py").read_text(encoding="utf-8")
    read = set(re.findall(r'self\._read\("(\w+)"', source))
    assert read == set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)) - {"BACKEND"}
    for registry in REGISTRIES.values():
        assert all(f"| `{identifier}` |" in text for identifier in registry.identifiers())


def test_example_configuration_is_one(settings):
    settings.GAAP_NOTIFY = json.loads(block(page("reference/notify-settings.md"), "json"))
    assert conf.providers("email")[conf.default_alias("email")].backend == "smtp"


class SimulatedAcme:
    """Acme Text, as the how-to's provider sees it through the outgoing door."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}
        self.status = 202

    def call(self, method: str, url: str, *, headers: dict[str, str], body: bytes, timeout: float) -> http.Answer:
        assert (method, url) == ("POST", "https://api.acme.example/messages")
        assert headers["Authorization"] == "Bearer test"
        self.sent.setdefault(headers["Idempotency-Key"], body)
        return http.Answer(self.status, {}, json.dumps({"id": headers["Idempotency-Key"][-12:]}).encode())


@pytest.fixture
def acme(monkeypatch):
    simulated = SimulatedAcme()
    monkeypatch.setattr(http, "call", simulated.call)
    return simulated


@pytest.fixture
def provider(acme, monkeypatch, tmp_path: Path):
    """The how-to's own file, registered for one test."""
    monkeypatch.setattr(sms_providers, "_classes", {})
    monkeypatch.setattr(sms_providers, "_discovered", True)
    file = tmp_path / "acme.py"
    file.write_text(block(page("how-to/add-an-sms-provider.md"), "python"), encoding="utf-8")
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), {"__name__": "acme"})  # noqa: S102
    options = {"url": "https://api.acme.example", "api_key": "test", "receipt_secret": "secret"}
    config = ProviderConfig("acme", "acme", options)
    return sms_providers.get(config.backend)(alias=config.alias, **config.options)


class TestHowTo(ProviderContract):
    """The file in the how-to passes the contract suite."""

    @pytest.fixture
    def message(self):
        return SMS


def test_how_to_hands_the_message_over_once(provider, acme):
    provider.send(SMS)
    provider.send(SMS)
    assert [json.loads(body) for body in acme.sent.values()] == [
        {"to": f"+{SMS.to}", "from": SMS.sender, "text": SMS.body}
    ]


def test_how_to_reads_a_signed_receipt(provider):
    body = json.dumps({"event": "e1", "message": "m1", "status": "PHONE_OFF"})
    signature = hmac.new(b"secret", body.encode(), hashlib.sha256).hexdigest()
    report = provider.parse_receipt({"acme-signature": signature}, body)
    assert (report.event_id, report.provider_id, report.status) == ("e1", "m1", "temporary-failure")


def test_how_to_tells_refusals_apart(provider, acme):
    acme.status = 422
    with pytest.raises(RecipientRejectedError):
        provider.send(SMS)
