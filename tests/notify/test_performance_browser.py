"""The public performance page in a real browser: axe, widths, languages, no JavaScript."""

import pytest

from tests.browser.support import DESKTOP, NARROW, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width"), [("en", NARROW), ("en", DESKTOP), ("cy", PHONE), ("vi", PHONE)])
def test_the_page(browser_page, live_server, language, width):
    page = browser_page(width=width, java_script=False)
    page.goto(f"{live_server.url}/performance?lang={language}")
    assert page.get_attribute("html", "lang") == language
    assert_accessible(page)
    assert_fits(page)
    shoot(page, f"performance-{language}-{width}")
