"""The pages for unsubscribing in a real browser: the way there and back, axe, widths, languages, no JavaScript."""

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import Suppression
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import TemplateParts, create_template
from gaap_notify.services.unsubscribing.links import unsubscribe_url
from tests.browser.support import DESKTOP, NARROW, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link(live_server, settings, service):
    settings.GAAP_BASE_URL = live_server.url
    change_settings(service, contact_details="help@transport.example", by=TESTER)
    parts = TemplateParts(has_unsubscribe_link=True)
    template = create_template(service, type="email", name="News", subject="S", body="B", parts=parts, by=TESTER)
    order = SendOrder(
        service=service, channel="email", template_id=template.pk, recipient="ngoc@example.org", key_type="live"
    )
    return unsubscribe_url(send_notification(order).id, "ngoc@example.org")


def look(page, name):
    assert_accessible(page)
    assert_fits(page)
    shoot(page, name)


@pytest.mark.parametrize("width", [NARROW, PHONE, DESKTOP])
def test_there_and_back(browser_page, link, width):
    page = browser_page(width=width, java_script=False)
    page.goto(link)
    look(page, f"unsubscribe-{width}")
    page.click("#unsubscribe button")
    page.wait_for_selector("#again")
    assert Suppression.objects.count() == 1
    look(page, f"unsubscribed-{width}")
    page.click("#again button")
    page.wait_for_selector("#unsubscribe")
    assert not Suppression.objects.exists()
    look(page, f"subscribed-again-{width}")


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_every_page_in_every_language(browser_page, link, language):
    page = browser_page(width=PHONE, java_script=False)
    for name in ("unsubscribe", "unsubscribed", "unknown"):
        page.goto(f"{link if name != 'unknown' else link + 'x'}?lang={language}")
        assert page.get_attribute("html", "lang") == language
        look(page, f"unsubscribing-{name}-{language}")
        if name == "unsubscribe":
            page.click("#unsubscribe button")
            page.wait_for_selector("#again")
