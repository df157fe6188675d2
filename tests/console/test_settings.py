"""The service's settings, and its way from trial to live."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from gaap.console.models import ConsoleEmail, GoLiveRequest
from gaap.console.services.going_live import GoLiveError, approve, refuse, withdraw_request
from gaap.keys.services import authenticate_text, create_api_key
from gaap.organisations.models import Service
from gaap.organisations.services import create_service
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from tests.console.conftest import Page, colleague

NOTE = {"note": "Boats, 200 a month."}


@pytest.fixture
def ready(service: Service, admin: User) -> Service:
    """The service in trial mode, with everything that going live requires."""
    Service.objects.filter(pk=service.pk).update(is_live=False)
    service.refresh_from_db()
    other = colleague(service, "developer")
    other.memberships.update(role="admin")
    authenticate_text(create_api_key(service, name="tried", type="test", by=TESTER).text)
    return service


@pytest.fixture
def asked(ready: Service, browser: Client, address: Page) -> GoLiveRequest:
    browser.post(address("go-live"), NOTE)
    return GoLiveRequest.objects.get()


def test_name_and_languages_are_changed(browser: Client, address: Page, service: Service) -> None:
    browser.post(address("settings"), {"name": "Renew a boat", "languages": ["cy", "en"]})
    service.refresh_from_db()
    assert (service.name, service.languages) == ("Renew a boat", ["cy", "en"])


@pytest.mark.parametrize("wrong", [{"name": ""}, {"languages": []}, {"languages": ["xx"]}, {"name": "Taken"}])
def test_wrong_settings_change_nothing(
    browser: Client, address: Page, service: Service, wrong: dict[str, object]
) -> None:
    create_service("Taken", organisation=service.organisation, by=TESTER)
    page = browser.post(address("settings"), {"name": "New", "languages": ["en"], **wrong}).content.decode()
    assert "<title>Error: " in page
    service.refresh_from_db()
    assert service.name == "Renew a vehicle registration"


def test_what_is_missing_holds_the_request_back(browser: Client, address: Page, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(is_live=False)
    page = browser.post(address("go-live"), NOTE).content.decode()
    assert "still missing" in page
    assert "Two administrators" in page
    assert not GoLiveRequest.objects.exists()


def test_a_team_asks_once(asked: GoLiveRequest, browser: Client, address: Page) -> None:
    assert asked.status == "waiting"
    assert OutboxEvent.objects.filter(name="go_live_requested", service_id=asked.service_id).count() == 1
    assert "asked already" in browser.post(address("go-live"), NOTE).content.decode()
    assert GoLiveRequest.objects.count() == 1


def test_a_team_takes_its_wish_back_and_asks_again(asked: GoLiveRequest, browser: Client, address: Page) -> None:
    browser.post(address("withdraw-go-live"))
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    assert browser.post(address("withdraw-go-live")).status_code == 404
    browser.post(address("go-live"), NOTE)
    assert GoLiveRequest.objects.filter(status="waiting").count() == 1


def test_an_operator_lets_the_service_go_live(asked: GoLiveRequest, operator: User, admin: User) -> None:
    assert approve(asked, user=operator)
    asked.service.refresh_from_db()
    assert asked.service.is_live
    email = ConsoleEmail.objects.latest("pk")
    assert (email.recipient, "is live" in email.subject) == (admin.email, True)


def test_an_operator_refuses_with_an_answer(
    asked: GoLiveRequest, operator: User, browser: Client, address: Page
) -> None:
    assert refuse(asked, answer="Write a privacy notice first.", user=operator)
    assert not Service.objects.get(pk=asked.service_id).is_live
    assert "privacy notice" in ConsoleEmail.objects.latest("pk").text
    assert "privacy notice" in browser.get(address("go-live")).content.decode()


@pytest.mark.parametrize("decide", [approve, lambda asked, user: refuse(asked, answer="No.", user=user)])
def test_nobody_decides_for_their_own_service(asked: GoLiveRequest, admin: User, decide) -> None:
    others = [membership.user for membership in asked.service.memberships.exclude(user=admin)]
    for user in (admin, *others):
        with pytest.raises(GoLiveError):
            decide(asked, user=user)
    assert not Service.objects.get(pk=asked.service_id).is_live


def test_a_decision_stands(asked: GoLiveRequest, operator: User) -> None:
    stale = GoLiveRequest.objects.get(pk=asked.pk)
    assert approve(asked, user=operator)
    assert not refuse(stale, answer="No.", user=operator)
    assert not withdraw_request(stale, by=TESTER)
    assert Service.objects.get(pk=asked.service_id).is_live


def test_a_live_service_does_not_ask(browser: Client, address: Page, service: Service) -> None:
    assert "The service is live." in browser.get(address("go-live")).content.decode()
    browser.post(address("go-live"), NOTE)
    assert not GoLiveRequest.objects.exists()
