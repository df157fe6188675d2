"""Payment links: what a team makes in the console, and how a citizen pays at one."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.errors import AccountNotConfiguredError, LinkAddressTakenError
from gaap_payments.models import GatewayAccount, Payment, PaymentLink
from gaap_payments.services.accounts import save_account
from gaap_payments.services.links import LinkFacts, create_link, enable_link, link_address, matches_format
from tests.console.conftest import colleague
from tests.payments.support import ANSWERS

pytestmark = pytest.mark.django_db


def made(service: Service, **facts: Any) -> PaymentLink:
    values = {"name": "Allotment rent", "amount": 4500, "slug": "rent", **facts}
    return create_link(service, facts=LinkFacts(**values), is_live=False, by=TESTER)


def team(service: Service, role: str) -> Client:
    browser = Client()
    browser.force_login(colleague(service, role))
    return browser


def test_citizen_pays_a_fixed_amount(service: Service, account: GatewayAccount) -> None:
    made(service, details="For one year")
    browser = Client()
    page = browser.get("/pay/rent").content.decode()
    assert "Allotment rent" in page
    assert "£45.00" in page
    sent = browser.post("/pay/rent", {"amount": "1"})
    payment = Payment.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/card_details/{payment.pk}")
    assert (payment.amount, payment.description, len(payment.reference)) == (4500, "Allotment rent", 10)
    browser.get(sent["Location"])
    browser.post(sent["Location"], ANSWERS)
    browser.post(f"{sent['Location']}/confirm")
    back = browser.get(f"/return/{payment.pk}")["Location"]
    assert back == "http://127.0.0.1:8000/pay/rent/done"
    assert browser.get("/pay/rent/done").status_code == 200
    payment.refresh_from_db()
    assert payment.state.status == "success"


@pytest.mark.parametrize(
    ("typed", "currency", "amount", "language"),
    [
        ("45", "GBP", 4500, "en"),
        ("£1,234.50", "GBP", 123450, "en"),
        ("0.30", "GBP", 30, "en"),
        ("50,000,000", "VND", 50_000_000, "en"),
        ("1000", "VND", 1000, "en"),
        ("1.000 ₫", "VND", 1000, "vi"),
        ("1.234,50", "GBP", 123450, "vi"),
    ],
)
def test_citizen_says_how_much(service: Service, typed: str, currency: str, amount: int, language: str) -> None:
    save_account(service, provider="sandbox", is_live=False, currency_code=currency, by=TESTER)
    made(service, amount=None, language=language)
    assert Client().post("/pay/rent", {"amount": typed}).status_code == 303
    assert (Payment.objects.get().amount, Payment.objects.get().currency) == (amount, currency)


@pytest.mark.parametrize("typed", ["", "0", "-5", "0.001", "abc", "1e9999", "NaN", "Infinity", "100000.01", "٤٥٫"])
def test_amounts_that_are_none(service: Service, account: GatewayAccount, typed: str) -> None:
    made(service, amount=None)
    answer = Client().post("/pay/rent", {"amount": typed})
    assert answer.status_code == 200
    assert "gaap-summary-errors" in answer.content.decode()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("reference", "is_right"),
    [
        ("AB-1234", True),
        ("ab-1234", True),
        ("AB1234", False),
        ("AB-12345", False),
        ("4242424242424242", False),
        ("", False),
    ],
)
def test_reference_is_held_to_its_format(
    service: Service, account: GatewayAccount, reference: str, is_right: bool
) -> None:
    made(service, reference_label="Invoice number", reference_format="AA-9999")
    assert "Invoice number" in Client().get("/pay/rent").content.decode()
    assert Client().post("/pay/rent", {"reference": reference}).status_code == (303 if is_right else 200)
    assert Payment.objects.exists() == is_right


def test_free_reference_takes_no_card_number_and_no_markup(service: Service, account: GatewayAccount) -> None:
    made(service, reference_label="Your name")
    for reference in ("4242 4242 4242 4242", "<script>", "a|b"):
        assert Client().post("/pay/rent", {"reference": reference}).status_code == 200
    assert not Payment.objects.exists()


def test_formats_are_no_patterns() -> None:
    assert matches_format("(a+)+", "(a+)+")
    assert not matches_format("aaaa", "(a+)+")


def test_address_fills_the_form_in(service: Service, account: GatewayAccount) -> None:
    made(service, amount=None, reference_label="Invoice number")
    page = Client().get("/pay/rent?reference=INV_7&amount=1250").content.decode()
    assert 'value="INV 7"' in page
    assert 'value="12.50"' in page
    assert Client().get("/pay/rent?amount=-1&reference=" + "x" * 3000).status_code == 200


def test_link_that_is_off_takes_nothing(service: Service, account: GatewayAccount) -> None:
    link = made(service)
    enable_link(link, is_enabled=False, by=TESTER)
    assert Client().get("/pay/rent").status_code == 410
    assert Client().post("/pay/rent").status_code == 410
    assert Client().get("/pay/unknown").status_code == 404
    assert not Payment.objects.exists()


def test_account_that_is_gone_takes_nothing(service: Service, account: GatewayAccount) -> None:
    made(service)
    GatewayAccount.objects.update(is_enabled=False)
    assert Client().post("/pay/rent").status_code == 410


def test_addresses_are_made_and_never_shared(service: Service, account: GatewayAccount) -> None:
    first, second = made(service, slug=""), made(service, slug="")
    assert first.slug == "renew-a-vehicle-registration-allotment-rent"
    assert second.slug.startswith(first.slug)
    assert second.slug != first.slug
    with pytest.raises(LinkAddressTakenError):
        made(service, slug=first.slug)


def test_no_link_without_an_account(service: Service) -> None:
    with pytest.raises(AccountNotConfiguredError):
        made(service)


class TestConsole:
    """The team's pages."""

    ANSWERS = {"name": "Rent", "amount": "45.00", "slug": "rent", "language": "en", "mode": "test"}

    def test_administrator_makes_changes_and_switches_off(self, service: Service, account: GatewayAccount) -> None:
        browser = team(service, "admin")
        listed = reverse("payments-console-links", args=[service.pk])
        assert browser.get(listed).status_code == 200
        made = browser.post(reverse("payments-console-new-link", args=[service.pk]), self.ANSWERS)
        assert made["Location"] == listed
        link = PaymentLink.objects.get()
        assert (link.amount, link.slug, link.is_live) == (4500, "rent", False)
        change = reverse("payments-console-change-link", args=[service.pk, link.pk])
        assert 'value="45.00"' in browser.get(change).content.decode()
        browser.post(change, {**self.ANSWERS, "amount": "", "name": "Rent of a garden"})
        link.refresh_from_db()
        assert (link.amount, link.name) == (None, "Rent of a garden")
        browser.post(reverse("payments-console-switch-link", args=[service.pk, link.pk]))
        link.refresh_from_db()
        assert not link.is_enabled
        assert "Rent of a garden" in browser.get(listed).content.decode()

    @pytest.mark.parametrize(
        "change",
        [
            {"name": ""},
            {"name": "4242424242424242"},
            {"amount": "0"},
            {"amount": "1.001"},
            {"slug": "A b"},
            {"mode": "live"},
        ],
    )
    def test_mistakes(self, service: Service, account: GatewayAccount, change: dict[str, str]) -> None:
        browser = team(service, "admin")
        answer = browser.post(reverse("payments-console-new-link", args=[service.pk]), {**self.ANSWERS, **change})
        assert answer.status_code == 200
        assert not PaymentLink.objects.exists()

    def test_viewer_prints_and_changes_nothing(self, service: Service, account: GatewayAccount) -> None:
        link = made(service)
        browser = team(service, "viewer")
        poster = browser.get(reverse("payments-console-poster", args=[service.pk, link.pk])).content.decode()
        assert link_address(link) in poster
        code = browser.get(reverse("payments-console-qr-code", args=[service.pk, link.pk]))
        assert code["Content-Type"] == "image/svg+xml"
        assert b"<svg" in code.content
        for name in ("new-link", "change-link", "switch-link"):
            arguments = [service.pk] if name == "new-link" else [service.pk, link.pk]
            assert browser.post(reverse(f"payments-console-{name}", args=arguments)).status_code == 403

    def test_other_teams_see_nothing(self, service: Service, other_service: Service, account: GatewayAccount) -> None:
        link = made(service)
        browser = team(other_service, "admin")
        assert browser.get(reverse("payments-console-links", args=[service.pk])).status_code == 404
        assert browser.get(reverse("payments-console-poster", args=[other_service.pk, link.pk])).status_code == 404
