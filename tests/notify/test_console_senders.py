"""The console's page about senders, addresses for answers, contact blocks, and the day's limits."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from gaap_notify.services import daily_limits
from gaap_notify.services.daily_limits import counted_for_today, used_today
from gaap_notify.services.setup import set_contact_block, set_reply_to, set_sms_sender
from tests.console.conftest import browser_of, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def page(service):
    """Return a function that reads the page as a viewer."""
    browser = browser_of(colleague(service, "viewer"))
    return lambda: browser.get(reverse("notify-console-senders", args=[service.pk])).content.decode()


def limits_on(text):
    rows = re.findall(r'<th scope="row">(Email|Text message|Letter)</th><td>([^<]*)</td><td>([\d,]+)</td>', text)
    return {label: (used, limit) for label, used, limit in rows}


def test_what_is_set_up_is_shown(page, service, other_service):
    reply_to = set_reply_to(service, "office@transport.example", is_default=True, by=TESTER)
    sender = set_sms_sender(service, "Transport", is_default=False, by=TESTER)
    set_contact_block(service, "Office\n1 High Street", is_default=True, by=TESTER)
    set_reply_to(other_service, "theirs@transport.example", is_default=True, by=TESTER)
    text = page()
    assert "office@transport.example (default)" in text
    assert str(reply_to.pk) in text
    assert str(sender.pk) in text
    assert "Transport (default)" not in text
    assert "Office\n1 High Street" in text
    assert "theirs@transport.example" not in text


def test_without_anything_set_up_the_platforms_own_is_shown(page):
    text = page()
    assert "GOVT" in text
    assert "There is no address for answers." in text
    assert "There is no contact block." in text


def test_the_days_messages_are_shown_with_their_limits(page, service):
    with counted_for_today(service, key_type="live", channel="email", messages=3):
        pass
    with counted_for_today(service, key_type="test", channel="sms", messages=5):
        pass
    shown = limits_on(page())
    assert shown["Email"][0] == "3"
    assert shown["Text message"][0] == "0"
    assert shown["Email"][1].replace(",", "") == str(daily_limits.DAILY["email"])


def test_on_trial_the_limits_are_lower(page, service):
    Service.objects.filter(pk=service.pk).update(is_live=False)
    assert limits_on(page())["Email"][1] == str(daily_limits.TRIAL)


def test_a_cache_that_does_not_answer_is_no_zero(page, service, monkeypatch):
    monkeypatch.setattr(daily_limits, "counted", lambda key: None)
    assert used_today(service, key_type="live", channel="email") is None
    assert limits_on(page())["Email"][0] == "Not known"


def test_strangers_see_nothing(service, stranger):
    assert browser_of(stranger).get(reverse("notify-console-senders", args=[service.pk])).status_code == 404
