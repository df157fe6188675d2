"""Where a service wants it, a live key opens nothing until a second administrator has approved it."""

from functools import partial

import pytest
from django.test import Client

from gaap.audit.models import AuditEvent
from gaap.keys.approval import SamePersonError, approve_api_key
from gaap.keys.models import ApiKey
from gaap.keys.services import KeyRefusedError, authenticate_text, create_api_key
from gaap.organisations.services import set_membership
from gaap.testing.plugin import TESTER
from tests.console.conftest import browser_of, colleague, person
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db


@pytest.fixture
def careful(service):
    service.live_keys_need_approval = True
    service.save()
    return service


@pytest.fixture
def other(service) -> Client:
    return browser_of(administrator(service, "second"))


def administrator(service, name):
    user = person(f"{name}@transport.example")
    set_membership(user, service=service, role="admin", by=TESTER)
    return user


def made(browser, address, **changes):
    answer = browser.post(address("new-key"), {"name": "website", "type": "live", "lifetime": "", **changes})
    assert answer.status_code == 200
    return answer.context["issued"]


def opens(text):
    try:
        return bool(authenticate_text(text))
    except KeyRefusedError:
        return False


def test_a_live_key_waits_and_a_second_person_lets_it_go(careful, browser, other, address):
    issued = made(browser, address)
    assert not opens(issued.text)
    assert "website" in browser.get(address("keys")).content.decode()
    other.post(address("approve-key", issued.api_key.pk))
    assert opens(issued.text)
    assert AuditEvent.objects.filter(action="api_key_approved", target_id=str(issued.api_key.pk)).count() == 1


def test_nobody_approves_their_own(careful, browser, address, admin):
    issued = made(browser, address)
    browser.post(address("approve-key", issued.api_key.pk))
    assert not opens(issued.text)
    with pytest.raises(SamePersonError):
        approve_api_key(issued.api_key, user=admin)


@pytest.mark.parametrize("role", ["developer", "caseworker", "viewer"])
def test_only_an_administrator_approves(careful, browser, address, role):
    issued = made(browser, address)
    answer = browser_of(colleague(careful, role)).post(address("approve-key", issued.api_key.pk))
    assert answer.status_code in (403, 404)
    assert not opens(issued.text)


def test_a_waiting_key_can_be_revoked_and_then_not_approved(careful, browser, other, address):
    issued = made(browser, address)
    other.post(address("revoke-key", issued.api_key.pk))
    assert other.post(address("approve-key", issued.api_key.pk)).status_code == 404
    assert not opens(issued.text)


@pytest.mark.parametrize("type", ["test", "team"])
def test_other_keys_do_not_wait(careful, browser, address, type):
    assert opens(made(browser, address, type=type).text)


def test_without_the_setting_nothing_waits(service, browser, address):
    assert opens(made(browser, address).text)


def test_what_the_platform_itself_makes_does_not_wait(careful):
    assert opens(create_api_key(careful, name="provisioned", type="live", by=TESTER).text)


def test_the_old_key_goes_on_while_its_successor_waits(careful, browser, address):
    old = create_api_key(careful, name="website", type="live", by=TESTER)
    new = browser.post(address("rotate-key", old.api_key.pk), {"overlap": "0"}).context["issued"]
    assert opens(old.text)
    assert not opens(new.text)


def test_a_team_turns_it_on_and_never_off(service, browser, address):
    wanted = {"name": service.name, "languages": service.languages}
    browser.post(address("settings"), {**wanted, "live_keys_need_approval": "on"})
    service.refresh_from_db()
    assert service.live_keys_need_approval
    browser.post(address("settings"), wanted)
    service.refresh_from_db()
    assert service.live_keys_need_approval


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_approvals_at_once_one_counts(careful, browser, address):
    issued = made(browser, address)
    people = [administrator(careful, f"person{number}") for number in range(4)]
    key = ApiKey.objects.get(pk=issued.api_key.pk)
    assert sum(in_parallel([partial(approve_api_key, key, user=person) for person in people])) == 1
    assert AuditEvent.objects.filter(action="api_key_approved").count() == 1
