"""The citizen's whole way in Chromium: phone and desktop, three languages, no JavaScript, nothing for axe to find."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.support import DESKTOP, PHONE, OpenPage, assert_accessible, assert_fits, on_screens, shoot
from tests.identity.people import PASSWORD, REDIRECT_URI, RelyingParty, SentCode

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

EMAIL = "ngoc@example.org"
PHONE_NUMBER = "+84 912 345 678"


class Visit:
    """A citizen's visit: every page seen on the way is looked at."""

    def __init__(self, page: Page, *, name: str) -> None:
        self.page = page
        self.name = name
        self.seen = 0

    def look(self, path: str) -> None:
        """Check the page that is shown, which must be at ``path``."""
        assert path in self.page.url, self.page.url
        self.seen += 1
        assert_accessible(self.page)
        assert_fits(self.page)
        assert self.page.locator("h1").count() == 1
        shoot(self.page, f"identity-{self.name}-{self.seen:02}-{path.strip('/').replace('/', '-')}")

    def press(self) -> None:
        """Press the form's button."""
        self.page.locator("main form button").first.click()

    def type(self, field: str, text: str) -> None:
        """Type into a field and press the button."""
        self.page.fill(f"#id_{field}", text)
        self.press()

    def choose(self, value: str) -> None:
        """Choose a radio and press the button."""
        self.page.locator(".gaap-choice", has=self.page.locator(f"input[value={value}]")).locator("label").click()
        self.press()


@pytest.fixture
def suite(live_server: Any, settings: Any) -> str:
    """The root of the running suite."""
    settings.GAAP_BASE_URL = f"{live_server.url}/"
    return str(live_server.url)


@pytest.fixture
def visit(browser_page: OpenPage) -> Callable[..., Visit]:
    """Open a browser whose service stands at the redirect address."""

    def open_visit(*, width: int, language: str) -> Visit:
        page = browser_page(width=width, java_script=False, locale=language)
        page.route(f"{REDIRECT_URI}**", answer_as_service)
        return Visit(page, name=f"{width}-{language}")

    return open_visit


def answer_as_service(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>Service</title><h1>Service</h1>", content_type="text/html")


@on_screens
def test_the_whole_way(
    suite: str, rp: RelyingParty, visit: Callable[..., Visit], codes: list[SentCode], width: int, language: str
) -> None:
    citizen = visit(width=width, language=language)
    page = citizen.page
    page.goto(suite + rp.authorize_path(vtr='["Cl.Cm.P2"]', ui_locales=language))
    assert page.locator("html").get_attribute("lang") == language
    citizen.look("/sign-in")
    page.click("main a[href='/sign-in/create']")
    citizen.press()
    citizen.look("/sign-in/create")
    citizen.type("email", EMAIL)
    citizen.look("/sign-in/create/email-code")
    citizen.type("code", codes[-1].code)
    citizen.look("/sign-in/create/password")
    citizen.type("password", PASSWORD)
    citizen.press()
    citizen.look("/sign-in/create/codes")
    citizen.choose("sms")
    citizen.look("/sign-in/create/phone")
    citizen.type("phone", "12")
    citizen.look("/sign-in/create/phone")
    citizen.type("phone", PHONE_NUMBER)
    citizen.look("/sign-in/create/phone-code")
    citizen.type("code", codes[-1].code)
    citizen.look("/prove-identity")
    citizen.press()
    citizen.look("/sandbox/personas")
    citizen.choose("edith")
    citizen.look("/prove-identity/result")
    page.click("main a[href='/prove-identity']")
    citizen.press()
    citizen.choose("maria")
    citizen.look("/prove-identity/result")
    citizen.press()
    page.wait_for_url(f"{REDIRECT_URI}?code=*")
    page.goto(suite + "/account")
    citizen.look("/account")
    citizen.press()
    citizen.look("/account/signed-out")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_signing_in_again(
    suite: str,
    rp: RelyingParty,
    visit: Callable[..., Visit],
    codes: list[SentCode],
    make_account: Callable[..., Any],
    width: int,
) -> None:
    make_account(EMAIL)
    citizen = visit(width=width, language="cy")
    citizen.page.goto(suite + rp.authorize_path())
    citizen.page.click("main a[href='/sign-in/password']")
    citizen.page.fill("#id_password", "not the password")
    citizen.type("email", EMAIL)
    citizen.look("/sign-in/password")
    citizen.type("password", PASSWORD)
    citizen.look("/sign-in/code")
    citizen.page.click("main a[href='/sign-in/new-code']")
    citizen.look("/sign-in/new-code")
    citizen.press()
    citizen.type("code", codes[-1].code)
    citizen.page.wait_for_url(f"{REDIRECT_URI}?code=*")


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_pages_that_say_no(
    suite: str, visit: Callable[..., Visit], codes: list[SentCode], make_account: Callable[..., Any], language: str
) -> None:
    make_account(EMAIL)
    citizen = visit(width=PHONE, language=language)
    citizen.page.goto(suite + "/sign-in/create")
    citizen.type("email", EMAIL)
    citizen.type("code", codes[-1].code)
    citizen.look("/sign-in/create/exists")
    for _ in range(6):
        citizen.page.goto(suite + "/sign-in/create")
        citizen.type("email", EMAIL)
    citizen.look("/sign-in/create")
    assert "15" in citizen.page.locator("h1").inner_text()
