"""Django's admin under our content security policy: it looks as it should, and its scripts run."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from tests.browser.support import OpenPage, assert_fits, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def test_the_admin_works_without_anything_inline(
    browser_page: OpenPage, live_server: LiveServer, admin_user: User
) -> None:
    client = Client()
    client.force_login(admin_user)
    page = browser_page()
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.goto(live_server.url + reverse("admin:index"))
    assert page.locator("#user-tools").is_visible()
    assert_fits(page)
    shoot(page, "admin")
    page.goto(live_server.url + reverse("admin:gaap_apikey_add"))
    page.locator(".datetimeshortcuts a").first.click()
    page.locator(".field-service .select2").wait_for()
    shoot(page, "admin-key")
