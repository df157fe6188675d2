"""What people see when not everything works, in a real browser: axe, widths, languages, no JavaScript."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from playwright.sync_api import Page, Route

from gaap.clock import now
from gaap.overload.refusing import refusal
from gaap.status.measuring import watch
from gaap.status.models import Incident, IncidentText
from gaap.surge import middleware, stores
from tests.browser.support import OpenPage, assert_accessible, assert_fits, on_screens, shoot

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
Look = Callable[..., Page]


def refuse(route: Route) -> None:
    """Answer as the gate does."""
    accepts = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in route.request.headers.items()}
    environ = {"PATH_INFO": "/sign-in", "REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), **accepts}
    _, headers, body = refusal(environ, lane="sign_in", retry_after=4)
    route.fulfill(status=503, headers=dict(headers), body=body)


@pytest.fixture
def look(browser_page: OpenPage, live_server: Any) -> Look:
    """Return a function that opens an address in a language, and looks whether everybody can read what is there."""

    def open_and_look(
        path: str, *, width: int, language: str, name: str, status: int = 200, refused: bool = False
    ) -> Page:
        page = browser_page(width=width, java_script=False, locale=language)
        if refused:
            page.route(f"**{path}", refuse)
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        assert answer.status == status
        assert page.get_attribute("html", "lang") == language
        assert_accessible(page)
        assert_fits(page)
        shoot(page, f"{name}-{language}-{width}")
        return page

    return open_and_look


@on_screens
def test_the_status_page_with_an_incident(look: Look, width: int, language: str) -> None:
    incident = Incident.objects.create(part="gaap_payments", began_at=now() - timedelta(hours=1))
    for spoken, title in (("en", "Payments are slow"), ("cy", "Mae taliadau'n araf"), ("vi", "Thanh toán bị chậm")):
        IncidentText.objects.create(incident=incident, language=spoken, title=title, text=title)
    watch.forget()
    page = look("/status", width=width, language=language, name="status")
    titles = {"en": "Payments are slow", "cy": "Mae taliadau'n araf", "vi": "Thanh toán bị chậm"}
    assert page.get_by_text(titles[language]).first.is_visible()


@on_screens
def test_the_queue(look: Look, settings: Any, monkeypatch: pytest.MonkeyPatch, width: int, language: str) -> None:
    settings.GAAP_SURGE_PER_MINUTE = 1
    settings.REDIS_URL = ""
    monkeypatch.setattr(stores, "READ_SECONDS", -1)
    # The page looks again by itself, and is looked at longer than that here.
    monkeypatch.setattr(middleware, "SOONEST_SECONDS", 600)
    monkeypatch.setattr(middleware, "LATEST_SECONDS", 600)
    pages = [look("/sign-in", width=width, language=language, name="queue") for _ in range(3)]
    pages[-1].reload()
    assert pages[-1].locator("dl dd").count() == 2
    shoot(pages[-1], f"queue-placed-{language}-{width}")


@on_screens
def test_a_database_that_is_gone(look: Look, width: int, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", fail)
    look("/pay/parking", width=width, language=language, name="unavailable", status=503)


@on_screens
def test_too_many_at_once(look: Look, width: int, language: str) -> None:
    """What the gate of a web process answers, which the server of these tests does not have."""
    look("/sign-in", width=width, language=language, name="crowd", status=503, refused=True)
