"""The page on which a team changes its program, in a real browser: accessible, on a phone and at a desk."""

from typing import Any

import pytest
from django.test import Client as Session
from django.urls import reverse

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
