"""Mandates, payment links and a provider's own fields in a real browser: languages, widths, axe, keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Mandate, Payment
from gaap_payments.providers.stripe import StripeProvider
from gaap_payments.services.accounts import save_account
from gaap_payments.services.links import LinkFacts, create_link
from tests.browser.support import DESKTOP, PHONE, OpenPage
from tests.payments.stripe_peer import StripePeer, running_peer
from tests.payments.support import Citizen, create
from tests.payments.test_direct_debit import Payer, create_mandate
from tests.payments.test_pages_browser import away, fill, look
from tests.payments.test_stripe_journey import PAYER

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

#: In the place of Stripe's script: one field of its own, and a confirmation that the test does at the peer.
SCRIPT = """
window.Stripe = (key, options) => ({
  elements: ({ clientSecret }) => ({
    create: () => ({
      mount: (place) => { document.querySelector(place).textContent = "Stripe's fields " + clientSecret; },
    }),
  }),
  confirmPayment: async ({ confirmParams }) => {
    const answer = await (await fetch("https://api.stripe.com/fake")).json();
    if (answer.error) return { error: answer.error };
    window.location.assign(confirmParams.return_url);
    return new Promise(() => {});
  },
});
"""


@pytest.fixture
def host(live_server: LiveServer, settings: Any) -> str:
    """The server's address, which the suite takes for its own."""
    settings.GAAP_BASE_URL = live_server.url + "/"
    return live_server.url


@pytest.fixture
def peer(settings: Any) -> Iterator[StripePeer]:
    """Stripe on loopback."""
    with running_peer() as one:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": one.address}
        yield one


@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("cy", DESKTOP), ("vi", PHONE)])
def test_mandate_is_set_up(
    api: Client, account: GatewayAccount, host: str, browser_page: OpenPage, language: str, width: int
) -> None:
    document = create_mandate(api, language=language)
    page = browser_page(width=width, java_script=False)
    page.goto(host + Payer(document).entry)
    look(page, f"mandate-{language}-1-bank")
    page.locator("#submit-bank-details").click()
    assert page.locator(".gaap-summary-errors li").count() == 5
    look(page, f"mandate-{language}-2-mistakes")
    for name, value in {"account-holder": "Sam Lee", "email": "sam@example.org"}.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#sort-code").fill("10-88-00")
    page.locator("#account-number").fill("00012345")
    page.locator("#can-agree-alone").check()
    page.locator("#submit-bank-details").click()
    look(page, f"mandate-{language}-3-confirm")
    page.locator("#confirm").press("Enter")
    page.locator("#return-url").wait_for()
    look(page, f"mandate-{language}-4-ending")
    assert Mandate.objects.get().status == "pending"


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_link_is_paid(
    service: Service, account: GatewayAccount, host: str, browser_page: OpenPage, language: str
) -> None:
    facts = LinkFacts("Allotment rent", slug="rent", reference_label="Plot", reference_format="A9", language=language)
    create_link(service, facts=facts, is_live=False, by=TESTER)
    page = browser_page(width=PHONE, java_script=False)
    page.goto(f"{host}/pay/rent")
    page.locator("#submit-link").click()
    assert page.locator(".gaap-summary-errors li").count() == 2
    look(page, f"link-{language}-1-mistakes")
    page.locator("#reference").fill("B7")
    page.locator("#amount").fill("45")
    page.keyboard.press("Enter")
    page.locator("#card-no").wait_for()
    fill(page)
    page.locator("#submit-card-details").click()
    page.locator("#confirm").click()
    page.wait_for_url("**/pay/rent/done")
    look(page, f"link-{language}-2-done")
    assert Payment.objects.get().state.status == "success"


def test_stripes_fields(
    api: Client, service: Service, peer: StripePeer, host: str, live_server: LiveServer, browser_page: OpenPage
) -> None:
    """The script and its hosts are let in on that page; a mistake is told there, and a success goes on."""
    credentials = StripeProvider.contract_examples.credentials
    save_account(service, provider="stripe", is_live=False, credentials=credentials, by=TESTER)
    answers: list[dict[str, Any]] = [{"error": {"type": "validation_error", "message": "The number is short."}}, {}]
    page = browser_page(width=PHONE)
    _stand_in_for_stripe(page, answers)
    page.goto(host + Citizen(create(api, return_url=away(live_server))).entry)
    _say_who_pays(page)
    look(page, "stripe-1-fields")
    assert "Stripe's fields" in page.locator("#provider-fields").inner_text()
    page.locator("#submit-provider-fields").click()
    page.get_by_role("alert").filter(has_text="The number is short.").wait_for()
    peer.pay(Payment.objects.get().session_id)
    page.locator("#submit-provider-fields").press("Enter")
    page.wait_for_url("**/confirm")
    page.locator("#confirm").click()
    page.wait_for_url(away(live_server))
    assert Payment.objects.get().state.status == "success"


def test_stripes_fields_after_a_declined_card(
    api: Client, service: Service, peer: StripePeer, host: str, browser_page: OpenPage
) -> None:
    credentials = StripeProvider.contract_examples.credentials
    save_account(service, provider="stripe", is_live=False, credentials=credentials, by=TESTER)
    page = browser_page(width=PHONE)
    _stand_in_for_stripe(page, [{"error": {"type": "card_error", "message": "Declined."}}])
    page.goto(host + Citizen(create(api)).entry)
    _say_who_pays(page)
    peer.pay(Payment.objects.get().session_id, "4000000000000002")
    page.locator("#submit-provider-fields").click()
    page.locator("#return-url").wait_for()
    assert Payment.objects.get().status == states.DECLINED


def test_stripes_fields_need_javascript_and_say_so(
    api: Client, service: Service, peer: StripePeer, host: str, browser_page: OpenPage
) -> None:
    credentials = StripeProvider.contract_examples.credentials
    save_account(service, provider="stripe", is_live=False, credentials=credentials, by=TESTER)
    page = browser_page(width=PHONE, java_script=False)
    page.goto(host + Citizen(create(api)).entry)
    _say_who_pays(page)
    assert page.locator("#needs-javascript").is_visible()
    assert not page.locator("#submit-provider-fields").is_visible()


def _stand_in_for_stripe(page: Page, answers: list[dict[str, Any]]) -> None:
    def tell(route: Route) -> None:
        route.fulfill(json=answers.pop(0), headers={"Access-Control-Allow-Origin": "*"})

    page.route("https://js.stripe.com/**", lambda route: route.fulfill(body=SCRIPT, content_type="text/javascript"))
    page.route("https://api.stripe.com/**", tell)


def _say_who_pays(page: Page) -> None:
    for name, value in PAYER.items():
        control = page.locator(f"#{name.replace('_', '-')}")
        if name == "address_country":
            control.select_option(value)
        else:
            control.fill(value)
    page.locator("#submit-payer-details").click()
    page.wait_for_url("**/provider_fields")
