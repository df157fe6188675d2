"""The public status page: what the platform measures of itself, and what operators write, for everybody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.status import measuring
from gaap.status.measuring import watch
from gaap.status.models import Incident, IncidentText

pytestmark = pytest.mark.django_db
PARTS = ["Console, events and webhooks", "Signing in and proving who you are", "Paying", "Emails, texts and letters"]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing was looked at before."""
    watch.forget()
    yield
    watch.forget()


def page(client: Client, **headers: str) -> str:
    answer = client.get("/status", headers=headers or None)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(text: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(?:<strong>)?(.*?)(?:</strong>)?</dd>", text, re.DOTALL)
    return {title.replace("&#x27;", "'"): how for title, how in found}


def incident(part: str = "gaap_payments", *, ended: bool = False, **texts: tuple[str, str]) -> Incident:
    made = Incident.objects.create(part=part, began_at=now() - timedelta(hours=1), ended_at=now() if ended else None)
    for language, (title, text) in texts.items():
        IncidentText.objects.create(incident=made, language=language, title=title, text=text)
    watch.forget()
    return made


def test_everything_works(client: Client) -> None:
    text = page(client)
    assert "<h1>Everything works</h1>" in text
    assert rows(text) == dict.fromkeys(PARTS, "Works")
    assert "There were none." in text
    assert "<script" not in text


@pytest.mark.parametrize(("language", "words"), [("cy", "Mae popeth yn gweithio"), ("vi", "Mọi thứ đều hoạt động")])
def test_it_speaks_the_readers_language(client: Client, language: str, words: str) -> None:
    assert words in page(client, **{"Accept-Language": language})


def test_work_that_waits_for_too_long_is_a_disturbance(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_is_late", lambda model, edge: model._meta.app_label == "gaap_notify")
    found = rows(page(client))
    assert found["Emails, texts and letters"] == "Disturbed"
    assert list(found.values()).count("Works") == 3


def test_events_that_nobody_hears_of_are_a_disturbance(client: Client, service: Any) -> None:
    from gaap.outbox.services import emit

    emit("webhook_created", service_id=service.pk, subject="webhook/1", data={"status": "active"})
    OutboxEvent.objects.update(occurred_at=now() - timedelta(minutes=2))
    assert rows(page(client))["Console, events and webhooks"] == "Disturbed"


def test_an_open_incident_disturbs_its_part_until_it_ends(client: Client) -> None:
    made = incident(en=("Cards are refused", "We are <b>on</b> it."))
    text = page(client)
    assert "<h1>Not everything works</h1>" in text
    assert rows(text)["Paying"] == "Disturbed"
    assert "Cards are refused" in text
    assert "We are &lt;b&gt;on&lt;/b&gt; it." in text
    assert "it goes on" in text
    Incident.objects.filter(pk=made.pk).update(ended_at=now())
    watch.forget()
    text = page(client)
    assert rows(text)["Paying"] == "Works"
    assert "Cards are refused" in text


def test_each_reader_gets_their_language_or_the_default_one(client: Client) -> None:
    incident(en=("Slow", "It is slow."), vi=("Chậm", "Hệ thống đang chậm."))
    assert '<h3 lang="vi">Chậm</h3>' in page(client, **{"Accept-Language": "vi"})
    assert '<h3 lang="en">Slow</h3>' in page(client, **{"Accept-Language": "cy"})


def test_old_incidents_and_those_to_come_are_not_shown(client: Client) -> None:
    old = incident(ended=True, en=("Old", "Over."))
    Incident.objects.filter(pk=old.pk).update(began_at=now() - timedelta(days=20), ended_at=now() - timedelta(days=15))
    planned = incident(en=("Planned", "Tomorrow."))
    Incident.objects.filter(pk=planned.pk).update(began_at=now() + timedelta(days=1))
    watch.forget()
    text = page(client)
    assert "<h1>Everything works</h1>" in text
    assert "Old" not in text
    assert "Planned" not in text


def test_without_the_database_the_page_is_there_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> set[str]:
        raise DatabaseError("gone")

    monkeypatch.setattr(measuring, "late_parts", gone)
    text = page(client)
    assert set(rows(text).values()) == {"Disturbed"}
    assert "They cannot be read at the moment." in text


def test_looking_is_cheap(client: Client, django_assert_num_queries: Any) -> None:
    page(client)
    with django_assert_num_queries(0):
        page(client)
        page(client, **{"Accept-Language": "vi"})


def test_operators_write_incidents_and_the_record_says_who(operator_client: Client, operator: Any) -> None:
    form = {
        "part": "gaap_identity",
        "began_at_0": "2026-11-22",
        "began_at_1": "01:00:00",
        "ended_at_0": "",
        "ended_at_1": "",
        "texts-TOTAL_FORMS": "1",
        "texts-INITIAL_FORMS": "0",
        "texts-MIN_NUM_FORMS": "1",
        "texts-MAX_NUM_FORMS": "3",
        "texts-0-language": "en",
        "texts-0-title": "Codes are late",
        "texts-0-text": "Texts take ten minutes.",
    }
    form["began_at_0"], _, form["began_at_1"] = f"{now() - timedelta(hours=2):%Y-%m-%d %H:%M:%S}".partition(" ")
    answer = operator_client.post(reverse("admin:gaap_incident_add"), form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = Incident.objects.get()
    row = AuditEvent.objects.get(action="incident_created")
    assert (row.actor_id, row.target_id) == (str(operator.pk), str(made.pk))
    assert row.after is not None
    assert row.after["texts"] == {"en": "Codes are late"}
    assert "Codes are late" in page(Client())


def test_an_incident_ends_after_it_began(operator_client: Client) -> None:
    form = {"part": "gaap", "texts-TOTAL_FORMS": "0", "texts-INITIAL_FORMS": "0"}
    form |= {"began_at_0": "2026-11-22", "began_at_1": "10:00", "ended_at_0": "2026-11-22", "ended_at_1": "09:00"}
    answer = operator_client.post(reverse("admin:gaap_incident_add"), form)
    assert answer.status_code == 200
    assert "It cannot end before it began" in answer.content.decode()
    assert not Incident.objects.exists()
