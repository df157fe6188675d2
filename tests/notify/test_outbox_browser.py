"""The outbox in a real browser: accessible, readable on a narrow phone, without JavaScript."""

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import Template
from gaap_notify.public import send_code
from gaap_notify.services.delivery import work_on_notification
from gaap_notify.services.templates import change_template
from tests.browser.support import DESKTOP, NARROW, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

BODY = """# Your reference

^ ((name))

Dear ((name))

* one
* two

---

See https://transport.example/a/very/long/address/that/will/not/fit/on/a/narrow/telephone/in/one/line - "thank you"."""


@pytest.fixture
def sent(send_sms, send_email, email_template):
    """An email, a text and a code, all delivered to the sandbox; the email's id."""
    change_template(email_template, name="Receipt", subject="Paid ((amount))", body=BODY, by=TESTER)
    email = send_email().id
    code = send_code(
        channel="email", recipient="a@example.org", code="123456", language="vi", purpose="sign_in", brand="Account"
    )
    for found in (email, send_sms().id, code):
        work_on_notification(found)
    return email


@pytest.mark.parametrize(("width", "language"), [(NARROW, "vi"), (PHONE, "cy"), (DESKTOP, "en")])
def test_outbox(browser_page, live_server, sent, width, language):
    page = browser_page(width=width, java_script=False)
    for name, path in {"outbox": "outbox", "outbox-email": f"outbox/{sent}", "email": f"outbox/{sent}/html"}.items():
        page.goto(f"{live_server}/{path}?lang={language}")
        if name != "email":
            assert_accessible(page)
        assert_fits(page)
        shoot(page, f"notify-{name}-{width}-{language}")


def test_finding_a_message_by_its_recipient(browser_page, live_server, sent):
    page = browser_page(java_script=False)
    page.goto(f"{live_server}/outbox")
    assert page.locator("article").count() == 3
    page.fill("[name=to]", "ngoc@example.org")
    page.click("main button")
    page.wait_for_url("**to=**")
    assert page.locator("article").count() == 1
    page.click("article a")
    frame = page.frame_locator("iframe")
    assert "Dear Ngọc" in frame.locator("body").inner_text()
    page.click(".gaap-before a")
    page.wait_for_url("**/outbox")
    assert Template.objects.count() == 3
