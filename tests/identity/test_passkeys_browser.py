"""Passkeys in Chromium, with a virtual authenticator: made, used to sign in, refused when they are wrong, removed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.support import DESKTOP, PHONE, OpenPage, assert_accessible, assert_fits, shoot
from tests.identity.people import PASSWORD, REDIRECT_URI, RelyingParty, SentCode

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

EMAIL = "ngoc@example.org"


@pytest.fixture
def suite(live_server: Any, settings: Any) -> str:
    """The root of the running suite, by the name that browsers take for safe."""
    address = str(live_server.url).replace("127.0.0.1", "localhost")
    settings.GAAP_BASE_URL = f"{address}/"
    settings.ALLOWED_HOSTS = ["*"]
    return address


@contextmanager
def authenticator(page: Page, *, is_verified: bool = True) -> Iterator[tuple[CDPSession, str]]:
    """A platform authenticator in the page's browser, whose person is there and has (or has not) shown their finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": is_verified,
        "automaticPresenceSimulation": True,
    }
    identifier = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    yield session, identifier


def look(page: Page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    shoot(page, f"identity-passkeys-{name}")


def sign_in(page: Page, suite: str, codes: list[SentCode]) -> None:
    page.goto(f"{suite}/sign-in/password")
    page.fill("#id_email", EMAIL)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code")
    page.fill("#id_code", codes[-1].code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")


def press(page: Page, name: str) -> None:
    """Reach a button or link of this name with the keyboard alone and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()").startswith(name):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard on {page.url}")


@pytest.mark.parametrize(
    ("width", "language", "words"),
    [
        (PHONE, "en", ("Add a passkey", "Use a passkey")),
        (DESKTOP, "cy", ("Ychwanegu cod pas", "Defnyddio cod pas")),
        (PHONE, "vi", ("Thêm khóa truy cập", "Dùng khóa truy cập")),
    ],
)
def test_a_passkey_is_made_and_signs_in(
    suite: str,
    rp: RelyingParty,
    browser_page: OpenPage,
    codes: list[SentCode],
    make_account: Callable[..., Any],
    width: int,
    language: str,
    words: tuple[str, str],
) -> None:
    account = make_account(EMAIL)
    page = browser_page(width=width, locale=language)
    name = f"{width}-{language}"
    with authenticator(page):
        sign_in(page, suite, codes)
        look(page, f"{name}-account")
        page.goto(f"{suite}/account/passkeys")
        press(page, words[0])
        page.wait_for_url("**/passkeys/add")
        look(page, f"{name}-add")
        press(page, words[0])
        page.wait_for_url("**/account/passkeys")
        assert account.passkeys.count() == 1
        look(page, f"{name}-list")
        page.context.clear_cookies()
        page.goto(suite + rp.authorize_path(ui_locales=language))
        page.click("main a[href='/sign-in/passkey']")
        look(page, f"{name}-use")
        with page.expect_request(lambda request: request.url.startswith(f"{REDIRECT_URI}?code=")):
            press(page, words[1])
    used = account.passkeys.get()
    assert used.last_used_at is not None
    assert used.sign_count > 0


def test_a_new_account_begins_with_a_passkey(suite: str, browser_page: OpenPage, codes: list[SentCode]) -> None:
    from gaap_identity.models import Account

    page = browser_page(width=PHONE)
    with authenticator(page):
        page.goto(f"{suite}/sign-in/create")
        for field, text in (("email", EMAIL), ("code", ""), ("password", PASSWORD)):
            page.locator(f"#id_{field}").wait_for()
            page.fill(f"#id_{field}", text or codes[-1].code)
            page.keyboard.press("Enter")
        page.click("main a[href='/sign-in/create/passkey']")
        look(page, "create")
        page.click("main form button")
        page.wait_for_url("**/account")
        account = Account.objects.get()
        assert (account.passkeys.count(), account.second_factor) == (1, "email")
        page.context.clear_cookies()
        page.goto(f"{suite}/sign-in/passkey")
        page.click("main form button")
        page.wait_for_url("**/account")


def test_a_device_that_did_not_check_its_person_is_refused(
    suite: str, browser_page: OpenPage, codes: list[SentCode], make_account: Callable[..., Any]
) -> None:
    account = make_account(EMAIL)
    page = browser_page()
    with authenticator(page, is_verified=False):
        sign_in(page, suite, codes)
        page.goto(f"{suite}/account/passkeys/add")
        page.click("main form button")
        page.locator("#passkey-problem").wait_for(state="visible")
        look(page, "problem")
    assert not account.passkeys.exists()


def test_a_copied_passkey_and_a_removed_one_are_refused(
    suite: str, browser_page: OpenPage, codes: list[SentCode], make_account: Callable[..., Any]
) -> None:
    account = make_account(EMAIL)
    page = browser_page()
    with authenticator(page):
        sign_in(page, suite, codes)
        page.goto(f"{suite}/account/passkeys/add")
        page.click("main form button")
        page.wait_for_url("**/account/passkeys")
        account.passkeys.update(sign_count=1000)
        page.context.clear_cookies()
        page.goto(f"{suite}/sign-in/passkey")
        page.click("main form button")
        page.locator(".gaap-summary-errors").wait_for()
        look(page, "refused")
        account.passkeys.all().delete()
        page.click("main form button")
        page.locator(".gaap-summary-errors").wait_for()


def test_pages_without_scripts_say_so(suite: str, browser_page: OpenPage) -> None:
    page = browser_page(java_script=False, width=PHONE)
    page.goto(f"{suite}/sign-in/passkey")
    assert not page.locator("main form").first.is_visible()
    assert page.locator("noscript p").count() or "JavaScript" in page.content()
    look(page, "no-script")
