"""Agreements, disputes, payouts and settings in the console: what they show, who may, and whose they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import Agreement, Dispute, GatewayAccount, PaymentSettings, Payout
from gaap_payments.services.accounts import save_account, save_settings
from gaap_payments.services.agreements import create_agreement
from gaap_payments.services.reconciliation import reconcile_account
from tests.console.conftest import browser_of, colleague
from tests.payments.support import Citizen, create, work
from tests.payments.test_settlement import pay

pytestmark = pytest.mark.django_db

Address = Callable[..., str]


@pytest.fixture
def address(service: Service) -> Address:
    """Return a function that makes the address of a page from its name."""
    return lambda name, *arguments: reverse(f"payments-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def viewer(service: Service) -> Client:
    """The browser of somebody who may only look."""
    return browser_of(colleague(service, "viewer"))


@pytest.fixture
def agreement(service: Service, api: Client, account: GatewayAccount) -> Agreement:
    """An active agreement, set up with a payment."""
    save_settings(service, by=TESTER, allows_recurring=True)
    body = {"reference": "GARDEN-7", "description": "Allotment rent", "user_identifier": "user-9"}
    made = api.post("/v1/agreements", body, content_type="application/json").json()
    Citizen(create(api, set_up_agreement=made["agreement_id"])).pay()
    work()
    return Agreement.objects.get()


@pytest.fixture
def dispute(api: Client, account: GatewayAccount, move_clock: Callable[[timedelta], None]) -> Dispute:
    """A dispute that waits for evidence."""
    pay(api, reference="ODD-1", description="DISPUTE_OPEN")
    move_clock(timedelta(hours=2))
    work()
    return Dispute.objects.get()


class TestAgreements:
    """Cards that may be asked again."""

    def test_list_and_page(self, viewer: Client, address: Address, agreement: Agreement) -> None:
        for query, is_found in (
            ({}, True),
            ({"reference": "garden-7"}, True),
            ({"reference": "GARDEN"}, False),
            ({"mode": "live"}, False),
            ({"mode": "x", "reference": "\0"}, True),
        ):
            assert ("GARDEN-7" in viewer.get(address("agreements"), query).content.decode().split("<table")[-1]) == (
                is_found
            )
        page = viewer.get(address("agreement", agreement.pk)).content.decode()
        for text in ("Active", "Allotment rent", "user-9", "4242", agreement.pk, "£20.00"):
            assert text in page
        assert "Cancel the agreement" not in page
        assert AuditEvent.objects.filter(action="agreement_viewed").count() == 1
        assert viewer.post(address("cancel-agreement", agreement.pk)).status_code == 403

    def test_caseworker_cancels_after_being_asked(
        self, service: Service, address: Address, agreement: Agreement
    ) -> None:
        user = colleague(service, "caseworker")
        browser = browser_of(user)
        cancel = address("cancel-agreement", agreement.pk)
        assert "cannot be undone" in browser.get(cancel).content.decode()
        agreement.refresh_from_db()
        assert agreement.status == "active"
        page = browser.post(cancel, follow=True).content.decode()
        assert user.email in page
        agreement.refresh_from_db()
        assert (agreement.status, agreement.cancelled_by) == ("cancelled", f"person:{user.pk}")
        assert "not active any more" in browser.post(cancel, follow=True).content.decode()

    def test_list_costs_the_same_for_any_number(
        self, viewer: Client, address: Address, account: GatewayAccount, django_assert_max_num_queries: Any
    ) -> None:
        """Session, person, membership; mode, page."""
        for number in range(60):
            create_agreement(account, reference=f"R{number}", description="x", by=TESTER)
        with django_assert_max_num_queries(5):
            page = viewer.get(address("agreements"))
        assert len(page.context["rows"]) == 50
        second = viewer.get(address("agreements") + page.context["page"].older)
        assert {row["agreement"].pk for row in second.context["rows"]}.isdisjoint(
            row["agreement"].pk for row in page.context["rows"]
        )
        assert len(second.context["rows"]) == 10


class TestDisputes:
    """Payments that a bank wants back."""

    def test_evidence_has_a_deadline(
        self, viewer: Client, address: Address, dispute: Dispute, move_clock: Callable[[timedelta], None]
    ) -> None:
        page = viewer.get(address("disputes")).content.decode()
        assert dispute.evidence_due_at is not None
        for text in ("ODD-1", "£20.00", "Dispute awaiting evidence", "Fraud", "1 dispute waits"):
            assert text in page
        assert f"{dispute.evidence_due_at:%Y-%m-%d}" in page
        assert "too late" not in page
        move_clock(timedelta(days=60))
        assert "too late" in viewer.get(address("disputes")).content.decode()
        Dispute.objects.update(status="won")
        page = viewer.get(address("disputes")).content.decode()
        assert "Dispute won" in page
        assert "waits" not in page
        assert "too late" not in page

    def test_list_costs_the_same_for_any_number(
        self, viewer: Client, address: Address, dispute: Dispute, django_assert_max_num_queries: Any
    ) -> None:
        """Session, person, membership; mode, page, count."""
        Dispute.objects.bulk_create(
            Dispute(
                **{
                    **{field.attname: getattr(dispute, field.attname) for field in Dispute._meta.concrete_fields},
                    "id": f"{number:026d}",
                    "provider_id": str(number),
                }
            )
            for number in range(20)
        )
        viewer.get(address("disputes"))  # Their session's last minute is written down.
        with django_assert_max_num_queries(6):
            assert len(viewer.get(address("disputes")).context["rows"]) == 21


class TestPayouts:
    """Transfers to the service's bank."""

    def test_list_costs_the_same_for_any_number(
        self, viewer: Client, address: Address, account: GatewayAccount, django_assert_max_num_queries: Any
    ) -> None:
        """Session, person, membership; mode, page."""
        Payout.objects.bulk_create(
            Payout(gateway_account=account, provider_id=str(number), amount=30, currency="GBP") for number in range(20)
        )
        with django_assert_max_num_queries(5):
            page = viewer.get(address("payouts"))
        assert len(page.context["rows"]) == 20
        assert "£0.30" in page.content.decode()
        for number in (0, 2**62, 2**64):
            assert viewer.get(address("payout", number)).status_code == 404


def test_other_teams_find_nothing(
    service: Service,
    other_service: Service,
    api: Client,
    address: Address,
    agreement: Agreement,
    dispute: Dispute,
) -> None:
    reconcile_account(GatewayAccount.objects.get())
    stranger = browser_of(colleague(other_service, "admin"))
    for name, key in (("agreement", agreement.pk), ("cancel-agreement", agreement.pk)):
        for owner in (service, other_service):
            path = reverse(f"payments-console-{name}", args=[owner.pk, key])
            assert stranger.get(path).status_code == 404
            assert stranger.post(path).status_code in (404, 405)
    agreement.refresh_from_db()
    assert agreement.status == "active"
    for name in ("agreements", "disputes", "payouts"):
        assert stranger.get(address(name)).status_code == 404
        theirs = stranger.get(reverse(f"payments-console-{name}", args=[other_service.pk]), {"mode": "test"})
        assert theirs.context["rows"] == []


class TestSettings:
    """What an administrator decides."""

    ANSWERS = {
        "email": "optional",
        "collects_billing_address": "on",
        "allows_moto": "on",
        "returns_at_once": "on",
        "credit_surcharge": "£1.50",
        "refund_limit": "1,000",
        "help_text": "01632 960001",
        "ledger_code_key": "team",
        "ledger_codes": "Parks = CC-100\r\nA=B = CC-200\r\n\r\n",
    }

    def test_administrator_changes_them(self, service: Service, account: GatewayAccount, address: Address) -> None:
        browser = browser_of(colleague(service, "admin"))
        assert browser.post(address("settings"), self.ANSWERS)["Location"] == address("settings")
        settings = PaymentSettings.objects.get()
        assert (settings.email, settings.collects_billing_address, settings.allows_moto) == ("optional", True, True)
        assert (settings.returns_at_once, settings.sends_receipts) == (True, False)
        assert (settings.credit_surcharge, settings.debit_surcharge, settings.refund_limit) == (150, 0, 100_000)
        assert settings.ledger_codes == {"Parks": "CC-100", "A=B": "CC-200"}
        page = browser.get(address("settings")).content.decode()
        for text in ('value="1.50"', 'value="1000.00"', "Parks = CC-100", "01632 960001"):
            assert text in page
        assert AuditEvent.objects.filter(action="payment_settings_changed", service_id=service.pk).count() == 1
        browser.post(address("settings"), {**self.ANSWERS, "refund_limit": ""})
        settings.refresh_from_db()
        assert settings.refund_limit is None

    def test_operators_own_settings_stay(self, service: Service, account: GatewayAccount, address: Address) -> None:
        save_settings(service, by=TESTER, allows_card_api=True, allows_recurring=True, allows_notifications=True)
        browser_of(colleague(service, "admin")).post(
            address("settings"), {**self.ANSWERS, "allows_card_api": "", "allows_recurring": ""}
        )
        settings = PaymentSettings.objects.get()
        assert settings.allows_card_api
        assert settings.allows_recurring
        assert settings.allows_notifications

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"email": ""}, "email_0"),
            ({"email": "maybe"}, "email_0"),
            ({"credit_surcharge": "1.001"}, "credit_surcharge"),
            ({"refund_limit": "-1"}, "refund_limit"),
            ({"refund_limit": "9" * 20}, "refund_limit"),
            ({"receipt_paragraph": "Card 4242 4242 4242 4242"}, "receipt_paragraph"),
            ({"ledger_codes": "Parks"}, "ledger_codes"),
            ({"ledger_codes": "Parks = 1\nParks = 2"}, "ledger_codes"),
            ({"ledger_codes": "Parks = 4242424242424242"}, "ledger_codes"),
            ({"ledger_code_key": "x" * 31}, "ledger_code_key"),
            ({"help_text": "a\0b"}, "help_text"),
        ],
    )
    def test_mistakes(
        self, service: Service, account: GatewayAccount, address: Address, change: dict[str, str], field: str
    ) -> None:
        answer = browser_of(colleague(service, "admin")).post(address("settings"), {**self.ANSWERS, **change})
        assert answer.status_code == 200
        assert f'href="#id_{field}"' in answer.content.decode()
        assert not PaymentSettings.objects.exists()

    def test_amounts_are_in_the_accounts_currency(self, service: Service, address: Address) -> None:
        save_account(service, provider="sandbox", is_live=False, currency_code="VND", by=TESTER)
        browser = browser_of(colleague(service, "admin"))
        browser.post(address("settings"), {**self.ANSWERS, "credit_surcharge": "", "refund_limit": "50,000,000"})
        assert PaymentSettings.objects.get().refund_limit == 50_000_000

    def test_nobody_else_may(self, service: Service, address: Address) -> None:
        for role in ("developer", "caseworker", "viewer"):
            browser = browser_of(colleague(service, role))
            assert browser.post(address("settings"), self.ANSWERS).status_code == 403
        assert not PaymentSettings.objects.exists()
