"""The team's pages about money in a real browser: axe, widths, three languages, no JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments.models import Agreement, Dispute, GatewayAccount, Payout, PayoutItem, RefundRequest
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.agreements import create_agreement
from gaap_payments.services.refund_requests import refund_by_person
from tests.browser.support import HEIGHT, OpenPage, assert_fits
from tests.console.conftest import colleague, person
from tests.console.test_browser import LANGUAGES, check, let_in
from tests.payments.support import ANSWERS, DECLINED_CARD, Citizen, create, stored, work
from tests.payments.test_brands import picture

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy_service(service: Service, api: Client, account: GatewayAccount) -> Service:
    """A service about whose money every page has something to show."""
    save_settings(service, by=TESTER, refund_limit=1000, allows_moto=True)
    colleague(service, "viewer")
    paid = create(api, reference="PAID-1", metadata={"cost centre": "Parks"})
    Citizen(paid).pay()
    again = create(api, reference="PAID-2")
    Citizen(again).pay()
    declined = create(api, reference="DECLINED-3")
    citizen = Citizen(declined)
    citizen.enter()
    citizen.send_card(card_no=DECLINED_CARD)
    work()
    colleague_ = person("ngoc@transport.example")
    refund_by_person(stored(again), amount=500, amount_available=2000, user=colleague_)
    refund_by_person(stored(paid), amount=1500, amount_available=2000, user=colleague_)
    work()
    create_agreement(account, reference="GARDEN-7", description="Allotment rent", by=TESTER)
    odd = stored(declined)
    due, facts = now() + timedelta(days=7), dict[str, Any](service=service, is_live=False, amount=2000)
    Dispute.objects.create(payment=odd, provider_id="1", reason="fraudulent", evidence_due_at=due, **facts)
    payout = Payout.objects.create(gateway_account=account, provider_id="2", amount=1450, currency="GBP")
    PayoutItem.objects.create(payout=payout, kind="charge", payment=odd, amount=2000, fee=550)
    return service


def pages(service: Service) -> dict[str, str]:
    """Name the pages, each with its address."""
    request = RefundRequest.objects.get()
    again = service.payments.get(reference="PAID-2")
    at = {
        "transactions": reverse("payments-console-transactions", args=[service.pk]),
        "card-types": reverse("payments-console-card-types", args=[service.pk, service.gateway_accounts.get().pk]),
        "brand": reverse("payments-console-brand", args=[service.pk, service.gateway_accounts.get().pk]),
        "transaction": reverse("payments-console-transaction", args=[service.pk, again.pk]),
        "refund": reverse("payments-console-refund", args=[service.pk, again.pk]),
        "refund-requests": reverse("payments-console-refund-requests", args=[service.pk]),
        "refund-request": reverse("payments-console-refund-request", args=[service.pk, request.pk]),
    }
    plain = ("agreements", "disputes", "payouts", "finance", "settings", "telephone", "telephone-team")
    at |= {name: reverse(f"payments-console-{name}", args=[service.pk]) for name in plain}
    agreement, payout = Agreement.objects.get(), Payout.objects.get()
    at["agreement"] = reverse("payments-console-agreement", args=[service.pk, agreement.pk])
    dispute = Dispute.objects.get()
    at["dispute"] = reverse("payments-console-dispute", args=[service.pk, dispute.pk])
    at["payout"] = reverse("payments-console-payout", args=[service.pk, payout.pk])
    at["finance-mistake"] = reverse("payments-console-ledger", args=[service.pk])
    at["all-transactions"] = reverse("payments-console-all-transactions")
    mistake = f"{at['transactions']}?first_digits=12&mode=test"
    return {**at, "transactions-mistake": mistake}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_and_fits(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service, language: str
) -> None:
    page = browser_page(java_script=False, locale=language)
    let_in(page, live_server, colleague(busy_service, "admin"))
    for name, address in pages(busy_service).items():
        answer = page.goto(f"{live_server}{address}")
        assert answer is not None
        assert answer.status == 200
        check(page, f"payments-{name}", language=language)


def test_two_people_refund_with_the_keyboard(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service
) -> None:
    page = browser_page(java_script=False)
    let_in(page, live_server, colleague(busy_service, "caseworker"))
    page.goto(f"{live_server}{pages(busy_service)['refund-requests']}")
    page.locator("main td a").first.press("Enter")
    page.locator('button[value="approve"]').press("Enter")
    page.wait_for_url("**/payments/refund-requests")
    assert "approved and on its way" in page.locator("main").inner_text()
    assert RefundRequest.objects.get().status == "agreed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_telephone_payment_with_the_keyboard(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service, settings: Any, language: str
) -> None:
    settings.GAAP_BASE_URL = f"{live_server}/"
    save_settings(busy_service, by=TESTER, masks_card_number=True, masks_security_code=True)
    page = browser_page(java_script=False, locale=language)
    let_in(page, live_server, colleague(busy_service, "admin"))
    page.goto(f"{live_server}{pages(busy_service)['telephone']}")
    page.locator("#id_amount").fill("0")
    page.locator("#id_reference").fill("4242 4242 4242 4242")
    page.locator("main button").press("Enter")
    check(page, "payments-telephone-mistake", language=language)
    assert "4242" not in page.content()
    page.locator("#id_amount").fill("20")
    for name, text in (("reference", "INV-7"), ("description", "Council tax"), ("email", "ngoc@example.org")):
        page.locator(f"#id_{name}").fill(text)
    page.locator("main button").press("Enter")
    page.wait_for_url("**/card_details/*")
    check(page, "payments-telephone-card", language=language)
    for name in ("card_no", "expiry_month", "expiry_year", "cardholder_name", "cvc"):
        page.locator(f"#{name.replace('_', '-')}").fill(ANSWERS[name])
    assert page.locator("#card-no").get_attribute("type") == "password"
    page.locator("#submit-card-details").press("Enter")
    page.wait_for_url("**/confirm")
    page.locator("#confirm").press("Enter")
    page.wait_for_url("**/payments/transactions/*")
    assert page.locator("h1").inner_text() == "INV-7"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_look_of_an_accounts_pages(
    browser_page: OpenPage,
    live_server: LiveServer,
    service: Service,
    account: GatewayAccount,
    api: Client,
    language: str,
) -> None:
    page = browser_page(java_script=False, locale=language)
    let_in(page, live_server, colleague(service, "admin"))
    page.goto(f"{live_server}{reverse('payments-console-brand', args=[service.pk, account.pk])}")
    page.locator("#id_primary_colour").fill("#ffcc00")
    page.locator('button[value="preview"]').press("Enter")
    check(page, "payments-brand-mistake", language=language)
    answers = {"name": "Harbour City Council", "primary_colour": "#5a1a2b", "accent_colour": "#14532d"}
    for name, text in {**answers, "logo_alt": "An anchor"}.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator('button[value="preview"]').press("Enter")
    page.locator(".payment-preview", has_text="Harbour City Council").wait_for()
    page.wait_for_load_state()
    bar = page.locator(".payment-preview .gaap-service")
    assert bar.evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(90, 26, 43)"
    page.locator("#id_logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture()})
    page.locator('button[value="save"]').press("Enter")
    page.locator(".payment-preview .payment__logo").wait_for()
    check(page, "payments-brand-saved", language=language)
    page.goto(f"{live_server}{Citizen(create(api, language=language)).entry}")
    check(page, "payments-brand-card", language=language)
    page.wait_for_load_state()
    assert page.locator(".payment__logo").evaluate("logo => logo.complete && logo.naturalWidth > 0")
    page.set_viewport_size({"width": 320, "height": HEIGHT})
    assert_fits(page)


def test_a_service_without_telephone_payments_says_so(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service
) -> None:
    save_settings(busy_service, by=TESTER, allows_moto=False)
    page = browser_page(java_script=False)
    let_in(page, live_server, colleague(busy_service, "admin"))
    page.goto(f"{live_server}{pages(busy_service)['telephone']}")
    check(page, "payments-telephone-closed", language="en")
