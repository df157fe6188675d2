"""Nothing that is stored of people is told to logs, metrics, error pages or events, whatever fails."""

import json
import logging
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from gaap.clock import now
from gaap.observing.logs import JsonFormatter, LineFormatter
from gaap.outbox.models import OutboxEvent
from gaap.outbox.relay import relay_waiting
from gaap_site.celery import app
from tests.platform.planting import Planter

pytestmark = pytest.mark.django_db
EMAIL, PHONE, NAME = "canary.bird@example.org", "07700900777", "Sulphur Crested"
TYPED = (EMAIL, PHONE, NAME, EMAIL.replace("@", "%40"), NAME.replace(" ", "%20"), NAME.replace(" ", "+"))
SCHEDULED = sorted({entry["task"] for entry in app.conf.beat_schedule.values()})


@pytest.fixture
def planter():
    planter = Planter()
    planter.plant_everywhere()
    return planter


@pytest.fixture
def log(caplog):
    """Everything that anybody logs, down to the last detail, as it is written, save the statements themselves."""
    caplog.set_level(logging.DEBUG)
    formatter = LineFormatter("{levelname} {name}: {message}", style="{")

    def written():
        return "\n".join(formatter.format(one) for one in caplog.records if one.name != "django.db.backends")

    return written


def told(text, canaries):
    return {canary for canary in canaries if canary in text}


@pytest.mark.parametrize("task", SCHEDULED)
def test_scheduled_work_logs_nothing_of_what_is_stored(planter, log, task):
    app.tasks[task]()
    assert told(log(), planter.canaries) == set()


def test_numbers_tell_nothing_of_what_is_stored(planter, log, settings):
    settings.GAAP_EMBEDDED = True
    browser = Client()
    pages = [browser.get(path).content.decode() for path in ("/metrics", "/health/live", "/health/ready")]
    assert "gaap" in pages[0]
    assert told("\n".join([*pages, log()]), planter.canaries) == set()


def test_no_event_tells_what_another_column_holds(planter):
    events = json.dumps(list(OutboxEvent.objects.values()), default=str)
    own = {canary for canary, name in planter.canaries.items() if name == "gaap.OutboxEvent.data"}
    assert told(events, set(planter.canaries) - own) == set()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", f"/nothing/{EMAIL}"),
        ("get", f"/v1/nothing/{NAME}"),
        ("get", "/v1/payments"),
        ("post", "/v1/payments"),
        ("post", "/v2/notifications/email"),
        ("post", "/v1/webhooks"),
        ("post", "/console/sign-in"),
        ("post", "/sign-in/password"),
        ("get", "/authorize"),
        ("post", "/token"),
    ],
)
def test_a_refused_request_is_not_logged_with_what_was_typed(log, method, path):
    browser = Client(raise_request_exception=False)
    query = {"email": EMAIL, "phone": PHONE, "name": NAME}
    if method == "get":
        answer = browser.get(path, query)
    else:
        browser.post(f"{path}?email={EMAIL}", json.dumps(query), content_type="application/json")
        answer = browser.post(path, query)
    assert answer.status_code < 500
    assert told(log(), TYPED) == set()
    assert told(browser.get("/metrics").content.decode(), TYPED) == set()


def test_an_error_page_tells_nothing_of_the_request(log):
    browser = Client(raise_request_exception=False)
    for path in (f"/nothing/{EMAIL}", f"/nothing?email={EMAIL}&name={NAME}", "/%00"):
        page = browser.get(path, HTTP_REFERER=f"https://x.example/?{EMAIL}")
        assert told(page.content.decode(), TYPED) == set(), path
    assert told(log(), TYPED) == set()


# --- what the database says of a row that it refuses ------------------------------------------------------------------


@pytest.fixture
def refusal(planter):
    payment = planter.plant("gaap_payments.Payment")
    payment.pk, payment._state.adding = "x", True
    payment.amount, payment.cardholder_name, payment.email = -1, NAME, EMAIL
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        payment.save(force_insert=True)
    return raised


@pytest.mark.postgresql
def test_the_database_does_name_the_row(refusal):
    assert NAME in str(refusal.value), "or there is nothing to withhold"


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()], ids=["line", "json"])
def test_a_refused_row_is_logged_without_its_values(refusal, formatter):
    info = (refusal.type, refusal.value, refusal.tb)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "it failed: %s", (refusal.value,), info)
    text = formatter.format(record)
    assert "gaap_payments_amount_positive" in text
    assert "Traceback" in text
    assert told(text, TYPED) == set()


def test_lines_on_both_sides_of_the_values_stay():
    text = (
        "error\nDETAIL:  Failing row contains (a,\n\nb).\nCONTEXT:  where\n\nThe above exception was the cause:\n\nmore"
    )
    written = LineFormatter().format(logging.LogRecord("x", logging.ERROR, "x.py", 1, text, (), None))
    assert written == "error\nDETAIL: (withheld)\nCONTEXT:  where\n\nThe above exception was the cause:\n\nmore"


def test_the_site_uses_these_formatters(settings):
    made = [formatter["()"] for formatter in settings.LOGGING["formatters"].values()]
    assert all(re.fullmatch(r"gaap\.observing\.logs\.(Line|Json)Formatter", name) for name in made)


@pytest.mark.postgresql
def test_an_event_that_cannot_be_published_keeps_no_values(refusal, monkeypatch, log):
    def fail(event):
        raise refusal.value

    event = OutboxEvent.objects.create(name="webhook_created", subject="webhook/1", occurred_at=now())
    monkeypatch.setattr("gaap.outbox.relay.subscribers_of", lambda name: (fail,))
    relay_waiting()
    event.refresh_from_db()
    assert event.failure.startswith("IntegrityError")
    assert told(event.failure + log(), TYPED) == set()
