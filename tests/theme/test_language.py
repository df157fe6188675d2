"""Which language a page comes in, and how long that is remembered."""

import pytest
from django.test import Client
from pytest_django import Settings

from gaap.theme.middleware import LANGUAGE_COOKIE, ONE_YEAR_SECONDS


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_address_wins_and_is_remembered_whatever_the_method(browser_client: Client, method: str) -> None:
    browser_client.cookies[LANGUAGE_COOKIE] = "vi"
    answer = getattr(browser_client, method)("/gallery/question?lang=cy", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "cy"
    cookie = answer.cookies[LANGUAGE_COOKIE]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("cy", ONE_YEAR_SECONDS, "Lax")
    assert cookie["httponly"]
    assert not cookie["secure"]


def test_the_cookie_is_for_https_only_on_https(browser_client: Client) -> None:
    answer = browser_client.get("/cookies?lang=cy", secure=True)
    assert answer.cookies[LANGUAGE_COOKIE]["secure"]


def test_the_cookie_wins_over_the_browser_and_is_not_set_again(browser_client: Client) -> None:
    browser_client.cookies[LANGUAGE_COOKIE] = "vi"
    answer = browser_client.get("/cookies", headers={"accept-language": "cy"})
    assert answer.headers["Content-Language"] == "vi"
    assert LANGUAGE_COOKIE not in answer.cookies


@pytest.mark.parametrize(
    ("accepted", "expected"), [("cy-GB,en;q=0.5", "cy"), ("fr", "en"), ("vi", "vi"), ("*", "en"), ("", "en")]
)
def test_the_browser_is_asked_last(browser_client: Client, accepted: str, expected: str) -> None:
    answer = browser_client.get("/cookies", headers={"accept-language": accepted})
    assert answer.headers["Content-Language"] == expected


@pytest.mark.parametrize("code", ["xx", "fr", "", "cy\r\nX: 1", "../cy", "c" * 600])
def test_what_is_no_offered_language_is_passed_over(browser_client: Client, code: str) -> None:
    browser_client.cookies[LANGUAGE_COOKIE] = "nonsense"
    answer = browser_client.get("/cookies", {"lang": code})
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "en")
    assert LANGUAGE_COOKIE not in answer.cookies


def test_pages_vary_and_style_sheets_do_not(browser_client: Client) -> None:
    assert browser_client.get("/cookies").headers["Vary"] == "Accept-Language, Cookie"
    sheet = browser_client.get("/brand.css", {"lang": "cy"})
    assert "Vary" not in sheet.headers
    assert "Content-Language" not in sheet.headers


def test_the_switch_keeps_the_rest_of_the_query(browser_client: Client) -> None:
    page = browser_client.get("/cookies", {"state": 'a&b"<', "lang": "cy"}).content.decode()
    assert 'href="?state=a%26b%22%3C&amp;lang=vi" lang="vi" hreflang="vi"' in page
    assert 'hreflang="cy" aria-current="true">Cymraeg</a>' in page
    assert page.count("aria-current") == 1
    assert '<html lang="cy" dir="ltr">' in page


def test_one_language_needs_no_switch(browser_client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert "gaap-languages" not in browser_client.get("/cookies").content.decode()
