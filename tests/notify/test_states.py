"""The life of a notification: the table, its events, and the database's own check."""

import pytest
from django.db import IntegrityError, transaction

from gaap_notify.apps import NotifyConfig
from gaap_notify.models import Notification
from gaap_notify.states import (
    COMPLETED,
    LETTER,
    NOTIFICATION,
    NOTIFICATION_CREATED,
    PUBLIC_LETTER_STATUSES,
    PUBLIC_STATUSES,
    STATUS_GROUPS,
    STATUS_LABELS,
    STATUSES,
)


@pytest.mark.parametrize("table", [NOTIFICATION, LETTER])
def test_every_status_can_be_reached(table):
    reached = {table.initial}
    for _ in table.edges:
        reached |= {end for start, end in table.edges if start in reached}
    assert reached == set(table.statuses)


def test_final_statuses():
    assert NOTIFICATION.final == {
        *("sent", "delivered", "temporary-failure", "permanent-failure", "technical-failure"),
    }
    assert LETTER.final == {
        *("virus-scan-failed", "validation-failed", "technical-failure", "permanent-failure"),
        *("cancelled", "returned-letter"),
    }
    assert NOTIFICATION.final | LETTER.final == COMPLETED


def test_a_letter_can_be_taken_back_until_a_provider_has_it():
    assert LETTER.sources("cancelled") == {"pending-virus-check", "created"}


def test_every_status_is_public_and_has_a_label():
    assert set(STATUSES) <= set(PUBLIC_STATUSES)
    assert set(PUBLIC_LETTER_STATUSES.values()) <= set(PUBLIC_STATUSES)
    assert set(STATUS_LABELS) == set(STATUSES)


def test_groups_are_of_stored_statuses():
    assert {status for group in STATUS_GROUPS.values() for status in group} <= set(STATUSES)


def test_every_event_is_declared_and_used():
    declared = {event.name for event in NotifyConfig.events if event.name.startswith("notification_")}
    assert declared == {NOTIFICATION_CREATED, *NOTIFICATION.edges.values(), *LETTER.edges.values()}


def test_database_refuses_another_status(send_sms):
    send_sms()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.update(status="lost")
