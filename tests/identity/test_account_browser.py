"""The account's pages and every persona's way in Chromium: phone and desktop, three languages, no scripts, axe."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_identity.models import EvidenceSource, Power, PowerScope
from gaap_identity.providers.personas import PERSONAS
from gaap_identity.services.checks import prove_with_persona
from gaap_identity.services.compromises import disable_account, enable_account
from gaap_identity.services.consents import give_consent
from gaap_identity.services.limits import of_a_day
from gaap_identity.services.sessions import open_session, save_session, sign_in_session
from tests.browser.support import EVERY_SCREEN, PHONE, OpenPage, assert_accessible, assert_fits, on_screens, shoot
from tests.identity.conftest import RSA
from tests.identity.people import PASSWORD, RETURN_CODE, RelyingParty, SentCode, claims_parameter

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("en", "cy", "vi")
PAGES = (
    "/account",
    "/account/email",
    "/account/phone",
    "/account/password",
    "/account/confirm",
    "/account/passkeys",
    "/account/passkeys/add",
    "/account/app",
    "/account/recovery-codes",
    "/account/sessions",
    "/account/activity",
    "/account/shared",
    "/account/powers",
    "/account/powers/give",
    "/account/companies",
    "/account/companies/add",
    "/account/delete",
    "/sign-in/forgotten",
    "/sign-in/passkey",
)


@pytest.fixture
def suite(live_server: Any, settings: Any) -> str:
    """The root of the running suite."""
    settings.GAAP_BASE_URL = f"{live_server.url}/"
    return str(live_server.url)


def enter(page: Page, suite: str, account: Any) -> None:
    """Be signed in already, and have given the password for changing it."""
    session = open_session("").session
    token = sign_in_session(session, account=account, vot="Cl.Cm", device="Chrome/1 Linux")
    session.data |= {"confirmed_at": now().isoformat(), "confirmed_for": "/account/password"}
    save_session(session)
    host = urlsplit(suite).hostname or ""
    page.context.add_cookies([{"name": "gaap_citizen", "value": token, "domain": host, "path": "/"}])


def look(page: Page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    assert page.locator("h1").count() == 1, page.url
    shoot(page, f"identity-{name}")


@on_screens
def test_every_page_of_an_account(
    suite: str,
    client_row: Any,
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    width: int,
    language: str,
) -> None:
    account = make_account()
    give_consent(account, service=client_row.service, names=["email", "phone"])
    page = browser_page(width=width, java_script=False, locale=language)
    enter(page, suite, account)
    for path in PAGES:
        page.goto(suite + path)
        assert page.locator("html").get_attribute("lang") == language
        look(page, f"account-{width}-{language}-{path.strip('/').replace('/', '-')}")
    page.goto(f"{suite}/account/email")
    page.locator("main form button").click()
    assert page.locator(".gaap-summary-errors a").first.get_attribute("href") == "#id_email"
    look(page, f"account-{width}-{language}-error")


@pytest.mark.parametrize("turn", range(len(LANGUAGES) if EVERY_SCREEN else 1))
def test_every_persona(
    suite: str,
    rp: RelyingParty,
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    codes: list[SentCode],
    turn: int,
) -> None:
    for place, persona in enumerate(PERSONAS):
        language = LANGUAGES[(place + turn) % len(LANGUAGES)]
        page = browser_page(width=PHONE, java_script=False, locale=language)
        enter(page, suite, make_account(f"{persona.identifier}@example.org"))
        path = rp.authorize_path(vtr='["Cl.Cm.P2"]', claims=claims_parameter(RETURN_CODE), ui_locales=language)
        page.goto(suite + path)
        page.locator("main form button").click()
        page.locator(f"input[value={persona.identifier}]").check(force=True)
        page.locator("main form button").click()
        look(page, f"persona-{language}-{persona.identifier}")
        page.context.close()


@on_screens
def test_choosing_a_way_and_the_pages_of_our_own_sources(
    suite: str,
    rp: RelyingParty,
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    codes: list[SentCode],
    width: int,
    language: str,
) -> None:
    for provider in ("documents", "counter", "sandbox_register"):
        EvidenceSource.objects.create(identifier=provider, name=provider.title(), provider=provider)
    page = browser_page(width=width, java_script=False, locale=language)
    enter(page, suite, make_account())
    page.goto(suite + rp.authorize_path(vtr='["Cl.Cm.P2"]', ui_locales=language))
    look(page, f"ways-{width}-{language}")
    page.goto(f"{suite}/prove-identity/have")
    look(page, f"have-{width}-{language}")
    for provider in ("documents", "sandbox_register", "counter"):
        page.goto(f"{suite}/prove-identity")
        page.locator(f"input[value={provider}]").check(force=True)
        page.locator("main form button").click()
        look(page, f"{provider}-{width}-{language}")
        page.locator("main form button").click()
        look(page, f"{provider}-error-{width}-{language}")
    page.fill("#id_given_names", "Ngọc")
    for part, value in (("day", "2"), ("month", "9"), ("year", "1992")):
        page.fill(f"input[name=born_on_{part}]", value)
    page.locator("main form button").click()
    assert "/prove-identity/waiting" in page.url
    look(page, f"waiting-{width}-{language}")


@on_screens
def test_acting_for_another(
    suite: str,
    make_client: Callable[..., Any],
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    width: int,
    language: str,
) -> None:
    service = make_client(takes_powers=True).service
    words = {"cy": "Adnewyddu’r cofrestriad", "vi": "Gia hạn đăng ký xe"}
    PowerScope.objects.create(service=service, identifier="renew", name="Renew the registration", names=words)
    PowerScope.objects.create(service=service, identifier="sell", name="Sell")
    giver, actor = make_account("grandmother@example.org"), make_account("harriet@example.org")
    page = browser_page(width=width, java_script=False, locale=language)
    enter(page, suite, giver)
    page.goto(f"{suite}/account/powers")
    page.locator("main a.gaap-button").click()
    look(page, f"powers-services-{width}-{language}")
    page.locator("main li a").click()
    page.locator("main form button").click()
    assert page.locator(".gaap-summary-errors a").first.get_attribute("href") == "#id_email"
    look(page, f"powers-give-error-{width}-{language}")
    page.fill("#id_email", actor.email)
    page.locator("input[value=renew]").check(force=True)
    page.locator("main form button").click()
    look(page, f"powers-given-{width}-{language}")
    page.context.clear_cookies(name="gaap_citizen")
    enter(page, suite, actor)
    page.goto(f"{suite}/account/powers")
    look(page, f"powers-offered-{width}-{language}")
    page.locator("button[value=accept]").click()
    look(page, f"powers-held-{width}-{language}")
    page.goto(suite + RelyingParty("renew-vehicle", RSA).authorize_path(ui_locales=language))
    assert words.get(language, "Renew the registration") in page.locator("main").inner_text()
    look(page, f"powers-choice-{width}-{language}")
    page.locator("main form button").click()
    look(page, f"powers-choice-error-{width}-{language}")


@on_screens
def test_speaking_for_a_company(
    suite: str,
    make_client: Callable[..., Any],
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    width: int,
    language: str,
) -> None:
    service = make_client(takes_powers=True).service
    PowerScope.objects.create(service=service, identifier="renew", name="Renew the registration")
    officer, clerk = make_account("ngoc@example.org"), make_account("clerk@example.org")
    prove_with_persona(officer, service=service, persona="ngoc")
    page = browser_page(width=width, java_script=False, locale=language)
    enter(page, suite, officer)
    page.goto(f"{suite}/account/companies/add")
    page.locator("input[value=VN]").check(force=True)
    page.fill("#id_number", "0109990003")
    page.locator("main form button").click()
    assert page.locator(".gaap-summary-errors a").first.get_attribute("href") == "#id_number"
    look(page, f"company-unknown-{width}-{language}")
    page.fill("#id_number", "0109990002")
    page.locator("main form button").click()
    assert page.locator("h1").inner_text() == "Vận tải Hồng Hà"
    look(page, f"company-{width}-{language}")
    own = page.url
    page.locator("main ul a").click()
    look(page, f"company-appoint-{width}-{language}")
    page.locator("main form button").click()
    assert page.locator(".gaap-summary-errors a").first.get_attribute("href") == "#id_email"
    look(page, f"company-appoint-error-{width}-{language}")
    page.fill("#id_email", clerk.email)
    page.locator("input[value=renew]").check(force=True)
    page.locator("main form button").click()
    assert page.url == own
    look(page, f"company-appointed-{width}-{language}")
    page.locator("button[value=end]").click()
    page.goto(own)
    assert Power.objects.get().status == "ended"
    look(page, f"company-ended-{width}-{language}")
    page.locator("main form button").last.click()
    assert page.url == f"{suite}/account/companies"
    look(page, f"company-left-{width}-{language}")


@on_screens
def test_an_account_that_operators_closed(
    suite: str,
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    codes: list[SentCode],
    width: int,
    language: str,
) -> None:
    account = make_account()
    disable_account(account, purpose="case 1", by=TESTER)
    page = browser_page(width=width, java_script=False, locale=language)
    sign_in(page, suite, account.email, codes)
    assert page.locator("html").get_attribute("lang") == language
    look(page, f"disabled-{width}-{language}")
    shown = page.locator("h1").inner_text()
    page.goto(f"{suite}/account")
    assert page.locator("h1").inner_text() != shown, "nobody is in"
    enable_account(account, purpose="case 1", by=TESTER)
    sign_in(page, suite, account.email, codes)
    assert page.url == f"{suite}/account"


@on_screens
def test_codes_of_a_day_are_used_up(
    suite: str,
    browser_page: OpenPage,
    make_account: Callable[..., Any],
    codes: list[SentCode],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    language: str,
) -> None:
    monkeypatch.setattr("gaap_identity.services.codes.CODE_SENDS_OF_A_DAY", of_a_day("code_send_day", tries=0))
    account = make_account()
    page = browser_page(width=width, java_script=False, locale=language)
    page.goto(f"{suite}/sign-in/password")
    page.fill("#id_email", account.email)
    page.fill("#id_password", PASSWORD)
    page.locator("main form button").first.click()
    look(page, f"codes-spent-{width}-{language}")
    page.locator("main a[href='/sign-in/other-ways']").click()
    page.wait_for_url(f"{suite}/sign-in/other-ways")


def sign_in(page: Page, suite: str, email: str, codes: list[SentCode]) -> None:
    """Sign in by the pages, as far as that goes."""
    page.goto(f"{suite}/sign-in/password")
    page.fill("#id_email", email)
    page.fill("#id_password", PASSWORD)
    page.locator("main form button").first.click()
    page.fill("#id_code", codes[-1].code)
    page.locator("main form button").first.click()
