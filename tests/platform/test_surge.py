"""The fair waiting page: numbers are called as they were handed out, in every process and after a restart."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.test import Client
from django.urls import reverse

from gaap.surge import middleware, stores, tickets
from gaap.surge.models import SurgeQueue
from gaap.surge.queue import Pace, Queue
from gaap.surge.stores import KEY, DatabaseStore, Glance, RedisStore

pytestmark = pytest.mark.django_db
PACE = Pace(60)
SIX_A_MINUTE = 6


class Clock:
    """A clock that is moved."""

    offset = timedelta()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The suite's idea of now."""
    moved = Clock()
    monkeypatch.setattr("gaap.clock.offset", lambda: moved.offset)
    return moved


@pytest.fixture
def rush(settings: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Six citizens a minute come in, and the process looks at the queue each time."""
    settings.GAAP_SURGE_PER_MINUTE = SIX_A_MINUTE
    settings.REDIS_URL = ""
    monkeypatch.setattr(stores, "READ_SECONDS", -1)


def test_numbers_are_called_at_a_steady_pace() -> None:
    queue = Queue("e", issued=100, called=10.0, at=0.0)
    later = queue.moved_to(30.0, pace=PACE)
    assert (later.called, later.waiting, later.before(50)) == (40.0, 60, 9)
    assert later.lets_in(40)
    assert not later.lets_in(41)
    assert later.seconds_until(100, pace=PACE) == 60


def test_calling_does_not_run_ahead_of_handing_out() -> None:
    queue = Queue("e", issued=5, called=5.0, at=0.0).moved_to(86_400.0, pace=PACE)
    assert (queue.called, queue.is_empty) == (6.0, True)


def test_a_clock_that_goes_back_takes_nothing_back() -> None:
    queue = Queue("e", issued=9, called=4.0, at=100.0)
    assert queue.moved_to(50.0, pace=PACE).called == 4.0


def test_a_slower_pace_takes_nothing_back() -> None:
    queue = Queue("e", issued=10, called=70.0, at=0.0)
    assert queue.moved_to(1.0, pace=PACE).called == 70.0


@pytest.fixture(params=["database", pytest.param("redis", marks=pytest.mark.redis)])
def two_processes(request: Any) -> Any:
    """The store as two processes see it."""
    if request.param == "database":
        return DatabaseStore(), DatabaseStore()
    url = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).delete(KEY)
    return RedisStore(url), RedisStore(url)


def test_no_number_is_handed_out_twice(two_processes: Any) -> None:
    one, other = two_processes
    assert [store.hand_out(PACE).issued for store in (one, other, one, other)] == [1, 2, 3, 4]
    assert other.look(PACE).issued == 4
    assert one.look(PACE).epoch == other.look(PACE).epoch


def test_numbers_are_called_in_time(two_processes: Any) -> None:
    one, other = two_processes
    fast, slow = Pace(6_000_000), Pace(0.001)
    first = one.hand_out(slow)
    assert not other.look(slow).lets_in(first.issued + 1)
    one.hand_out(slow)
    for _ in range(100):
        if other.look(fast).lets_in(2):
            break
    assert other.look(fast).lets_in(2)


def test_a_process_looks_once_a_second_however_many_people_do(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(pace: Pace) -> Queue:
        looked.append(1)
        return Queue("e", 0, 0.0, 0.0)

    view = Glance(SimpleNamespace(look=look, hand_out=look))
    for _ in range(1000):
        view.look(PACE)
    assert len(looked) == 1
    monkeypatch.setattr(stores, "READ_SECONDS", -1)
    view.look(PACE)
    assert len(looked) == 2


def page(browser: Client, path: str = "/sign-in", **headers: str) -> Any:
    return browser.get(path, headers=headers or None)


def is_held(answer: Any) -> bool:
    return "Refresh" in answer.headers


def held(number: int) -> list[Client]:
    """Browsers that have their numbers, the first of whom is in."""
    browsers = [Client() for _ in range(number)]
    for browser in browsers:
        page(browser)
        page(browser)
    return browsers


def test_nobody_is_held_unless_it_is_wanted(client: Client, settings: Any) -> None:
    assert settings.GAAP_SURGE_PER_MINUTE == 0
    assert not is_held(page(client))
    assert tickets.COOKIE not in client.cookies
    assert not SurgeQueue.objects.exists()


@pytest.mark.usefixtures("rush")
def test_who_comes_alone_goes_straight_in(client: Client) -> None:
    answer = page(client)
    assert (answer.status_code, is_held(answer)) == (200, False)
    assert not is_held(page(client, "/sign-in/create"))
    assert SurgeQueue.objects.get().issued == 1


@pytest.mark.usefixtures("rush")
def test_the_others_are_let_in_as_they_came(clock: Clock) -> None:
    browsers = held(5)
    assert [is_held(page(browser)) for browser in browsers] == [False, True, True, True, True]
    for turn in range(1, 5):
        clock.offset = timedelta(seconds=10 * turn + 1)
        assert [is_held(page(browser)) for browser in reversed(browsers)] == [
            number > turn for number in reversed(range(5))
        ]


@pytest.mark.usefixtures("rush")
def test_the_page_tells_place_and_time_and_looks_again_by_itself() -> None:
    last = held(15)[-1]
    answer = page(last)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r"People before you</dt><dd>1[23]</dd>", text)
    assert "about 3 minutes" in text
    assert 2 <= int(answer["Refresh"]) <= 30
    assert answer["Cache-Control"] == "no-store"
    assert "<script" not in text
    assert 'href="/sign-in"' in text


@pytest.mark.usefixtures("rush")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "You are in the queue"), ("cy", "Rydych yn y ciw"), ("vi", "Bạn đang xếp hàng")]
)
def test_the_page_speaks_the_persons_language(language: str, words: str) -> None:
    held(3)
    assert words in page(Client(), **{"Accept-Language": language}).content.decode()


@pytest.mark.usefixtures("rush")
def test_what_was_asked_for_is_asked_again() -> None:
    held(3)
    address = "/authorize?client_id=x&state=a%26b"
    assert 'href="/authorize?client_id=x&amp;state=a%26b"' in page(Client(), address).content.decode()


@pytest.mark.usefixtures("rush")
def test_what_would_run_out_is_not_held_there() -> None:
    held(3)
    assert not is_held(page(Client(), "/authorize?client_id=x&request_uri=urn:x"))
    assert is_held(page(Client(), "/authorize?client_id=x"))


@pytest.mark.usefixtures("rush")
def test_who_keeps_no_cookies_takes_no_numbers() -> None:
    held(3)
    before = SurgeQueue.objects.get().issued
    for _ in range(20):
        assert is_held(page(Client()))
    assert SurgeQueue.objects.get().issued == before


@pytest.mark.usefixtures("rush")
def test_a_forged_ticket_is_none() -> None:
    held(3)
    browser = Client()
    browser.cookies[tickets.COOKIE] = "eyJwYXNzIjp0cnVlfQ:forged:forged"
    assert is_held(page(browser))


@pytest.mark.usefixtures("rush")
def test_nobody_is_thrown_out_of_the_middle(client: Client) -> None:
    held(3)
    for path in ("/sign-in/code", reverse("gaap-cookies"), "/health/live"):
        assert not is_held(page(client, path))
    assert "Refresh" not in client.post("/sign-in/password", {}).headers


@pytest.mark.usefixtures("rush")
def test_who_was_let_in_may_come_back_for_a_while(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    browsers = held(8)
    assert not is_held(page(browsers[0]))
    monkeypatch.setattr("gaap.conf.KernelConf.surge_pass_seconds", property(lambda _: -1))
    assert is_held(page(browsers[0]))


@pytest.mark.usefixtures("rush")
def test_a_restart_forgets_nobodys_place(clock: Clock) -> None:
    browsers = held(4)
    stores._glance.cache_clear()
    clock.offset = timedelta(seconds=11)
    assert [is_held(page(browser)) for browser in browsers] == [False, False, True, True]


@pytest.mark.usefixtures("rush")
def test_a_lost_store_hands_out_new_numbers() -> None:
    browsers = held(4)
    SurgeQueue.objects.all().delete()
    assert [is_held(page(browser)) for browser in browsers] == [False, False, True, True]


@pytest.mark.usefixtures("rush")
def test_a_store_that_does_not_answer_lets_everybody_in(settings: Any, client: Client) -> None:
    held(3)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert not is_held(page(client))


@pytest.mark.usefixtures("rush")
def test_prometheus_sees_how_many_wait(client: Client) -> None:
    held(5)
    found = dict(re.findall(r"^(gaap_surge_\w+) (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE))
    assert float(found["gaap_surge_waiting"]) == 4
    assert 30 <= float(found["gaap_surge_wait_seconds"]) <= 50


def test_only_entrances_that_components_name_are_held(rf: Any) -> None:
    assert middleware.is_entrance(rf.get("/sign-in"))
    assert not middleware.is_entrance(rf.get("/sign-in/code"))
    assert not middleware.is_entrance(rf.get("/v2/notifications"))
