"""The pages that only show: events, usage, history."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.console.paging import PAGE_SIZE
from gaap.organisations.models import Service
from gaap.organisations.services import change_service
from gaap.outbox.models import OutboxEvent
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from tests.console.conftest import Page


def happen(service: Service, *, subject: str = "go_live_request/1", times: int = 1) -> None:
    with transaction.atomic():
        for _ in range(times):
            emit("go_live_requested", service_id=service.pk, subject=subject, data={"status": "waiting"})


def test_events_of_the_service_are_shown_and_no_others(
    browser: Client, address: Page, service: Service, other_service: Service
) -> None:
    happen(service, subject="go_live_request/ours")
    happen(other_service, subject="go_live_request/theirs")
    page = browser.get(address("events")).content.decode()
    assert "go_live_request/ours" in page
    assert "go_live_request/theirs" not in page


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ({"type": "go_live_requested"}, True),
        ({"type": "go_live_approved"}, False),
        ({"subject": "go_live_request/1"}, True),
        ({"subject": "go_live_request/2"}, False),
        ({"type": "nonsense"}, True),
        ({"before": "1'; --"}, True),
    ],
)
def test_events_are_narrowed(
    browser: Client, address: Page, service: Service, query: dict[str, str], is_shown: bool
) -> None:
    happen(service)
    assert ("gaap-console-rows__who" in browser.get(address("events"), query).content.decode()) is is_shown


def test_pages_hold_every_event_once_while_new_ones_arrive(browser: Client, address: Page, service: Service) -> None:
    happen(service, times=PAGE_SIZE + 5)
    first = browser.get(address("events"), {"type": "go_live_requested"})
    seen = [event.pk for event in first.context["page"].rows]
    happen(service, times=3)
    second = browser.get(address("events") + first.context["page"].older)
    seen += [event.pk for event in second.context["page"].rows]
    assert len(seen) == len(set(seen)) == PAGE_SIZE + 5
    assert "type=go_live_requested" in first.context["page"].older
    assert second.context["page"].older == ""


def test_usage_shows_a_figure_for_each_month(browser: Client, address: Page) -> None:
    months = browser.get(address("usage")).context["months"]
    assert len(months) == 6
    names = [[figure.name for figure in month.figures] for month in months]
    assert names[0]
    assert all(row == names[0] for row in names)


def test_history_says_who_changed_what(browser: Client, address: Page, service: Service, admin: User) -> None:
    browser.post(address("settings"), {"name": "Renew a boat", "languages": ["cy", "en"]})
    page = browser.get(address("history")).content.decode()
    assert "service_changed" in page
    assert admin.email in page
    assert "Renew a boat" in page


def test_history_does_not_tell_citizens_apart(browser: Client, address: Page, service: Service) -> None:
    number = "01a1ffe6-370b-7f28-8055-3676fe098b0d"
    record("sign_in_completed", target=service, service=service, by=Actor("citizen", number))
    page = browser.get(address("history")).content.decode()
    assert "sign_in_completed" in page
    assert "A citizen" in page
    assert number not in page


def test_history_of_other_services_is_not_shown(browser: Client, address: Page, other_service: Service) -> None:
    change_service(other_service, name="Something secret", by=TESTER)
    assert "Something secret" not in browser.get(address("history")).content.decode()


def test_an_event_holds_its_data(browser: Client, address: Page, service: Service) -> None:
    happen(service)
    page = browser.get(address("events")).content.decode()
    assert "&quot;status&quot;: &quot;waiting&quot;" in page
    assert str(OutboxEvent.objects.get(name="go_live_requested").id) in page
