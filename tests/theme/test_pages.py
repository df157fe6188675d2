"""The pages that every deployment has."""

import re

import pytest
from django.apps import apps
from django.test import Client
from pytest_django.fixtures import Settings

from gaap.components import Cookie, HomeLink, components
from gaap.theme.cookies import kept_for, known_cookies
from gaap.theme.middleware import LANGUAGE_COOKIE

LINKS = (HomeLink("Outbox <all>", "/outbox", embedded_only=True), HomeLink("Your account", "/account"))


@pytest.mark.parametrize(("is_embedded", "expected"), [(True, ["/outbox", "/account"]), (False, ["/account"])])
def test_the_front_page_shows_what_components_offer(
    browser_client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_embedded: bool, expected: list[str]
) -> None:
    settings.GAAP_EMBEDDED = is_embedded
    for component in apps.get_app_configs():
        monkeypatch.setattr(component, "home_links", (), raising=False)
    monkeypatch.setattr(apps.get_app_config("gaap"), "home_links", LINKS)
    answer = browser_client.get("/")
    assert [link.path for link in answer.context["links"]] == expected
    assert ("Outbox &lt;all&gt;" in answer.content.decode()) is is_embedded


@pytest.mark.parametrize("path", ["/", "/accessibility", "/cookies", "/brand.css"])
def test_pages_can_only_be_read(browser_client: Client, path: str) -> None:
    assert browser_client.post(path).status_code == 405


def test_the_page_of_cookies_names_those_of_this_deployment(
    browser_client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_AGE = "its_session", 20 * 60 * 60
    for component in components():
        monkeypatch.setattr(component, "cookies", (), raising=False)
    monkeypatch.setattr(apps.get_app_config("gaap"), "cookies", (Cookie("handed_in", "Remembers <this>", None),))
    page = browser_client.get("/cookies").content.decode()
    names = [LANGUAGE_COOKIE, settings.CSRF_COOKIE_NAME, "its_session", "handed_in"]
    assert re.findall(r"<code>(\w+)</code>", page) == [cookie.name for cookie in known_cookies()] == names
    assert "Remembers &lt;this&gt;" in page
    assert "20 hours" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "Until you close the browser"), (1, "1 hour"), (7200, "2 hours"), (86400, "1 day"), (31536000, "365 days")],
)
def test_time_in_words(seconds: int | None, words: str) -> None:
    assert kept_for(seconds) == words
