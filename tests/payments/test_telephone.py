"""Payments by telephone in the console: who may take them, one payment for each form, and no card number anywhere."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Membership, Service
from gaap.organisations.teams import remove_member
from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment, PaymentEvent, TelephonePermission
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.services.accounts import save_account, save_settings
from gaap_payments.services.telephone import DRAFT_SECONDS, new_draft, permit_members
from tests.console.conftest import browser_of, colleague
from tests.payments.support import ANSWERS, GOOD_CARD, Citizen, create, get, work
from tests.payments.test_parallel import at_once
from tests.payments.test_provision import apply, faults

pytestmark = pytest.mark.django_db

Address = Callable[..., str]

ASKED = {
    "amount": "20.00",
    "reference": "INV-7",
    "description": "Council tax, July",
    "email": "ngoc@example.org",
    "language": "en",
}
CHALLENGED_CARD = "4000002500003155"


@pytest.fixture
def address(service: Service) -> Address:
    """Return a function that makes the address of a page from its name."""
    return lambda name, *arguments: reverse(f"payments-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def _allowed(service: Service, account: GatewayAccount) -> None:
    """A service that takes telephone payments."""
    save_settings(service, by=TESTER, allows_moto=True)


@pytest.fixture
def taker(service: Service) -> User:
    """A viewer with the permission."""
    user = colleague(service, "viewer")
    permit(user)
    return user


@pytest.fixture
def browser(taker: User) -> Client:
    """The browser of a viewer with the permission."""
    return browser_of(taker)


def permit(*users: User) -> None:
    memberships = Membership.objects.filter(user__in=users)
    permit_members(memberships[0].service, membership_ids={row.pk for row in memberships}, by=TESTER)


def asked(browser: Client, address: Address, **changes: str) -> dict[str, str]:
    """What a person sends who opened the form."""
    form = browser.get(address("telephone")).context["form"]
    return {**ASKED, "draft": form["draft"].value(), **changes}


def take(browser: Client, address: Address, **changes: str) -> Any:
    return browser.post(address("telephone"), asked(browser, address, **changes))


@pytest.mark.usefixtures("_allowed")
class TestTaking:
    """From the form over the card's page back to the console."""

    def test_the_whole_way(self, browser: Client, address: Address, api: Client, taker: User) -> None:
        answer = take(browser, address)
        assert answer.status_code == 302
        payment = Payment.objects.get()
        page = browser.get(answer["Location"], follow=True)
        html = page.content.decode()
        assert page.request["PATH_INFO"] == f"/card_details/{payment.pk}"
        assert "This payment is taken by telephone or post." in html
        for absent in ("address-line-1", "Apple Pay", "cc-number", "cc-csc"):
            assert absent not in html
        browser.post(f"/card_details/{payment.pk}", ANSWERS)
        browser.post(f"/card_details/{payment.pk}/confirm")
        back = browser.get(f"/return/{payment.pk}")
        assert urlsplit(back["Location"]).path == address("transaction", payment.pk)
        shown = browser.get(back["Location"]).content.decode()
        assert "By telephone or post" in shown
        assert taker.email in shown
        work()
        document = get(api, payment.pk)
        assert (document["moto"], document["state"]["status"], document["amount"]) == (True, "success", 2000)
        assert (document["reference"], document["authorisation_mode"]) == ("INV-7", "web")

    def test_who_took_it_is_kept(self, browser: Client, address: Address, taker: User) -> None:
        take(browser, address)
        payment = Payment.objects.get()
        event = AuditEvent.objects.get(action="telephone_payment_taken")
        assert (event.actor_kind, event.actor_id) == ("person", str(taker.pk))
        assert (event.target_id, event.service_id) == (payment.pk, payment.service_id)
        assert event.after == {"amount": 2000, "currency": "GBP", "mode": "test"}
        assert PaymentEvent.objects.get().actor == f"person:{taker.pk}"

    def test_the_bank_asks_for_no_proof(self, browser: Client, address: Address, api: Client) -> None:
        page = browser.get(take(browser, address)["Location"], follow=True)
        answer = browser.post(page.request["PATH_INFO"], {**ANSWERS, "card_no": CHALLENGED_CARD})
        assert answer["Location"].endswith("/confirm")
        payment = Payment.objects.get()
        assert payment.status == "submitted"
        assert payment.challenge is None
        assert payment.is_challenged is False

    def test_on_the_web_it_does(self, api: Client) -> None:
        citizen = Citizen(create(api))
        citizen.enter()
        assert citizen.send_card(card_no=CHALLENGED_CARD)["Location"].endswith("/3ds_required")

    @pytest.mark.parametrize("language", ["en", "cy", "vi"])
    def test_in_the_language_that_was_chosen(self, browser: Client, address: Address, language: str) -> None:
        page = browser.get(take(browser, address, language=language)["Location"], follow=True)
        assert page["Content-Language"] == language
        assert Payment.objects.get().language == language

    def test_card_number_and_security_code_can_be_hidden(
        self, browser: Client, address: Address, service: Service, api: Client
    ) -> None:
        page = browser.get(take(browser, address)["Location"], follow=True)
        assert 'type="password"' not in page.content.decode()
        save_settings(service, by=TESTER, masks_card_number=True, masks_security_code=True)
        html = browser.get(page.request["PATH_INFO"]).content.decode()
        assert html.count('type="password"') == 2
        assert 'type="password"' not in Citizen(create(api)).enter().content.decode()

    def test_amount_of_the_chosen_accounts_currency(
        self, browser: Client, address: Address, service: Service, account: GatewayAccount
    ) -> None:
        live = save_account(service, provider="sandbox", is_live=True, currency_code="VND", by=TESTER)
        assert "£" not in take(browser, address, mode="live", amount="20.50").content.decode().split("<main")[1]
        assert take(browser, address, mode="live", amount="50,000").status_code == 302
        assert take(browser, address, mode="test", amount="20.50").status_code == 302
        found = {row.gateway_account_id: row.amount for row in Payment.objects.all()}
        assert found == {live.pk: 50_000, account.pk: 2050}

    def test_email_is_asked_for_as_the_service_wants(self, browser: Client, address: Address, service: Service) -> None:
        assert 'href="#id_email"' in take(browser, address, email="").content.decode()
        save_settings(service, by=TESTER, email="optional")
        assert take(browser, address, email="").status_code == 302
        save_settings(service, by=TESTER, email="off")
        assert take(browser, address, reference="INV-8").status_code == 302
        assert Payment.objects.get(reference="INV-8").email == ""


@pytest.mark.usefixtures("_allowed")
class TestOnce:
    """One payment for each form that was opened."""

    def test_a_form_sent_twice_leads_to_the_same_payment(self, browser: Client, address: Address) -> None:
        answers = asked(browser, address)
        for _ in range(2):
            sent = browser.post(address("telephone"), answers)
            page = browser.get(sent["Location"], follow=True)
            assert page.request["PATH_INFO"] == f"/card_details/{Payment.objects.get().pk}"
        assert AuditEvent.objects.filter(action="telephone_payment_taken").count() == 1

    def test_a_form_sent_again_with_something_else_asks_first(self, browser: Client, address: Address) -> None:
        answers = asked(browser, address)
        browser.post(address("telephone"), answers)
        again = browser.post(address("telephone"), {**answers, "amount": "30.00"})
        assert "This form was sent before or is too old." in again.content.decode()
        assert Payment.objects.get().amount == 2000
        renewed = again.context["form"]["draft"].value()
        assert renewed != answers["draft"]
        browser.post(address("telephone"), {**answers, "amount": "30.00", "draft": renewed})
        assert sorted(Payment.objects.values_list("amount", flat=True)) == [2000, 3000]

    def test_drafts_of_others_and_old_ones_begin_nothing(
        self,
        browser: Client,
        address: Address,
        service: Service,
        other_service: Service,
        taker: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        others = new_draft(service, user=colleague(service, "admin"))
        elsewhere = new_draft(other_service, user=taker)
        for draft in (others, elsewhere, "nonsense"):
            assert take(browser, address, draft=draft).status_code == 200
        answers = asked(browser, address)
        monkeypatch.setattr("gaap_payments.services.telephone.DRAFT_SECONDS", -1)
        assert browser.post(address("telephone"), answers).status_code == 200
        assert not Payment.objects.exists()
        assert DRAFT_SECONDS == 86_400

    def test_without_the_forms_token_nothing_happens(self, taker: User, browser: Client, address: Address) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(taker)
        assert strict.post(address("telephone"), asked(browser, address)).status_code == 403
        assert not Payment.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_allowed")
def test_eight_at_once_make_one_payment(taker: User, address: Address) -> None:
    browsers = [browser_of(taker) for _ in range(8)]
    answers = asked(browsers[0], address)
    sent = at_once(8, lambda number: browsers[number].post(address("telephone"), answers))
    assert {answer.status_code for answer in sent} == {302}
    assert Payment.objects.count() == 1
    assert AuditEvent.objects.filter(action="telephone_payment_taken").count() == 1


@pytest.mark.usefixtures("_allowed")
class TestRefusals:
    """What is no order."""

    @pytest.mark.parametrize("written", [GOOD_CARD, "4242 4242 4242 4242", "card 3714-496353-98431"])
    @pytest.mark.parametrize("field", ["amount", "reference", "description"])
    def test_card_numbers_are_refused_and_not_shown_again(
        self, browser: Client, address: Address, field: str, written: str
    ) -> None:
        html = take(browser, address, **{field: written}).content.decode()
        assert "Do not enter a card number here" in html
        assert written not in html
        assert not Payment.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"amount": ""}, "amount"),
            ({"amount": "0"}, "amount"),
            ({"amount": "0.001"}, "amount"),
            ({"amount": "100,000.01"}, "amount"),
            ({"amount": "-5"}, "amount"),
            ({"reference": " "}, "reference"),
            ({"reference": "<b>"}, "reference"),
            ({"description": "a|b"}, "description"),
            ({"description": "x" * 256}, "description"),
            ({"email": "nobody"}, "email"),
            ({"language": "tlh"}, "language"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_mistakes_are_named_beside_their_field(
        self, browser: Client, address: Address, changes: dict[str, str], field: str
    ) -> None:
        answer = take(browser, address, **changes)
        assert answer.status_code == 200
        assert f'href="#id_{field}"' in answer.content.decode()
        assert not Payment.objects.exists()

    def test_nothing_only_where_that_is_allowed(self, browser: Client, address: Address, service: Service) -> None:
        save_settings(service, by=TESTER, allows_zero=True)
        assert take(browser, address, amount="0").status_code == 302


class TestClosed:
    """A service that takes no payments by telephone."""

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_the_settings_do_not_allow_it(
        self, browser: Client, address: Address, account: GatewayAccount, method: str
    ) -> None:
        answer = getattr(browser, method)(address("telephone"), ASKED)
        assert answer.status_code == (200 if method == "get" else 409)
        html = answer.content.decode()
        assert "does not take payments by telephone and post" in html
        assert "An administrator of your team can change that" in html
        assert not Payment.objects.exists()

    @pytest.mark.usefixtures("_allowed")
    def test_the_provider_cannot(self, browser: Client, address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(SandboxProvider, "capabilities", frozenset())
        assert "takes telephone payments" in browser.get(address("telephone")).content.decode()
        assert browser.post(address("telephone"), ASKED).status_code == 409

    @pytest.mark.usefixtures("_allowed")
    def test_the_account_is_off(self, browser: Client, address: Address, account: GatewayAccount) -> None:
        answers = asked(browser, address)
        GatewayAccount.objects.filter(pk=account.pk).update(is_enabled=False)
        assert browser.post(address("telephone"), answers).status_code == 409


@pytest.mark.usefixtures("_allowed")
class TestPermission:
    """Who may take them, and who decides that."""

    @pytest.mark.parametrize("role", ["viewer", "caseworker", "developer"])
    def test_a_role_alone_is_not_enough(self, service: Service, address: Address, role: str) -> None:
        user = colleague(service, role)
        browser = browser_of(user)
        for answer in (browser.get(address("telephone")), browser.post(address("telephone"), ASKED)):
            assert answer.status_code == 403
        assert address("telephone") not in browser.get(address("transactions")).content.decode()
        permit(user)
        assert browser.get(address("telephone")).status_code == 200
        assert address("telephone") in browser.get(address("transactions")).content.decode()

    def test_the_permission_is_nothing_more(self, browser: Client, address: Address, api: Client) -> None:
        paid = create(api)
        Citizen(paid).pay()
        work()
        assert browser.get(address("refund", paid["payment_id"])).status_code == 403
        assert browser.get(address("telephone-team")).status_code == 403

    def test_administrators_need_no_permission(self, service: Service, address: Address) -> None:
        assert browser_of(colleague(service, "admin")).get(address("telephone")).status_code == 200

    def test_other_teams_find_nothing(self, service: Service, other_service: Service, address: Address) -> None:
        stranger = colleague(other_service, "viewer")
        save_settings(other_service, by=TESTER, allows_moto=True)
        permit(stranger)
        browser = browser_of(stranger)
        assert browser.get(address("telephone")).status_code == 404
        assert browser.post(address("telephone"), ASKED).status_code == 404

    def test_granted_and_withdrawn_by_administrators(self, service: Service, address: Address) -> None:
        viewer, caseworker = colleague(service, "viewer"), colleague(service, "caseworker")
        admin = colleague(service, "admin")
        browser = browser_of(admin)
        keys = {user.email: user.memberships.get().pk for user in (viewer, caseworker)}
        page = browser.get(address("telephone-team")).content.decode()
        assert all(user.email in page for user in (viewer, caseworker))
        for chosen in ([viewer], [viewer], [caseworker], []):
            members = [keys[user.email] for user in chosen]
            assert browser.post(address("telephone-team"), {"members": members}).status_code == 302
            assert set(TelephonePermission.objects.values_list("membership_id", flat=True)) == set(members)
        told = AuditEvent.objects.filter(action__startswith="telephone_permission").order_by("pk")
        first, second = (str(keys[user.email]) for user in (viewer, caseworker))
        assert [(event.action.rpartition("_")[2], event.target_id) for event in told[:1]] == [("granted", first)]
        assert {(event.action.rpartition("_")[2], event.target_id) for event in told[1:3]} == {
            *(("withdrawn", first), ("granted", second))
        }
        assert [(event.action.rpartition("_")[2], event.target_id) for event in told[3:]] == [("withdrawn", second)]
        assert {event.actor_id for event in told} == {str(admin.pk)}

    def test_members_of_other_teams_cannot_be_chosen(
        self, service: Service, other_service: Service, address: Address
    ) -> None:
        stranger = colleague(other_service, "viewer").memberships.get()
        browser = browser_of(colleague(service, "admin"))
        assert browser.post(address("telephone-team"), {"members": [stranger.pk]}).status_code == 200
        permit_members(service, membership_ids={stranger.pk}, by=TESTER)
        assert not TelephonePermission.objects.exists()

    def test_the_permission_goes_with_the_membership(self, service: Service, taker: User) -> None:
        colleague(service, "admin")
        remove_member(taker.memberships.get(), by=TESTER)
        assert not TelephonePermission.objects.exists()


def test_settings_and_permissions_come_from_a_file_too() -> None:
    members = [{"email": "nia@transport.example", "role": "viewer"}]
    settings = {"moto": True, "mask_card_number": True, "mask_security_code": True}
    apply({"settings": settings, "telephone_payments_by": ["Nia@transport.example"]}, members=members)
    service = Service.objects.get()
    kept = service.payment_settings
    assert (kept.masks_card_number, kept.masks_security_code) == (True, True)
    assert TelephonePermission.objects.get().membership == service.memberships.get()
    apply({"telephone_payments_by": []})
    assert not TelephonePermission.objects.exists()
    found = faults({"telephone_payments_by": ["nobody@transport.example"]})
    assert found == [
        "services[0].payments.telephone_payments_by: nobody@transport.example is not a member of the team."
    ]
