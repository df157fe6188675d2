"""The page that confirms an address for answers, in a real browser: axe, widths, languages, no JavaScript."""

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import ReplyTo
from gaap_notify.services.reply_tos.asking import propose_reply_to
from gaap_notify.services.reply_tos.links import confirmation_url
from tests.browser.support import DESKTOP, NARROW, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

OFFICE = "the-office-that-answers-questions-about-registrations@transport.example"


@pytest.fixture
def link(live_server, settings, service):
    settings.GAAP_BASE_URL = live_server.url
    waiting = propose_reply_to(service, OFFICE, is_default=True, by=TESTER)
    assert not isinstance(waiting, ReplyTo)
    return confirmation_url(waiting)


def look(page, name):
    assert_accessible(page)
    assert_fits(page)
    shoot(page, name)


@pytest.mark.parametrize(("width", "language"), [(NARROW, "vi"), (PHONE, "en"), (DESKTOP, "cy")])
def test_every_page_and_the_button(browser_page, link, width, language):
    page = browser_page(width=width, java_script=False)
    page.goto(f"{link}x?lang={language}")
    look(page, f"reply-to-unknown-{language}")
    page.goto(f"{link}?lang={language}")
    assert page.get_attribute("html", "lang") == language
    look(page, f"reply-to-{language}")
    assert not ReplyTo.objects.exists()
    page.click("#confirm button")
    page.wait_for_selector(".gaap-panel")
    look(page, f"reply-to-confirmed-{language}")
    assert ReplyTo.objects.get().email == OFFICE
