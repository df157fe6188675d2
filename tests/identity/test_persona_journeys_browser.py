"""The whole way of every persona in Chromium: an account with a passkey, proof, the service, and back another day.

Between them the personas see phone and desktop in three languages; two of them have no mouse.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from gaap_identity.providers.personas import PERSONAS
from tests.browser.support import DESKTOP, PHONE, OpenPage, assert_accessible, assert_fits, shoot
from tests.identity.conftest import RSA
from tests.identity.people import (
    CORE_IDENTITY,
    PASSWORD,
    RETURN_CODE,
    RelyingParty,
    SentCode,
    claims_parameter,
)
from tests.identity.test_passkeys_browser import authenticator
from tests.loopback import QuietHandler, serve

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

PROVEN = "proven"
#: What the service hears of each persona: that the identity is proven, or why not.
OUTCOMES = {
    "harriet": PROVEN,
    "llyr": PROVEN,
    "ngoc": PROVEN,
    "maria": PROVEN,
    "sukarti": PROVEN,
    "bronwen": "L",
    "abena": PROVEN,
    "tomos": "N",
    "edith": "M",
    "victor": "F",
    "quit": "Q",
    "oskar": "X",
    "wanda": "W",
}
SCREENS = [(PHONE, "en"), (DESKTOP, "cy"), (PHONE, "vi"), (DESKTOP, "en"), (PHONE, "cy"), (DESKTOP, "vi")]
WITHOUT_MOUSE = ("harriet", "edith")
JOURNEYS = [
    pytest.param(persona.identifier, *SCREENS[index % len(SCREENS)], id=persona.identifier)
    for index, persona in enumerate(PERSONAS)
]
MOST_STEPS = 60


@dataclass
class Hands:
    """How a citizen uses a page: with a mouse, or with the keyboard alone."""

    page: Page
    has_mouse: bool

    def press(self, target: str) -> None:
        """Press the first link or button that the selector ``target`` finds."""
        if self.has_mouse:
            self.page.locator(target).first.click()
            return
        self._reach(f"document.activeElement === document.querySelector({target!r})")
        self.page.keyboard.press("Enter")

    def type(self, field: str, text: str) -> None:
        """Type into the field with this id, and send the form from there."""
        if self.has_mouse:
            self.page.fill(f"#{field}", text)
        else:
            self.page.locator(f"#{field}").wait_for()
            self._reach(f"document.activeElement.id === {field!r}")
            self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def choose(self, value: str) -> None:
        """Choose the radio with this value, and send the form from there."""
        if self.has_mouse:
            self.page.locator(f"input[value={value}]").check(force=True)
            self.press("main form button")
            return
        self.page.locator(f"input[value={value}]").wait_for(state="attached")
        self._reach("document.activeElement.type === 'radio'")
        self.page.keyboard.press("Space")
        self._reach(f"document.querySelector('input[value={value}]').checked", key="ArrowDown")
        self.page.keyboard.press("Enter")

    def _reach(self, condition: str, *, key: str = "Tab") -> None:
        for _ in range(MOST_STEPS):
            if self.page.evaluate(condition):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{condition} never came true on {self.page.url}")


@dataclass
class Journey:
    """One citizen in their browser, on the way from a service and back to it."""

    page: Page
    hands: Hands
    root: str
    rp: RelyingParty
    service: str
    language: str
    persona: str

    def begin(self) -> None:
        """Come from the service, in a browser that remembers nothing of it."""
        self.page.context.clear_cookies()
        asked = {"vtr": '["Cl.Cm.P2"]', "claims": claims_parameter(CORE_IDENTITY, RETURN_CODE)}
        self.page.goto(self.root + self.rp.authorize_path(redirect_uri=self.service, ui_locales=self.language, **asked))

    def at(self, path: str) -> None:
        """Wait for a page and look at it: axe for one language, as the structure is the same in all."""
        self.page.wait_for_url(f"{self.root}{path}")
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert self.page.locator("h1").count() == 1
        assert_fits(self.page)
        if self.language == "en":
            assert_accessible(self.page)
        shoot(self.page, f"identity-journey-{self.persona}-{path.strip('/').replace('/', '-')}")

    def leave(self) -> dict[str, str]:
        """Press the button that leads back to the service, and return what the browser brings there."""
        self.hands.press("main form button")
        self.page.wait_for_url(f"{self.service}?*")
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def told(self) -> dict[str, Any]:
        """Go back to the service, and return what it then knows."""
        answer = self.leave()
        assert answer["state"] == self.rp.state
        form = self.rp.token_form(answer["code"], redirect_uri=self.service)
        with httpx.Client(base_url=self.root, timeout=30) as service:
            token = service.post("/token", data=form).json()["access_token"]
            return dict(service.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json())


class Callback(QuietHandler):
    """The service's page to which citizens come back."""

    def do_GET(self) -> None:
        """Show it."""
        page = b"<!doctype html><title>Service</title><h1>Service</h1>"
        self.send(200, page, [("Content-Type", "text/html")])


@pytest.fixture(scope="module")
def service_address() -> Iterator[str]:
    """Where the service listens for citizens who come back."""
    with serve(Callback) as address:
        yield f"{address}/callback"


@pytest.fixture
def set_out(
    live_server: Any, settings: Any, make_client: Callable[..., Any], browser_page: OpenPage, service_address: str
) -> Callable[..., Journey]:
    """Open a browser for one persona; passkeys need a name that browsers take for safe."""
    root = str(live_server.url).replace("127.0.0.1", "localhost")
    settings.GAAP_BASE_URL = f"{root}/"
    settings.ALLOWED_HOSTS = ["*"]
    client = make_client(redirect_uris=service_address)

    def set_out(persona: str, *, width: int, language: str) -> Journey:
        page = browser_page(width=width, locale=language)
        hands = Hands(page, has_mouse=persona not in WITHOUT_MOUSE)
        rp = RelyingParty(client.client_id, RSA, issuer=f"{root}/")
        return Journey(page, hands, root, rp, service_address, language, persona)

    return set_out


def create_account(journey: Journey, codes: list[SentCode]) -> None:
    """Go from the start page to an account whose second factor is a passkey."""
    hands = journey.hands
    journey.at("/sign-in")
    hands.press("main a[href='/sign-in/create']")
    journey.at("/sign-in/create")
    hands.type("id_email", f"{journey.persona}@example.org")
    journey.at("/sign-in/create/email-code")
    assert codes[-1].language == journey.language
    hands.type("id_code", codes[-1].code)
    journey.at("/sign-in/create/password")
    hands.type("id_password", PASSWORD)
    journey.at("/sign-in/create/codes")
    hands.press("main a[href='/sign-in/create/passkey']")
    journey.at("/sign-in/create/passkey")
    hands.press("main form button")
    journey.at("/prove-identity")


def prove(journey: Journey) -> None:
    """Go from the page about proving, as the persona, to how it came out."""
    journey.hands.press("main form button")
    # The sandbox stands in for a source outside; its address is our own, its page's language the citizen's.
    journey.page.wait_for_url(f"{journey.root}/sandbox/personas*")
    journey.hands.choose(journey.persona)
    journey.at("/prove-identity/waiting" if journey.persona == "wanda" else "/prove-identity/result")


def assert_told(told: dict[str, Any], outcome: str) -> None:
    """Fail unless the service knows an identity, or the reason why not, and never both."""
    codes = [entry["code"] for entry in told.get(RETURN_CODE, [])]
    assert (CORE_IDENTITY in told, codes) == (outcome == PROVEN, [] if outcome == PROVEN else [outcome])


def test_every_persona_has_a_way_and_an_outcome() -> None:
    assert set(OUTCOMES) == {persona.identifier for persona in PERSONAS}


@pytest.mark.parametrize(("persona", "width", "language"), JOURNEYS)
def test_the_whole_way(
    set_out: Callable[..., Journey],
    codes: list[SentCode],
    persona: str,
    width: int,
    language: str,
) -> None:
    journey, outcome = set_out(persona, width=width, language=language), OUTCOMES[persona]
    with authenticator(journey.page):
        journey.begin()
        create_account(journey, codes)
        prove(journey)
        first = journey.told()
        assert_told(first, outcome)
        sent = len(codes)
        journey.begin()
        journey.hands.press("main a[href='/sign-in/passkey']")
        journey.at("/sign-in/passkey")
        come_back(journey, first=first, outcome=outcome)
    assert len(codes) == sent, "a passkey needs no code"


def come_back(journey: Journey, *, first: dict[str, Any], outcome: str) -> None:
    """Sign in with the passkey: who is proven is back at once, everybody else may try again or go without."""
    if outcome == PROVEN:
        again = journey.told()
        assert_told(again, PROVEN)
        assert again["sub"] == first["sub"]
        return
    journey.hands.press("main form button")
    journey.at("/prove-identity")
    journey.page.goto(f"{journey.root}/prove-identity/result")
    assert journey.page.locator("main a[href='/prove-identity']").count() == 1
    assert journey.leave()["error"] == "access_denied"
