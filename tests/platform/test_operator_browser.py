"""The operators' admin in a real browser: under the strict policy, readable on a phone, accessible."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from gaap.clock import now
from gaap.console.models import ConsoleEmail, GoLiveRequest
from tests.browser.support import DESKTOP, HEIGHT, PHONE, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(service, owner, live_key):
    """A platform on which everything of the dashboard has something to show."""
    GoLiveRequest.objects.create(service=service, note="Boats.", requested_by=owner)
    due_at = now() - timedelta(hours=1)
    ConsoleEmail.objects.create(recipient="a@b.example", subject="s", text="t", due_at=due_at)
    return service


@pytest.fixture
def operator_page(browser_page, live_server, operator):
    """Open a page in which the operator is signed in."""

    def open_page(**options):
        client = Client()
        client.force_login(operator)
        page = browser_page(**options)
        cookie = {"name": "gaap_session", "value": client.cookies["gaap_session"].value, "url": str(live_server)}
        page.context.add_cookies([cookie])
        return page

    return open_page


@pytest.mark.parametrize("language", ["en", "cy", "vi"])
def test_what_the_platform_adds_is_accessible_and_fits(operator_page, live_server, busy, language):
    page = operator_page()
    paths = {
        "index": reverse("admin:index"),
        "act": f"{reverse('admin:gaap_service_archive')}?ids={busy.pk}",
        "audit": reverse("admin:gaap_auditevent_changelist"),
        "prove": reverse("admin:prove"),
    }
    for name, path in paths.items():
        page.goto(f"{live_server}{path}?lang={language}".replace("?lang", "&lang" if "?" in path else "?lang"))
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            shoot(page, f"operators-{name}-{width}-{language}")
            assert_fits(page)
            if language == "en" and name != "audit":
                assert_accessible(page)


def test_overdue_work_is_tried_again_by_pressing_a_button(operator_page, live_server, busy):
    page = operator_page(java_script=False)
    page.goto(f"{live_server}{reverse('admin:index')}")
    page.get_by_role("button", name="Try now").click()
    assert page.get_by_text("It is tried again now.").is_visible()
