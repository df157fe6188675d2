"""Reading received texts (spec A.11)."""

import pytest
from django.db import connection

from gaap_notify.models import ReceivedText
from gaap_notify.services import received
from gaap_notify.services.received import keep_received_text

PATH = "/v2/received-text-messages"


@pytest.fixture
def texts(service):
    return [
        keep_received_text(service, user_number="447700900111", notify_number="07700900222", content=f"Hello {number}")
        for number in range(5)
    ]


def test_one_text(notify, service, texts):
    found = notify.get(PATH).json()["received_text_messages"][0]
    newest = texts[-1]
    assert found == {
        "id": str(newest.pk),
        "user_number": "447700900111",
        "notify_number": "07700900222",
        "created_at": newest.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "service_id": str(service.pk),
        "content": "Hello 4",
    }


def test_pages(notify, texts, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(received, "PAGE_SIZE", 2)
    seen, path = [], PATH
    while path:
        page = notify.get(path).json()
        seen += [entry["content"] for entry in page["received_text_messages"]]
        path = page["links"].get("next", "").removeprefix("http://127.0.0.1:8000")
    assert seen == [f"Hello {number}" for number in (4, 3, 2, 1, 0)]
    assert page == {"received_text_messages": [], "links": {"current": page["links"]["current"]}}
    with django_assert_num_queries(3):
        notify.get(f"{PATH}?older_than={texts[-1].pk}")


def test_texts_of_others_are_not_there(notify, other_service, texts):
    theirs = keep_received_text(other_service, user_number="447700900111", notify_number="1", content="Theirs")
    assert len(notify.get(PATH).json()["received_text_messages"]) == 5
    assert notify.get(f"{PATH}?older_than={theirs.pk}").json()["received_text_messages"] == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("older_than=x", "older_than is not a valid UUID"),
        ("status=sent", "Additional properties are not allowed (status was unexpected)"),
        ("b=1&a=2", "Additional properties are not allowed (a, b were unexpected)"),
    ],
)
def test_faults(notify, query, message):
    answer = notify.get(f"{PATH}?{query}")
    assert answer.json() == {"status_code": 400, "errors": [{"error": "ValidationError", "message": message}]}


def test_nothing_is_readable_in_the_database(texts):
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {ReceivedText._meta.db_table}")
        rows = str(cursor.fetchall())
    assert rows
    assert "Hello" not in rows
    assert "447700900111" not in rows
