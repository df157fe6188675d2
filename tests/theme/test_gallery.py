"""Every component in a real browser: accessible, readable on a narrow phone, and usable without JavaScript."""

import pytest
from playwright.sync_api import Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.support import DESKTOP, NARROW, PHONE, OpenPage, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("gallery")]

PATHS = {
    "home": "/",
    "accessibility": "/accessibility",
    "cookies": "/cookies",
    "question": "/gallery/question",
    "everything": "/gallery/everything",
    "answers": "/gallery/answers",
    "done": "/gallery/done",
    "components": "/gallery/components",
    "404": "/nowhere",
    "403": "/gallery/forbidden",
    "400": "/gallery/suspicious",
    "500": "/gallery/broken",
}


@pytest.mark.parametrize(("width", "language"), [(NARROW, "vi"), (PHONE, "cy"), (DESKTOP, "en")])
def test_every_page_is_accessible_and_fits(
    browser_page: OpenPage, live_server: LiveServer, width: int, language: str
) -> None:
    page = browser_page(width=width, java_script=False)
    for name, path in PATHS.items():
        page.goto(f"{live_server}{path}?lang={language}")
        check(page, f"{name}-{width}-{language}")
        assert page.evaluate("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize("width", [NARROW, DESKTOP])
@pytest.mark.parametrize("name", ["question", "everything"])
def test_a_faulty_form_is_accessible_and_fits(
    browser_page: OpenPage, live_server: LiveServer, name: str, width: int
) -> None:
    page = browser_page(width=width, java_script=False)
    page.goto(f"{live_server}{PATHS[name]}?lang=vi")
    page.click("main button")
    assert page.title().startswith("Lỗi: ")
    check(page, f"{name}-faulty-{width}")


def test_links_of_the_summary_lead_to_the_fields(browser_page: OpenPage, live_server: LiveServer) -> None:
    page = browser_page(java_script=False)
    page.goto(f"{live_server}/gallery/everything")
    page.click("main button")
    links = page.locator(".gaap-summary-errors a")
    for number in range(links.count()):
        links.nth(number).click()
        target = str(links.nth(number).get_attribute("href")).removeprefix("#")
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.id") == target


def test_the_keyboard_meets_the_skip_link_first_and_it_can_be_seen(
    browser_page: OpenPage, live_server: LiveServer
) -> None:
    page = browser_page()
    page.goto(f"{live_server}/gallery/answers")
    page.keyboard.press("Tab")
    skip = page.locator(".gaap-skip")
    assert page.evaluate("document.activeElement.className") == "gaap-skip"
    box = skip.bounding_box()
    assert box is not None
    assert box["width"] > 100
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_the_whole_card_of_a_choice_can_be_pressed(browser_page: OpenPage, live_server: LiveServer) -> None:
    page = browser_page(width=PHONE)
    page.goto(f"{live_server}/gallery/everything")
    card = page.locator(".gaap-choice", has_text="By text message").first
    card.click(position={"x": 4, "y": 4})
    assert page.locator("#id_way_1").is_checked()


def test_the_brand_colours_the_page(browser_page: OpenPage, live_server: LiveServer, settings: Settings) -> None:
    settings.GAAP_BRAND = {"primary_colour": "#5a1a2b"}
    page = browser_page()
    page.goto(f"{live_server}/gallery/done")
    colour = "getComputedStyle(document.querySelector('.gaap-service')).backgroundColor"
    assert page.evaluate(colour) == "rgb(90, 26, 43)"


def test_forced_colours_leave_an_edge_to_what_had_only_a_background(
    browser_page: OpenPage, live_server: LiveServer
) -> None:
    page = browser_page(forced_colors="active", color_scheme="dark")
    page.goto(f"{live_server}/gallery/done")
    shoot(page, "done-forced-colours")
    edge = page.evaluate("getComputedStyle(document.querySelector('.gaap-panel')).borderTopColor")
    assert edge == "rgb(255, 255, 255)"


def test_a_wish_for_dark_leaves_the_page_readable(browser_page: OpenPage, live_server: LiveServer) -> None:
    page = browser_page(color_scheme="dark")
    page.goto(f"{live_server}/gallery/everything")
    check(page, "everything-dark-wish")


def test_a_script_from_right_to_left_turns_the_page_round(
    browser_page: OpenPage, live_server: LiveServer, settings: Settings
) -> None:
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]
    page = browser_page(width=PHONE)
    page.goto(f"{live_server}/gallery/everything?lang=ar")
    page.click("main button")
    check(page, "everything-faulty-right-to-left")
    brand, middle = page.locator(".gaap-brand__mark").bounding_box(), PHONE / 2
    assert brand is not None
    assert brand["x"] > middle


def test_paper_gets_the_content_alone(browser_page: OpenPage, live_server: LiveServer) -> None:
    page = browser_page()
    page.goto(f"{live_server}/gallery/answers")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    unwanted = page.locator(".gaap-languages, .gaap-before, .gaap-button, .gaap-footer nav")
    assert not any(element.is_visible() for element in unwanted.all())
    assert unwanted.count() == 5


def check(page: Page, name: str) -> None:
    assert_accessible(page)
    assert_fits(page)
    shoot(page, name)
