"""The page on which a team changes its program, in a real browser: accessible, on a phone and at a desk."""

from typing import Any

import pytest
from django.test import Client as Session
from django.urls import reverse

from gaap.organisations.models import Service
from tests.browser.support import DESKTOP, HEIGHT, PHONE, OpenPage, assert_accessible, assert_fits, shoot
from tests.identity.conftest import register

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def test_changing_a_program(browser_page: OpenPage, live_server: Any, service: Any, owner: Any) -> None:
    client = register(service, "by-secret", secret="a secret of some length", levels=["P0"], claims=[])
    session = Session()
    session.force_login(owner)
    page = browser_page(java_script=False)
    cookie = session.cookies["gaap_session"].value
    page.context.add_cookies([{"name": "gaap_session", "value": cookie, "url": str(live_server)}])
    for name in ("client", "client-permissions"):
        page.goto(live_server.url + reverse(f"identity-console-{name}", args=[service.pk, client.pk]))
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert_fits(page)
            assert_accessible(page)
            shoot(page, f"identity-console-{name}-{width}")


def test_making_a_test_user(browser_page: OpenPage, live_server: Any, service: Any, owner: Any) -> None:
    Service.objects.filter(pk=service.pk).update(is_live=False)
    session = Session()
    session.force_login(owner)
    page = browser_page(java_script=False)
    cookie = session.cookies["gaap_session"].value
    page.context.add_cookies([{"name": "gaap_session", "value": cookie, "url": str(live_server)}])
    page.goto(live_server.url + reverse("identity-console-test-users", args=[service.pk]))
    for step, (name, button) in enumerate((("new", "Make the test user"), ("made", "Continue"), ("one", ""))):
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert_fits(page)
            assert_accessible(page)
            shoot(page, f"identity-console-test-user-{name}-{width}")
        if step == 0:
            page.get_by_label("Sukarti").check()
        if button:
            page.get_by_text(button, exact=True).click()
    assert "P3" in page.inner_text("main")
