"""The event feed: every event once and in order, however it is paged, and nobody else's."""

import time
import uuid
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from gaap.components import EventType
from gaap.events import feed, placing
from gaap.events.cursors import CursorError, from_cursor, to_cursor
from gaap.events.feed import FeedQuery, await_page
from gaap.events.placing import place_waiting
from gaap.events.schemas import TEXT, EventDataError, data_schema, nullable, one_of
from gaap.outbox.models import OutboxEvent
from gaap.outbox.services import emit
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db

UNKNOWN_ID = "6157e545-d982-493a-967d-11212c9db116"
KNOWN = {
    "parcel_sent": EventType("parcel_sent", "A parcel was sent."),
    "parcel_lost": EventType(
        "parcel_lost",
        "A parcel was lost.",
        data_schema(reason=one_of("rain", "wind"), note=nullable(TEXT), optional=["note"]),
    ),
}


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr("gaap.outbox.services.known_events", lambda: KNOWN)
    monkeypatch.setattr("gaap.events.serializers.known_events", lambda: KNOWN)
    monkeypatch.setattr(placing, "_listeners", [])


@pytest.fixture
def send(service):
    def send_one(subject="parcel/1", *, name="parcel_sent", service_id=service.pk, **data):
        with transaction.atomic():
            return emit(name, service_id=service_id, subject=subject, data=data)

    return send_one


def read(client, **query):
    response = client.get("/v1/events", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_is_a_cloud_event(api, service, send):
    event = send(weight=3)
    place_waiting()
    (document,) = read(api)["events"]
    assert parse_datetime(document.pop("time")) is not None
    assert document == {
        "specversion": "1.0",
        "id": str(event.id),
        "source": f"http://127.0.0.1:8000/services/{service.pk}",
        "type": "parcel_sent",
        "subject": "parcel/1",
        "datacontenttype": "application/json",
        "sequence": "00000000000000000001",
        "data": {"weight": 3},
    }
    assert api.get(f"/v1/events/{event.id}").json()["data"] == {"weight": 3}


def test_paging_gives_every_event_once_and_in_order(api, send):
    sent = [str(send(f"parcel/{number % 3}").id) for number in range(25)]
    place_waiting()
    seen, query = [], {"limit": 10}
    while True:
        page = read(api, **query)
        seen += [event["id"] for event in page["events"]]
        query["after"] = page["next"]
        if not page["has_more"]:
            break
    assert seen == sent
    assert read(api, **query) == {"events": [], "next": query["after"], "has_more": False}
    late = send()
    place_waiting()
    assert [event["id"] for event in read(api, **query)["events"]] == [str(late.id)]


def test_an_event_without_a_position_is_not_shown(api, send):
    event = send()
    assert read(api)["events"] == []
    assert api.get(f"/v1/events/{event.id}").status_code == 404


def test_latest_begins_with_now(api, send):
    send()
    place_waiting()
    start = read(api, after="latest")
    assert start["events"] == []
    event = send()
    place_waiting()
    assert [found["id"] for found in read(api, after=start["next"])["events"]] == [str(event.id)]


def test_filters_and_their_cursor(api, service, send):
    send("parcel/1")
    lost = send("parcel/1", name="parcel_lost", reason="rain")
    send("parcel/2")
    other = send("parcel/2", name="parcel_lost", reason="wind")
    send("parcel/3")
    place_waiting()
    page = read(api, type="parcel_lost")
    assert [event["id"] for event in page["events"]] == [str(lost.id), str(other.id)]
    assert from_cursor(page["next"], service_id=service.pk) == 5, "what was looked through is not looked through again"
    assert [event["id"] for event in read(api, type="parcel_lost", limit=1)["events"]] == [str(lost.id)]
    assert [event["subject"] for event in read(api, subject="parcel/2")["events"]] == ["parcel/2"] * 2
    assert len(read(api, type="parcel_lost,parcel_sent")["events"]) == 5


def test_filtered_paging_loses_nothing(api, send):
    for number in range(12):
        send(name="parcel_lost" if number % 2 else "parcel_sent", **({"reason": "rain"} if number % 2 else {}))
    place_waiting()
    page = read(api, type="parcel_lost", limit=4)
    rest = read(api, type="parcel_lost", limit=4, after=page["next"])
    assert (len(page["events"]), page["has_more"], len(rest["events"]), rest["has_more"]) == (4, True, 2, False)


def test_other_services_see_nothing_of_ours(outsider, send):
    event = send()
    place_waiting()
    assert read(outsider)["events"] == []
    assert outsider.get(f"/v1/events/{event.id}").status_code == 404


def test_events_of_no_service_stand_in_no_stream(send):
    send(service_id=None)
    assert place_waiting() == 0


@pytest.mark.parametrize(
    "query",
    [
        {"after": "nonsense"}, {"after": "ü"}, {"after": "a" * 200}, {"limit": "0"}, {"limit": "501"},
        {"limit": "x"}, {"wait": "21"}, {"wait": "-1"}, {"wait": "soon"}, {"wait": "nan"}, {"type": "parcel_eaten"},
        {"type": "\x00"}, {"subject": "\x00"}, {"subject": "x" * 151},
    ],
)  # fmt: skip
def test_bad_query_is_a_problem(api, query):
    response = api.get("/v1/events", query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(response.json()["errors"]) == list(query)


def test_another_services_cursor_is_refused(api, other_service):
    cursor = to_cursor(3, service_id=other_service.pk)
    assert api.get("/v1/events", {"after": cursor}).status_code == 400


@pytest.mark.parametrize("event_id", ["x", "0", "%00", UNKNOWN_ID, f"urn:uuid:{UNKNOWN_ID}"])
def test_unknown_event_is_a_problem(api, event_id):
    response = api.get(f"/v1/events/{event_id}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_needs_a_key_with_the_scope(client, bearer, service):
    from gaap.keys.services import create_api_key
    from gaap.testing.plugin import TESTER

    blind = create_api_key(service, name="blind", type="test", scopes=[], by=TESTER)
    assert client.get("/v1/events").status_code == 401
    assert bearer(blind).get("/v1/events").status_code == 403
    assert bearer("gaap_test_nonsense").get("/v1/events").status_code == 401


def test_a_page_costs_the_same_however_long(api, send, django_assert_num_queries):
    send()
    place_waiting()
    read(api)
    with django_assert_num_queries(3):  # the key, the head of the stream, the page
        read(api)
    for _ in range(50):
        send()
    place_waiting()
    with django_assert_num_queries(3):
        assert len(read(api)["events"]) == 51


def test_placing_costs_the_same_however_many(send, django_assert_num_queries):
    send()
    place_waiting()
    for _ in range(100):
        send()
    # From where on anything may wait (three), who waits, the stream's lock, the events, two updates; a savepoint's two.
    with django_assert_num_queries(10):
        assert place_waiting() == 100


def test_cursor_holds_only_what_it_should():
    service_id = uuid.uuid4()
    assert from_cursor(to_cursor(7, service_id=service_id), service_id=service_id) == 7
    for text in ("", "a", "====", "Ω", to_cursor(7, service_id=uuid.uuid4())):
        with pytest.raises(CursorError):
            from_cursor(text, service_id=service_id)


def test_data_is_held_to_its_schema(send):
    send(name="parcel_lost", reason="rain", note=None)
    for wrong in ({}, {"reason": "snow"}, {"reason": "rain", "address": "1 High Street"}):
        with pytest.raises(EventDataError):
            send(name="parcel_lost", **wrong)


def test_failing_listener_leaves_the_events_waiting(send):
    @placing.on_placed
    def fail(service_id, events):
        raise RuntimeError("no")

    send()
    with pytest.raises(RuntimeError):
        place_waiting()
    assert OutboxEvent.objects.unplaced().count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_waits_for_an_event_without_holding_a_connection(service, send, monkeypatch):
    """The reader sleeps; the event is sent meanwhile; the reader wakes with it."""
    asleep, sent = Signal(), Signal()
    held = []

    def sleep(seconds):
        held.append(connection.connection)
        asleep.set()
        assert sent.wait(20)

    monkeypatch.setattr(time, "sleep", sleep)
    pages = []

    def wait():
        pages.append(await_page(FeedQuery(service.pk, after=0, limit=10), seconds=20))
        connection.close()

    reader = Thread(target=wait)
    reader.start()
    assert asleep.wait(20)
    event = send()
    place_waiting()
    sent.set()
    reader.join(20)
    assert held == [None]
    assert [found.id for found in pages[0].events] == [event.id]


def test_waiting_ends(service, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(slept))
    page = await_page(FeedQuery(service.pk, after=0, limit=10), seconds=2)
    assert (list(page.events), sum(slept)) == ([], 2)


def test_only_a_few_wait_at_a_time(service, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waited"))
    for _ in range(4):
        assert feed._waiters.acquire(blocking=False)
    try:
        assert await_page(FeedQuery(service.pk, after=0, limit=10), seconds=20).events == []
    finally:
        feed._waiters.release(4)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_passed_by(service, send):
    """A lower sequence commits after a higher one was placed and read: it comes later in the stream, and it comes."""
    written, may_commit = Signal(), Signal()

    def slow_writer():
        with transaction.atomic():
            event = emit("parcel_sent", service_id=service.pk, subject="parcel/slow")
            written.set()
            assert may_commit.wait(20)
        connection.close()
        return event

    results = []
    writer = Thread(target=lambda: results.append(slow_writer()))
    writer.start()
    assert written.wait(20)
    quick = send("parcel/quick")
    place_waiting()
    first = feed.read_page(FeedQuery(service.pk, after=0, limit=10))
    may_commit.set()
    writer.join(20)
    place_waiting()
    second = feed.read_page(FeedQuery(service.pk, after=first.position, limit=10))
    assert results[0].sequence < quick.sequence
    assert [event.id for event in first.events] == [quick.id]
    assert [event.id for event in second.events] == [results[0].id]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_placers_and_readers_agree(service, send):
    """Four write with pauses before their commits, two place, two read all the while: both see all, and in order."""
    storm = Storm(service.pk)
    writing = [lambda number=number: storm.write(number) for number in range(WRITERS)]
    *_, first, second = in_parallel([*writing, storm.place, storm.place, storm.follow, storm.follow])
    stream = list(OutboxEvent.objects.stream(service.pk))
    assert first == second == [event.pk for event in stream]
    assert [event.position for event in stream] == list(range(1, WRITERS * EACH + 1))
    for number in range(WRITERS):
        counts = [event.data["count"] for event in stream if event.subject == f"parcel/{number}"]
        assert counts == list(range(EACH))


WRITERS, EACH = 4, 40


class Storm:
    """Writers that commit out of order, and the ones who place and read at the same time."""

    def __init__(self, service_id):
        self.service_id = service_id
        self.placed = 0

    def write(self, number):
        for count in range(EACH):
            with transaction.atomic():
                emit("parcel_sent", service_id=self.service_id, subject=f"parcel/{number}", data={"count": count})
                time.sleep(0.002 * number if count % 3 == 0 else 0)

    def place(self):
        while self.placed < WRITERS * EACH:
            place_waiting(7)
            self.placed = feed.head_position(self.service_id)

    def follow(self):
        position, seen = 0, list[int]()
        while len(seen) < WRITERS * EACH:
            page = feed.read_page(FeedQuery(self.service_id, after=position, limit=11))
            seen += [event.pk for event in page.events]
            position = page.position
        return seen
