"""A real Chromium for tests: pages at a given width, axe, screenshots.

Tests that use it carry ``@pytest.mark.chromium`` and ask for ``browser_page`` and, as a rule, ``live_server``.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet
from zlib import crc32

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

PHONE = 390
NARROW = 320
DESKTOP = 1280
HEIGHT = 844
PATIENCE_MILLISECONDS = 60_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

OpenPage = Callable[..., Page]

#: Walk every journey on every width in every language; without it each language is walked once, in turn on both.
EVERY_SCREEN = os.environ.get("GAAP_TEST_EVERY_SCREEN") == "1"
SCREENS = (
    [(width, language) for language in ("en", "cy", "vi") for width in (PHONE, DESKTOP)]
    if EVERY_SCREEN
    else [(PHONE, "en"), (DESKTOP, "cy"), (PHONE, "vi")]
)
on_screens = pytest.mark.parametrize(("width", "language"), SCREENS)

#: Contexts whose pages run no script; Playwright does not tell afterwards.
SCRIPTLESS: WeakSet[BrowserContext] = WeakSet()


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser for the tests of a module. Playwright keeps a loop running in this thread, hence the permission."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[OpenPage]:
    """Return ``open_page(width=1280, java_script=True, **context_options)``: a new page without cookies.

    The test fails at its end when any of its pages tried something that the content security policy forbids.
    """
    refused: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    def open_page(*, width: int = DESKTOP, java_script: bool = True, **options: Any) -> Page:
        viewport = ViewportSize(width=width, height=HEIGHT)
        context = chromium.new_context(viewport=viewport, java_script_enabled=java_script, **options)
        if not java_script:
            SCRIPTLESS.add(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        page.on("console", note)
        return page

    yield open_page
    for context in chromium.contexts:
        context.close()
    assert refused == []


def assert_accessible(page: Page) -> None:
    """Fail with every fault that axe finds on the page (WCAG 2.2 A and AA, and best practice)."""
    with with_java_script(page) as inspected:
        results = Axe().run(inspected, options={"runOnly": AXE_TAGS, "resultTypes": ["violations"]})
    violations = results.response["violations"]
    faults = [f"{fault['id']}: {node['html']}" for fault in violations for node in fault["nodes"]]
    assert faults == [], f"{page.url}: {page.title()}"


@contextmanager
def with_java_script(page: Page) -> Iterator[Page]:
    """Yield the page itself, or, when it runs without JavaScript, a twin of what it shows that runs with it."""
    if page.context not in SCRIPTLESS:
        yield page
        return
    assert page.context.browser is not None
    context = page.context.browser.new_context(viewport=page.viewport_size)
    twin = context.new_page()
    shown = page.content()
    twin.route(page.url, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))
    twin.goto(page.url)
    yield twin
    context.close()


def assert_accessible_on_one(page: Page, name: str) -> None:
    """Let axe look at the page on a phone or on a desk, as its name falls, or on both (GAAP_TEST_EVERY_SCREEN).

    What axe finds hardly ever depends on the width, and it takes longer than everything else that is looked at.
    """
    widths = (PHONE, DESKTOP)
    for width in widths if EVERY_SCREEN else (widths[crc32(name.encode()) % 2],):
        page.set_viewport_size(ViewportSize(width=width, height=HEIGHT))
        assert_accessible(page)


def assert_fits(page: Page) -> None:
    """Fail when the page must be scrolled sideways (WCAG 2.2, 1.4.10)."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} pixels too wide"


def shoot(page: Page, name: str) -> None:
    """Save a picture of the whole page in the folder GAAP_TEST_SCREENSHOTS; without that variable nobody looks."""
    folder = os.environ.get("GAAP_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
