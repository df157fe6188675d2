"""Cookies over TLS belong to this host alone, out of reach of scripts, and are hard to guess."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse, SimpleCookie
from django.test import Client
from django.test.client import RequestFactory

from gaap.surge.tickets import Ticket, give_ticket
from gaap.theme.host_cookies import PREFIX, cookie_name, prefixed
from gaap.theme.middleware import remember_language
from gaap_identity.models.browsers import new_token
from gaap_identity.web.cookies import forget_browser, set_token
from gaap_payments.web.held import HeldPayments
from tests.project import PACKAGES, program, run

#: What the site's settings are under a public address; the tests' own process has one without TLS.
PRINT_SETTINGS = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,
      s.SESSION_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH,
      s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY, s.CSRF_COOKIE_SAMESITE,
      s.CSRF_COOKIE_DOMAIN, s.CSRF_COOKIE_PATH)
"""


@pytest.fixture
def over_tls(settings: Any) -> None:
    """A public address with TLS."""
    settings.GAAP_BASE_URL = "https://platform.example/"


def cookies_of_ours() -> Iterator[SimpleCookie]:
    """Set each cookie that our own code sets."""
    response = HttpResponse()
    set_token(response, new_token())
    HeldPayments([]).write(response)
    remember_language(response, "cy", is_secure=False)
    give_ticket(response, Ticket(), is_secure=False)
    yield response.cookies


@pytest.mark.usefixtures("over_tls")
def test_every_cookie_belongs_to_the_host_alone() -> None:
    found = [morsel for cookies in cookies_of_ours() for morsel in cookies.values()]
    assert {morsel.key for morsel in found} == {
        f"{PREFIX}gaap_{name}" for name in ("citizen", "payments", "language", "queue")
    }
    for morsel in found:
        assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "Lax")
        assert (morsel["domain"], morsel["path"]) == ("", "/")


def test_those_of_django_belong_to_the_host_alone_too() -> None:
    command = (program("python"), "-c", f"import django; django.setup(); exec('''{PRINT_SETTINGS}''')")
    environ = {"GAAP_BASE_URL": "https://platform.example/", "DJANGO_SETTINGS_MODULE": "gaap_site.settings"}
    finished = run(*command, environ=environ)
    attributes = "True True Lax None /"
    assert finished.stdout.strip() == f"__Host-gaap_session {attributes} __Host-gaap_csrf {attributes}"


def test_without_tls_there_is_no_prefix() -> None:
    assert (cookie_name("gaap_citizen"), prefixed("one", is_https=False)) == ("gaap_citizen", "one")


@pytest.mark.usefixtures("over_tls")
def test_what_was_set_is_read_back_and_taken_away() -> None:
    request = RequestFactory().get("/", headers={"cookie": "gaap_citizen=planted-by-a-subdomain"})
    assert request.COOKIES.get(cookie_name("gaap_citizen")) is None
    response = HttpResponse()
    forget_browser(response)
    gone = response.cookies[f"{PREFIX}gaap_citizen"]
    assert (gone.value, gone["max-age"], gone["secure"]) == ("", 0, True)


@pytest.mark.django_db
def test_session_tokens_cannot_be_guessed() -> None:
    staff = Client()
    staff.force_login(get_user_model().objects.create_user("owner@transport.example"))
    key = str(staff.session.session_key)
    assert (len(key), key.isalnum()) == (32, True)  # 36 ** 32: 165 bits
    assert len(new_token()) == 43  # 32 bytes in base64url
    assert len({new_token() for _ in range(100)}) == 100


def test_no_script_keeps_anything_in_the_browser() -> None:
    scripts = [path for folder in PACKAGES.values() for path in folder.rglob("*.js")]
    assert len(scripts) >= 3
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        found = [w for w in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.") if w in text]
        assert found == [], path.name
