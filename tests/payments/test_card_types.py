"""Which cards an account takes: refused on the page, by the API and when a wallet tells too late; set by people."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.keys.services import IssuedKey
from gaap.organisations.models import Service
from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.card_types import is_taken
from gaap_payments.errors import AccountRefusedError
from gaap_payments.models import GatewayAccount, Payment, SandboxCharge
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.services.accounts import save_account, save_card_types, save_settings
from gaap_payments.tasks import sweep_payments
from tests.console.conftest import browser_of, colleague
from tests.payments.support import GOOD_CARD, Citizen, create, get
from tests.payments.test_provision import ACCOUNT_ID, apply, faults

pytestmark = pytest.mark.django_db

VISA_CREDIT = GOOD_CARD
VISA_DEBIT = "4000056655665556"
MASTERCARD_DEBIT = "5105105105105100"
AMEX = "371449635398431"
TYPES = {"debit": ["Mastercard"], "credit": ["Visa", "Mastercard"]}


@pytest.fixture
def narrow(account: GatewayAccount) -> GatewayAccount:
    """An account that takes no Visa debit cards and no American Express at all."""
    return save_card_types(account, card_types=TYPES, by=TESTER)


@pytest.mark.parametrize(
    ("brand", "type", "taken"),
    [
        ("Visa", "credit", True),
        ("Visa", "debit", False),
        ("Visa", "", True),
        ("Mastercard", "debit", True),
        ("Jcb", "credit", False),
        ("Jcb", "", False),
        ("", "debit", True),
    ],
)
def test_rule(brand: str, type: str, taken: bool) -> None:
    assert is_taken(TYPES, brand=brand, type=type) is taken
    assert is_taken(None, brand=brand, type=type)


class TestPage:
    """What the citizen meets."""

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (VISA_DEBIT, "Visa debit cards are not accepted. Use another card."),
            (AMEX, "American Express cards are not accepted. Use another card."),
        ],
    )
    def test_card_that_is_not_taken_is_named_and_nothing_else_is_lost(
        self, api: Client, narrow: GatewayAccount, number: str, words: str
    ) -> None:
        citizen = Citizen(create(api))
        citizen.enter()
        page = citizen.send_card(card_no=number, cvc="1234" if number == AMEX else "123")
        html = page.content.decode()
        assert page.status_code == 200
        assert f'<a href="#card-no">{words}</a>' in html
        assert "<title>Error: " in html
        assert 'value="Nguyễn Thị Ngọc"' in html
        assert number not in html
        assert Payment.objects.get().status == states.STARTED
        citizen.send_card()
        assert Payment.objects.get().status == states.SUBMITTED

    @pytest.mark.parametrize("number", [VISA_CREDIT, MASTERCARD_DEBIT])
    def test_cards_that_are_taken(self, api: Client, narrow: GatewayAccount, number: str) -> None:
        citizen = Citizen(create(api))
        citizen.pay(card_no=number)
        assert get(api, citizen.payment_id)["state"]["status"] == "success"

    def test_page_says_which_cards_are_taken(self, api: Client, account: GatewayAccount) -> None:
        citizen = Citizen(create(api))
        assert "accepted-cards" not in citizen.enter().content.decode()
        save_card_types(account, card_types=TYPES, by=TESTER)
        html = citizen.get().content.decode()
        assert "<li>Debit cards: Mastercard</li>" in html
        assert "<li>Credit cards: Visa, Mastercard</li>" in html

    def test_in_the_payments_language(self, api: Client, narrow: GatewayAccount) -> None:
        citizen = Citizen(create(api, language="cy"))
        citizen.enter()
        html = citizen.send_card(card_no=VISA_DEBIT).content.decode()
        assert "Nid yw cardiau debyd Visa yn cael eu derbyn" in html


class TestTooLate:
    """The provider says which card it was only when the money is reserved."""

    def paid_by_wallet(self, api: Client) -> Citizen:
        citizen = Citizen(create(api))
        citizen.enter()
        citizen.post("wallet", wallet="Apple Pay")
        return citizen

    def test_wallet_with_a_card_that_is_not_taken(self, api: Client, narrow: GatewayAccount) -> None:
        citizen = self.paid_by_wallet(api)
        shown = get(api, citizen.payment_id)
        assert shown["state"] == {
            "status": "failed",
            "finished": True,
            "message": "Payment method rejected",
            "code": "P0010",
        }
        assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED

    def test_another_try_may_be_allowed(self, api: Client, narrow: GatewayAccount) -> None:
        save_settings(narrow.service, by=TESTER, allows_retry=True)
        citizen = self.paid_by_wallet(api)
        assert Payment.objects.get().status == states.STARTED
        citizen.get()
        citizen.send_card()
        assert Payment.objects.get().status == states.SUBMITTED

    def test_worker_that_died_after_giving_the_card_up(
        self, api: Client, narrow: GatewayAccount, monkeypatch: pytest.MonkeyPatch, move_clock: Any
    ) -> None:
        cancel = SandboxProvider.cancel

        def lost(*args: Any, **kwargs: Any) -> None:
            cancel(*args, **kwargs)
            raise ProviderError("The answer was lost.", permanent=False)

        monkeypatch.setattr(SandboxProvider, "cancel", lost)
        self.paid_by_wallet(api)
        assert Payment.objects.get().status == states.AUTHORISATION_READY
        monkeypatch.setattr(SandboxProvider, "cancel", cancel)
        Payment.objects.update(due_at=Payment.objects.get().created_at)
        sweep_payments()
        assert Payment.objects.get().status == states.DECLINED

    def test_card_that_an_agreement_keeps_goes_on(self, api: Client, account: GatewayAccount) -> None:
        save_settings(account.service, by=TESTER, allows_recurring=True)
        order = {"reference": "CT-2026", "description": "Council tax"}
        agreement = api.post("/v1/agreements", order, content_type="application/json").json()["agreement_id"]
        Citizen(create(api, set_up_agreement=agreement)).pay(card_no=VISA_DEBIT)
        save_card_types(account, card_types=TYPES, by=TESTER)
        collected = create(api, authorisation_mode="agreement", agreement_id=agreement, return_url=None)
        sweep_payments()
        assert get(api, collected["payment_id"])["state"]["status"] == "success"


def test_program_that_sends_cards_is_told(api: Client, narrow: GatewayAccount) -> None:
    save_settings(narrow.service, by=TESTER, allows_card_api=True)
    for number, status in ((VISA_DEBIT, 402), (VISA_CREDIT, 204)):
        made = create(api, authorisation_mode="moto_api", return_url=None)
        card = {
            "one_time_token": made["_links"]["auth_url_post"]["params"]["one_time_token"],
            "card_number": number,
            "cvc": "123",
            "expiry_date": "12/39",
            "cardholder_name": "A Person",
        }
        answer = Client().post("/v1/auth", json.dumps(card), content_type="application/json")
        assert answer.status_code == status
        if status == 402:
            assert answer.json()["code"] == "P0010"
            assert get(api, made["payment_id"])["state"]["status"] == "created"


class TestSettings:
    """Who decides, and how."""

    def address(self, service: Service, account: GatewayAccount) -> str:
        return reverse("payments-console-card-types", args=[service.pk, account.pk])

    def test_administrator_decides(self, service: Service, account: GatewayAccount) -> None:
        browser, address = browser_of(colleague(service, "admin")), self.address(service, account)
        settings = reverse("payments-console-settings", args=[service.pk])
        assert address in browser.get(settings).content.decode()
        assert browser.get(address).content.decode().count(" checked") == 12
        assert browser.post(address, TYPES)["Location"] == settings
        account.refresh_from_db()
        assert account.card_types == TYPES
        assert browser.get(address).content.decode().count(" checked") == 3
        (event,) = AuditEvent.objects.filter(action="gateway_account_changed", service_id=service.pk)
        assert event.before is not None
        assert event.after is not None
        assert (event.before["card_types"], event.after["card_types"]) == (None, TYPES)
        browser.post(address, TYPES)
        assert AuditEvent.objects.filter(action="gateway_account_changed").count() == 1
        every = ["Visa", "Mastercard", "American Express", "Jcb", "Discover", "Diners Club"]
        browser.post(address, {"debit": every, "credit": every})
        account.refresh_from_db()
        assert account.card_types is None

    @pytest.mark.parametrize("answers", [{}, {"debit": ["Maestro"]}, {"credit": ["Barter"], "debit": ["Visa"]}])
    def test_mistakes_change_nothing(self, service: Service, account: GatewayAccount, answers: dict[str, Any]) -> None:
        page = browser_of(colleague(service, "admin")).post(self.address(service, account), answers)
        assert page.status_code == 200
        assert 'href="#id_' + ("credit_0" if "credit" in answers else "debit_0") in page.content.decode()
        account.refresh_from_db()
        assert account.card_types is None

    def test_nobody_else_may(self, service: Service, other_service: Service, account: GatewayAccount) -> None:
        address = self.address(service, account)
        for role in ("developer", "caseworker", "viewer"):
            assert browser_of(colleague(service, role)).post(address, TYPES).status_code == 403
        stranger = browser_of(colleague(other_service, "admin"))
        for path in (address, self.address(other_service, account)):
            assert stranger.post(path, TYPES).status_code == 404
        account.refresh_from_db()
        assert account.card_types is None

    def test_service_refuses_what_the_provider_cannot(self, account: GatewayAccount) -> None:
        refused: list[dict[str, list[str]]] = [{"debit": [], "credit": []}, {"debit": ["Maestro"]}]
        for types in refused:
            with pytest.raises(AccountRefusedError):
                save_card_types(account, card_types=types, by=TESTER)

    def test_other_settings_of_an_account_keep_the_list(self, narrow: GatewayAccount) -> None:
        save_account(narrow.service, provider="sandbox", is_live=False, by=TESTER, currency_code="VND")
        narrow.refresh_from_db()
        assert (narrow.currency, narrow.card_types) == ("VND", TYPES)

    def test_provisioning(self, bearer: Callable[[IssuedKey | str], Client]) -> None:
        entry = {"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test"}
        apply({"gateway_accounts": [{**entry, "card_types": {"debit": ["Visa"]}}]})
        assert GatewayAccount.objects.get().card_types == {"debit": ["Visa"], "credit": []}
        apply({"gateway_accounts": [entry]})
        assert GatewayAccount.objects.get().card_types == {"debit": ["Visa"], "credit": []}
        apply({"gateway_accounts": [{**entry, "card_types": None}]})
        assert GatewayAccount.objects.get().card_types is None
        (fault,) = faults({"gateway_accounts": [{**entry, "card_types": {"debit": []}}]})
        assert "at least one type of card" in fault
