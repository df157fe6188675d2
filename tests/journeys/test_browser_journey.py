"""The whole journey, clicked in Chromium without JavaScript, on a phone and on a desk, in every language.

Every page is looked at on the way: axe finds nothing, nothing has to be scrolled sideways, and a picture is kept.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from gaap_site.demo.services import returning_citizen
from gaap_site.journey.outbox import Outbox
from gaap_site.journey.paying import DECLINED_CARD, GOOD_CARD
from gaap_site.journey.people import Person, new_british_person, new_vietnamese_person, new_welsh_person
from gaap_site.launch import free_port_row
from tests.browser.support import DESKTOP, PHONE, OpenPage, assert_accessible, assert_fits, on_screens, shoot
from tests.journeys.instances import running

pytestmark = pytest.mark.chromium

MOST_PAGES = 40


@dataclass(frozen=True)
class Visit:
    """A citizen's language, who they are, how far the service's port is from the platform's, and what it costs."""

    language: str
    new_person: Callable[[], Person]
    port_offset: int
    amount: str


VISITS = (
    Visit("en", new_british_person, 1, "£54.00"),
    Visit("cy", new_welsh_person, 1, "£54.00"),
    Visit("vi", new_vietnamese_person, 2, "1.350.000 ₫"),
)


@pytest.fixture(scope="module")
def platform_url(migrated_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running demo."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port_row(3)
    shutil.copytree(migrated_folder, folder / "data")
    with running(["demo", "--port", str(port), "--data", folder / "data"], folder=folder) as demo:
        demo.wait_for("Ctrl-C stops the demo")
        yield f"http://127.0.0.1:{port}/"
        assert demo.logged.read_text() == ""


@pytest.fixture(scope="module")
def outbox(platform_url: str) -> Outbox:
    """The demo's outbox, which remembers what was read in it."""
    return Outbox(platform_url)


@dataclass
class Clicker:
    """A citizen at a browser, who answers every page by what it asks for, and looks at each page first."""

    page: Page
    person: Person
    outbox: Outbox
    name: str
    cards: list[str]
    makes_mistakes: bool = False
    seen: list[str] = field(default_factory=list)

    def look(self, what: str = "") -> None:
        """Look at the page as it stands."""
        slug = re.sub(r"[^a-z]+", "-", re.sub(r"[a-v0-9]{26}", "", urlsplit(self.page.url).path)).strip("-") or "start"
        self.seen.append(f"{slug}{what}")
        shoot(self.page, f"journey-{self.name}-{len(self.seen):02}-{slug}{what}")
        assert_accessible(self.page)
        assert_fits(self.page)
        assert self.page.locator("html").get_attribute("lang") == self.name[:2], self.page.url
        assert self.page.locator("h1").count() == 1, self.page.url

    def go_on(self) -> None:
        """Look, answer, and send; with mistakes, send the form empty first and look at what it says."""
        self.look()
        if urlsplit(self.page.url).path == "/sign-in":
            is_known = self.person.email == returning_citizen()["email"]
            self.page.locator(f"main a[href='/sign-in/{'password' if is_known else 'create'}']").first.click()
            return
        if self.makes_mistakes and self.page.locator("main form [name]:not([type=hidden]):not(button)").count():
            self.send_empty()
        self.answer()
        self.send()

    def send_empty(self) -> None:
        """Send the form as it stands, and look at the errors."""
        before = urlsplit(self.page.url).path
        self.send()
        assert urlsplit(self.page.url).path == before
        self.page.locator("main [role=alert] a").first.click()
        assert self.page.locator(f"#{urlsplit(self.page.url).fragment}").count() == 1, self.page.url
        self.look("-mistakes")

    def send(self) -> None:
        """Press the form's main button; on the card page, wallets stand before the card's own form."""
        card = self.page.locator("#submit-card-details")
        (card if card.count() else self.page.locator("main form button").first).click()

    def answer(self) -> None:
        """Fill in whatever this page asks for."""
        if self.is_asked("one-time-code"):
            self.type("one-time-code", self.outbox.take(self.person.email, self.person.phone).code)
        self.type("new-password", self.person.password)
        self.type("current-password", self.person.password)
        self.type("username", self.person.email)
        self.type("tel", self.person.phone)
        for choice in ("sms", self.person.persona):
            radio = self.page.locator(f"main input[type=radio][value='{choice}']")
            if radio.count():
                self.page.locator(f"label[for='{radio.get_attribute('id')}']").click()
        if self.is_asked("cc-number"):
            self.fill_in_card(self.cards.pop(0))
        if self.page.locator("#vehicle").count():
            self.page.fill("#vehicle", "AB12 CDE")

    def fill_in_card(self, number: str) -> None:
        """Fill in the card page."""
        values = {"#card-no": number, "#expiry-month": "12", "#expiry-year": "39", "#cvc": "123"}
        values |= {"#cardholder-name": self.person.name, "#address-line-1": "14 Orchard Lane"}
        values |= {"#address-city": "Otterbourne", "#address-postcode": "SO21 9ZZ"}
        for selector, value in values.items():
            if self.page.locator(selector).count():
                self.page.fill(selector, value)
        if self.page.locator("#address-country").count():
            self.page.select_option("#address-country", "GB")

    def is_asked(self, token: str) -> bool:
        """Say whether the page asks for what an autocomplete token names."""
        return self.page.locator(f"main [autocomplete~='{token}']").count() > 0

    def type(self, token: str, value: str) -> None:
        """Type a value where the page asks for it."""
        if self.is_asked(token):
            self.page.locator(f"main [autocomplete~='{token}']").fill(value)

    def go_on_until(self, path: str) -> None:
        """Answer pages until one at an address that holds ``path``."""
        for _ in range(MOST_PAGES):
            if path in self.page.url:
                return
            self.go_on()
        pytest.fail(f"After {MOST_PAGES} pages still at {self.page.url}")


@pytest.fixture
def begin(browser_page: OpenPage, platform_url: str, outbox: Outbox) -> Callable[..., Clicker]:
    """Return ``begin(visit, person, width=..., cards=...)``: a citizen who has pressed the service's start button."""

    def begin(visit: Visit, person: Person, *, width: int, cards: list[str], name: str = "new") -> Clicker:
        page = browser_page(width=width, java_script=False, locale=visit.language)
        port = (urlsplit(platform_url).port or 0) + visit.port_offset
        page.goto(f"http://127.0.0.1:{port}/")
        clicker = Clicker(page, person, outbox, f"{visit.language}-{width}-{name}", cards)
        clicker.look()
        page.locator("a.button").click()
        return clicker

    return begin


@on_screens
def test_a_new_citizen_is_verified_pays_and_is_told(begin: Callable[..., Clicker], width: int, language: str) -> None:
    visit = next(visit for visit in VISITS if visit.language == language)
    citizen = begin(visit, visit.new_person(), width=width, cards=[GOOD_CARD])
    citizen.makes_mistakes = width == PHONE
    citizen.go_on_until("/vehicle")
    assert citizen.page.locator("#verified-name").inner_text() == citizen.person.name
    citizen.go_on_until("/confirm")
    assert visit.amount in " ".join(citizen.page.locator("main").inner_text().split())
    citizen.go_on_until("/result")
    citizen.look()
    assert citizen.page.locator("#amount").inner_text() == visit.amount
    reference = citizen.page.locator("#reference").inner_text()
    assert citizen.person.name in citizen.outbox.take(citizen.person.email, containing=reference).body
    assert visit.amount in citizen.outbox.take(citizen.person.phone, containing=reference).body
    assert len(citizen.seen) >= (22 if citizen.makes_mistakes else 15), citizen.seen


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.language)
def test_a_returning_citizen_whose_card_is_declined_and_who_changes_their_mind(
    begin: Callable[..., Clicker], visit: Visit
) -> None:
    known = returning_citizen()
    person = Person(known["email"], known["password"], known["phone"], known["persona"], "Nguyễn Thị Ngọc")
    citizen = begin(visit, person, width=PHONE, cards=[DECLINED_CARD, GOOD_CARD], name="known")
    citizen.go_on_until("/card_details/")
    citizen.go_on()
    citizen.look("-declined")
    citizen.page.locator("main a[href*='/return/']").click()
    citizen.look("-declined")
    citizen.send()
    citizen.page.locator("#cancel-payment").click()
    citizen.look("-cancelled")
    citizen.page.locator("main a[href*='/return/']").click()
    citizen.look("-cancelled")
    citizen.send()
    citizen.go_on_until("/result")
    assert citizen.page.locator("#reference").count() == 1


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_outbox_and_the_front_page_are_for_everybody(browser_page: OpenPage, platform_url: str, width: int) -> None:
    page = browser_page(width=width, java_script=False, locale="en")
    for path in ("", "outbox"):
        page.goto(platform_url + path)
        shoot(page, f"journey-en-{width}-{path or 'home'}")
        assert_accessible(page)
        assert_fits(page)
