"""What must never be logged: card numbers, security codes, tokens, keys, the payer. Planted and looked for."""

import logging
import re
import sys
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.test import Client
from django.views.debug import ExceptionReporter

from gaap.audit.models import AuditEvent
from gaap.keys.services import IssuedKey
from gaap.outbox.models import OutboxEvent
from gaap_payments.models import GatewayAccount, Payment, ReceivedProviderEvent, SandboxCharge
from gaap_payments.providers.sandbox import SandboxProvider
from tests.payments.support import DECLINED_CARD, GOOD_CARD, Citizen, create, work

pytestmark = pytest.mark.django_db

CODE = "917"
#: Three digits turn up within ids, digests and times; the code counts where it stands as a word.
STANDING_ALONE = re.compile(rf"(?<![\w.:+-]){CODE}(?![\w.:+-])")
NAME = "Canary Cardholder"
EMAIL = "canary@example.org"
STREET = "7 Canary Wharf"
PAYER = {"cvc": CODE, "cardholder_name": NAME, "email": EMAIL, "address_line_1": STREET}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, down to the last detail."""
    caplog.set_level(logging.DEBUG)
    return caplog


def assert_clean(text: str, *secrets: str) -> None:
    for secret in (GOOD_CARD, DECLINED_CARD, NAME, EMAIL, STREET, *secrets):
        assert secret not in text, secret
    assert not STANDING_ALONE.search(text)


def test_whole_journey(
    api: Client, test_key: IssuedKey, account: GatewayAccount, log: pytest.LogCaptureFixture
) -> None:
    citizens = [Citizen(create(api, email=EMAIL)) for _ in range(3)]
    citizens[0].pay(**PAYER)
    citizens[1].pay(**PAYER, card_no=DECLINED_CARD)
    citizens[2].enter()
    citizens[2].send_card(**{**PAYER, "expiry_year": "20"})
    work()
    tokens = [citizen.entry.rpartition("/")[2] for citizen in citizens]
    lines = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in log.records)
    assert_clean(lines.replace(sql_lines(log), ""), test_key.text, *tokens)


def sql_lines(log: pytest.LogCaptureFixture) -> str:
    """Statements of the database are logged on request only, and hold what is stored."""
    return "\n".join(record.getMessage() for record in log.records if record.name == "django.db.backends")


def test_nothing_of_the_card_is_stored(api: Client, account: GatewayAccount) -> None:
    Citizen(create(api)).pay(**PAYER)
    work()
    for model in (Payment, SandboxCharge, ReceivedProviderEvent, AuditEvent, OutboxEvent):
        rows = repr(list(model.objects.values()))
        assert GOOD_CARD not in rows
        assert f"'{CODE}'" not in rows


def test_events_and_audit_say_nothing_of_the_payer(api: Client, account: GatewayAccount) -> None:
    Citizen(create(api, email=EMAIL)).pay(**PAYER)
    work()
    assert_clean(repr([list(OutboxEvent.objects.values()), list(AuditEvent.objects.values())]))


@pytest.mark.parametrize("where", ["authorise", "create_session"])
def test_error_reports_show_no_card(
    api: Client, account: GatewayAccount, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A crash in the middle of an authorisation, as it would be reported to developers."""
    citizen = Citizen(create(api), browser=Client(raise_request_exception=False))
    if where == "authorise":
        citizen.enter()
    citizen.browser.get(citizen.entry)

    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(SandboxProvider, where, crash)
    reports: list[str] = []

    def report(sender: object, request: Any, **_: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.append(reporter.get_traceback_text() + reporter.get_traceback_html())

    got_request_exception.connect(report, weak=False)
    try:
        assert citizen.send_card(**PAYER).status_code == 500
    finally:
        got_request_exception.disconnect(report)
    assert "RuntimeError" in reports[0]
    assert_clean(reports[0] + log.text)
