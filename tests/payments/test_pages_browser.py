"""The pages in a real browser: three languages, phone and desktop, without JavaScript, no fault found by axe."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment
from tests.browser.support import PHONE, OpenPage, assert_accessible, assert_fits, on_screens, shoot
from tests.payments.support import ANSWERS, Citizen, create

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

AMOUNTS = {
    "en": (2000, "GBP", "£20.00"),
    "cy": (10_000_000, "GBP", "£100,000.00"),
    "vi": (1_350_000, "VND", "1.350.000 ₫"),
}
KEYSTROKES = ("4242 4242 4242 4242", "12", "39", "Sam Lee", "123", "United K", "14 Orchard Lane", "", "Otterbourne")
ENDINGS = [
    states.DECLINED,
    states.EXPIRED,
    states.CANCELLED_BY_USER,
    states.CANCELLED_BY_SERVICE,
    states.AUTHORISATION_ERROR,
    states.AUTHORISATION_READY,
]


def look(page: Page, name: str) -> None:
    """Look at a page as every page is looked at: axe, width, one h1, a picture."""
    assert_accessible(page)
    assert_fits(page)
    assert page.locator("h1").count() == 1
    shoot(page, name)


def fill(page: Page, **changes: str) -> None:
    """Type as a person would, by the ids that the contract lists."""
    for name, value in {**ANSWERS, **changes}.items():
        control = page.locator(f"#{name.replace('_', '-')}")
        if name == "address_country":
            control.select_option(value)
        else:
            control.fill(value)


def away(live_server: LiveServer) -> str:
    """Return an address at another origin than the pages have."""
    return live_server.url.replace("localhost", "127.0.0.1") + "/health/live"


@on_screens
def test_citizen_pays(
    api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage, language: str, width: int
) -> None:
    amount, currency, written = AMOUNTS[language]
    document = create(api, language=language, amount=amount, currency=currency, return_url=away(live_server))
    page = browser_page(width=width, java_script=False)
    page.goto(live_server.url + Citizen(document).entry)
    assert written in page.locator("#amount").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    look(page, f"pay-{language}-{width}-1-card")

    fill(page, card_no="4242424242424241", cardholder_name="")
    page.locator("#submit-card-details").click()
    assert page.locator(".gaap-summary-errors li").count() == 2
    page.locator(".gaap-summary-errors a").first.click()
    assert page.locator("#card-no:focus").count() == 1
    look(page, f"pay-{language}-{width}-2-mistakes")

    fill(page)
    page.locator("#submit-card-details").click()
    assert page.url.endswith("/confirm")
    look(page, f"pay-{language}-{width}-3-confirm")
    page.locator("#main-content #confirm").click()
    assert page.url == away(live_server)
    assert Payment.objects.get().state.status == "success"
    page.goto(f"{live_server.url}/card_details/{document['payment_id']}")
    look(page, f"pay-{language}-{width}-4-complete")


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_endings(
    api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage, language: str
) -> None:
    document = create(api, language=language)
    page = browser_page(width=PHONE, java_script=False, locale=language)
    page.goto(live_server.url + Citizen(document).entry)
    for status in ENDINGS:
        Payment.objects.update(status=status)
        page.goto(f"{live_server.url}/card_details/{document['payment_id']}")
        look(page, f"pay-{language}-ending-{status}")
    page.goto(f"{live_server.url}/secure/unknown")
    look(page, f"pay-{language}-ending-other-browser")


def test_keyboard_alone(api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage) -> None:
    """Fields follow each other in the order of the page; Enter sends."""
    document = create(api, return_url=away(live_server))
    page = browser_page()
    page.goto(live_server.url + Citizen(document).entry)
    page.locator("#card-no").focus()
    for answer in (
        "4242 4242 4242 4242",
        "12",
        "39",
        "Sam Lee",
        "123",
        "United K",
        "14 Orchard Lane",
        "",
        "Otterbourne",
    ):
        page.keyboard.type(answer)
        page.keyboard.press("Tab")
    page.keyboard.type("SO21 9ZZ")
    page.keyboard.press("Tab")
    page.keyboard.type("sam@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm")
    assert "SO21 9ZZ, United Kingdom" in page.locator("#address").inner_text()
    page.locator("#confirm").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(away(live_server))


def test_page_turned_on_its_side_and_enlarged(
    api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage
) -> None:
    page = browser_page(width=320)
    document: dict[str, Any] = create(api, description="Renewal" * 36, amount=10_000_000)
    page.goto(live_server.url + Citizen(document).entry)
    assert_fits(page)
