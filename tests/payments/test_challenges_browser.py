"""3-D Secure and wallets in a real browser: the bank's frame, with and without JavaScript, phone and desktop."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import FrameLocator, Page
from pytest_django.live_server_helper import LiveServer

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.accounts import save_settings
from tests.browser.support import DESKTOP, PHONE, OpenPage
from tests.payments.support import DECLINED_CARD, Citizen, create
from tests.payments.test_pages_browser import away, fill, look

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def host(live_server: LiveServer, settings: Any) -> str:
    """The server's address, which the suite takes for its own."""
    settings.GAAP_BASE_URL = live_server.url + "/"
    return live_server.url


def bank(page: Page) -> FrameLocator:
    """The bank's page within ours."""
    return page.frame_locator(".iframe-3ds")


@pytest.mark.parametrize(
    ("language", "width", "java_script"),
    [("en", PHONE, False), ("cy", DESKTOP, False), ("vi", PHONE, True), ("en", DESKTOP, True)],
)
def test_bank_finds_the_right_person(
    api: Client,
    account: GatewayAccount,
    host: str,
    live_server: LiveServer,
    browser_page: OpenPage,
    language: str,
    width: int,
    java_script: bool,
) -> None:
    document = create(api, language=language, return_url=away(live_server))
    page = browser_page(width=width, java_script=java_script)
    page.goto(host + Citizen(document).entry)
    fill(page, card_no="4000002500003155")
    page.locator("#submit-card-details").click()
    page.wait_for_url("**/3ds_required")
    bank(page).locator("#bank-approve").wait_for()
    look(page, f"pay-{language}-{width}-3ds")
    bank(page).locator("#bank-approve").click()
    if not java_script:
        bank(page).locator("form[data-continue] button").click()
    page.wait_for_url("**/confirm")
    page.locator("#confirm").click()
    page.wait_for_url(away(live_server))
    assert Payment.objects.get().state.status == "success"


def test_bank_reached_by_keyboard_alone(
    api: Client, account: GatewayAccount, host: str, browser_page: OpenPage
) -> None:
    page = browser_page()
    page.goto(host + Citizen(create(api)).entry)
    fill(page, card_no="4000002500003155")
    page.locator("#submit-card-details").press("Enter")
    bank(page).locator("#bank-refuse").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/card_details/*")
    assert "declined" in page.locator("h1").inner_text()


def test_wallet_leads_straight_back(
    api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage
) -> None:
    page = browser_page(width=PHONE, java_script=False)
    page.goto(live_server.url + Citizen(create(api, return_url=away(live_server))).entry)
    page.locator("#wallets button").first.click()
    assert page.url == away(live_server)
    assert Payment.objects.get().state.status == "success"


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_another_card_after_a_declined_one(
    api: Client, account: GatewayAccount, live_server: LiveServer, browser_page: OpenPage, language: str
) -> None:
    save_settings(account.service, by=TESTER, allows_retry=True, help_text="0300 123 4567")
    page = browser_page(width=PHONE, java_script=False)
    page.goto(live_server.url + Citizen(create(api, language=language)).entry)
    fill(page, card_no=DECLINED_CARD)
    page.locator("#submit-card-details").click()
    look(page, f"pay-{language}-again")
    fill(page)
    page.locator("#submit-card-details").click()
    assert page.url.endswith("/confirm")
