"""The console in a real browser: every page accessible, readable on a phone, without JavaScript, in each language."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from gaap.console.models import ConsoleEmail
from gaap.console.services.invitations import invite
from gaap.keys.services import IssuedKey
from gaap.organisations.models import Membership, Service
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from gaap.webhooks.services.queueing import queue_test
from gaap.webhooks.services.subscriptions import create_subscription
from tests.browser.support import DESKTOP, HEIGHT, PHONE, OpenPage, assert_accessible_on_one, assert_fits, shoot
from tests.console.conftest import colleague

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("en", "cy", "vi")
PASSWORD = "three quiet otters"

SignIn = Callable[[Page, LiveServer, User], None]


@pytest.fixture
def busy_service(service: Service, admin: User, test_key: IssuedKey, live_key: IssuedKey) -> Service:
    """A service about which every page has something to show."""
    colleague(service, "developer")
    invite("ngoc@transport.example", service=service, role="viewer", user=admin)
    with transaction.atomic():
        emit("go_live_requested", service_id=service.pk, subject="go_live_request/1", data={"status": "waiting"})
    webhook = create_subscription(service, url="http://127.0.0.1:9/hooks", events=["*"], by=TESTER)
    queue_test(webhook)
    Service.objects.filter(pk=service.pk).update(is_live=False)
    return service


def let_in(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of a person who is signed in."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "gaap_session", "value": client.cookies["gaap_session"].value, "url": str(live_server)}]
    )


def check(page: Page, name: str, *, language: str) -> None:
    """Look at the page on a phone and on a desk.

    The structure of a page is the same in every language, so axe looks at one of them; the lengths differ.
    """
    assert page.locator("h1").count() == 1
    if language == "en":
        assert_accessible_on_one(page, name)
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert_fits(page)
        shoot(page, f"console-{name}-{width}-{language}")


def service_pages(service: Service) -> dict[str, str]:
    key = service.api_keys.get(name="test")
    member = Membership.objects.get(service=service, role="developer")
    webhook = service.webhooks.get()
    plain = ("service", "events", "usage", "keys", "new-key", "members", "invite", "settings", "go-live", "history")
    webhooks = ("webhooks", "new-webhook")
    return {
        **{name: reverse(f"gaap-console-{name}", args=[service.pk]) for name in (*plain, *webhooks)},
        "webhook": reverse("gaap-console-webhook", args=[service.pk, webhook.pk]),
        "rotate": reverse("gaap-console-rotate-key", args=[service.pk, key.pk]),
        "revoke": reverse("gaap-console-revoke-key", args=[service.pk, key.pk]),
        "member": reverse("gaap-console-member", args=[service.pk, member.pk]),
        "home": reverse("gaap-console"),
        "account": reverse("account_email"),
        "sessions": reverse("usersessions_list"),
        "new-service": reverse("gaap-console-new-service"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_member_is_accessible_and_fits(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service, admin: User, language: str
) -> None:
    page = browser_page(java_script=False)
    let_in(page, live_server, admin)
    for name, path in service_pages(busy_service).items():
        page.goto(f"{live_server}{path}?lang={language}")
        check(page, name, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_on_the_way_in_is_accessible_and_fits(
    browser_page: OpenPage, live_server: LiveServer, busy_service: Service, admin: User, language: str
) -> None:
    token = invite("nia@transport.example", service=busy_service, role="viewer", user=admin).token
    invitation = reverse("gaap-console-invitation", args=[token])
    names = ("account_login", "account_signup", "account_reset_password", "account_reset_password_done")
    paths = {**{name: reverse(name) for name in names}, "invitation": invitation}
    page = browser_page(java_script=False)
    for name, path in paths.items():
        page.goto(f"{live_server}{path}?lang={language}")
        check(page, name, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomer_gets_a_key_without_javascript(
    browser_page: OpenPage, live_server: LiveServer, language: str
) -> None:
    page = browser_page(java_script=False)
    page.goto(f"{live_server}/console?lang={language}")
    page.locator("main a").last.click()
    page.locator("main button").click()
    check(page, "sign-up-faulty", language=language)
    page.locator("#id_email").fill("nia@transport.example")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("main button").click()
    page.locator("#id_code").wait_for()
    check(page, "confirm", language=language)
    found = re.search(r"\d{6}", ConsoleEmail.objects.latest("pk").text)
    assert found is not None
    page.locator("#id_code").fill(found[0])
    page.locator("main button").first.click()
    check(page, "home-empty", language=language)
    page.goto(f"{live_server}{reverse('mfa_activate_totp')}")
    check(page, "second-factor", language=language)
    page.goto(f"{live_server}{reverse('gaap-console-new-service')}")
    page.locator("#id_name").fill("Berth a boat")
    page.locator("#id_new_organisation").fill("Harbour Board")
    page.locator("main button").click()
    check(page, "service-created", language=language)
    assert page.locator("code", has_text="gaap_test_").count() > 1
