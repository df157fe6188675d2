"""The pages of a file in a real browser: the way to it, axe, widths, languages, no JavaScript."""

import base64
import re

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import SharedFile
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from tests.browser.support import DESKTOP, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
CONTENT = b"%PDF-1.7 a permit"


@pytest.fixture
def link(live_server, settings, service, notify):
    """The link of a file, as it stands in the email."""
    settings.GAAP_BASE_URL = live_server.url
    change_settings(service, contact_details="help@transport.example", by=TESTER)
    template = create_template(service, type="email", name="File", subject="Yours", body="Get ((doc))", by=TESTER)
    file = {"file": base64.b64encode(CONTENT).decode(), "filename": "Your permit for the river.pdf"}
    answer = notify.send(
        "email",
        {"email_address": "ann@example.org", "template_id": str(template.pk), "personalisation": {"doc": file}},
    )
    return answer.json()["content"]["body"].removeprefix("Get ")


def look(page, name):
    assert_accessible(page)
    assert_fits(page)
    shoot(page, name)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_from_the_link_to_the_file(browser_page, link, width):
    page = browser_page(width=width, java_script=False)
    page.goto(link)
    look(page, f"file-confirm-{width}")
    page.fill("[name=email]", "bob@example.org")
    page.press("[name=email]", "Enter")
    page.wait_for_selector("a[href='#id_email']")
    look(page, f"file-refused-{width}")
    page.fill("[name=email]", "ann@example.org")
    page.press("[name=email]", "Enter")
    page.wait_for_selector("#download")
    look(page, f"file-{width}")
    with page.expect_download() as waiting:
        page.click("#download")
    assert waiting.value.suggested_filename == "Your permit for the river.pdf"
    with open(waiting.value.path(), "rb") as saved:
        assert saved.read() == CONTENT


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_every_page_in_every_language(browser_page, link, language):
    page = browser_page(width=PHONE, java_script=False)
    pages = {"confirm": link, "unknown": re.sub("key=.*", "key=x", link), "gone": link}
    for name, url in pages.items():
        if name == "gone":
            SharedFile.objects.update(file=None)
        page.goto(f"{url}&lang={language}")
        assert page.get_attribute("html", "lang") == language
        look(page, f"file-{name}-{language}")
