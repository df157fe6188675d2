"""The gate of a web process: what is let in is done, what is too much is told so at once, and some go first."""

import io
import json
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from gaap.overload.admission import REFUSED, Admission, guarded
from gaap.overload.gate import Gate, TurnedAwayError
from gaap.overload.lanes import Lane, Limits, lane_of

PATIENCE = 0.3
LIMITS = Limits(at_once=4, waiting=2, patience=PATIENCE)


class Busy:
    """An application that works on each request until it is told to go on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.began: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.began.append(environ["PATH_INFO"])
        if not environ["PATH_INFO"].startswith("/health"):
            assert self.may_go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]


class Caller(threading.Thread):
    """One request on its way."""

    def __init__(self, application: Any, path: str, **environ: str) -> None:
        super().__init__(daemon=True)
        self._application = application
        self._environ = {"PATH_INFO": path, "QUERY_STRING": "", "REQUEST_METHOD": "GET", "SERVER_NAME": "x"}
        self._environ |= {"SERVER_PORT": "80", "wsgi.input": io.BytesIO(), **environ}  # type: ignore[dict-item]
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = b""
        self.start()

    def run(self) -> None:
        def start(status: str, headers: list[tuple[str, str]]) -> None:
            self.status, self.headers = status, dict(headers)

        self.body = b"".join(self._application(dict(self._environ), start))

    def ended(self) -> str:
        self.join(10)
        assert not self.is_alive()
        return self.status.partition(" ")[0]


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def busy() -> Iterable[Busy]:
    application = Busy()
    yield application
    application.may_go_on.set()


@pytest.fixture
def gate(busy: Busy) -> Admission:
    return Admission(busy, LIMITS, feed_waiters=1)


def fill(gate: Admission, busy: Busy, path: str, number: int) -> list[Caller]:
    callers = []
    for _ in range(number):
        before = len(busy.began)
        callers.append(Caller(gate, path))
        wait_for(lambda before=before: len(busy.began) > before)
    return callers


@pytest.mark.parametrize(
    ("path", "query", "lane"),
    [
        ("/health/ready", "", "probe"),
        ("/metrics", "", "probe"),
        ("/sign-in", "", "sign_in"),
        ("/sign-in/code", "", "sign_in"),
        ("/sign-inside", "", "pages"),
        ("/authorize", "client_id=x", "sign_in"),
        ("/token", "", "sign_in"),
        ("/.well-known/jwks.json", "", "sign_in"),
        ("/v1/payments", "", "api"),
        ("/v2/notifications/email", "", "api"),
        ("/v1/events", "", "api"),
        ("/v1/events", "after=x&wait=0", "api"),
        ("/v1/events", "wait=20", "feed"),
        ("/console/services", "", "staff"),
        ("/admin/", "", "staff"),
        ("/secure/abc", "", "pages"),
    ],
)
def test_every_request_has_its_lane(path: str, query: str, lane: str) -> None:
    assert lane_of(path, query) == lane


def test_what_fits_is_answered(gate: Admission, busy: Busy) -> None:
    busy.may_go_on.set()
    caller = Caller(gate, "/v1/payments")
    assert (caller.ended(), caller.body) == ("200", b"done")


def test_who_waits_gets_a_turn(gate: Admission, busy: Busy) -> None:
    fill(gate, busy, "/v1/payments", 3)
    waiting = [Caller(gate, "/v1/payments") for _ in range(2)]
    time.sleep(PATIENCE / 3)
    busy.may_go_on.set()
    assert [caller.ended() for caller in waiting] == ["200", "200"]


def test_whoever_finds_the_queue_full_is_told_at_once(gate: Admission, busy: Busy) -> None:
    fill(gate, busy, "/v1/payments", 3)
    waiting = [Caller(gate, "/v1/payments") for _ in range(2)]
    time.sleep(PATIENCE / 3)
    counted = REFUSED.labels("api", "full")._value.get()
    began = time.monotonic()
    refused = Caller(gate, "/v1/payments")
    assert refused.ended() == "503"
    assert time.monotonic() - began < PATIENCE
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Cache-Control"] == "no-store"
    assert REFUSED.labels("api", "full")._value.get() == counted + 1
    busy.may_go_on.set()
    assert {caller.ended() for caller in waiting} == {"200"}


def test_nobody_waits_longer_than_is_of_use(gate: Admission, busy: Busy) -> None:
    fill(gate, busy, "/v1/payments", 3)
    began = time.monotonic()
    assert Caller(gate, "/v1/payments").ended() == "503"
    assert PATIENCE <= time.monotonic() - began < 5
    assert len(busy.began) == 3


def test_places_are_kept_for_signing_in(gate: Admission, busy: Busy) -> None:
    fill(gate, busy, "/v1/payments", 3)
    assert Caller(gate, "/console").ended() == "503"
    fill(gate, busy, "/sign-in/code", 1)
    assert Caller(gate, "/sign-in/code").ended() == "503"


def test_signing_in_goes_before_those_who_came_earlier() -> None:
    first, second = Lane("sign_in", 1, 5, 5, goes_first=True), Lane("pages", 1, 5, 5)
    gate = Gate([first, second], at_once=1, ordinary=1)
    done: list[str] = []
    hold = threading.Event()
    threads = [threading.Thread(target=gate.do, args=(second, hold.wait), daemon=True)]
    threads[0].start()
    time.sleep(0.1)
    for lane, name in ((second, "earlier"), (second, "later"), (first, "sign-in")):
        threads.append(threading.Thread(target=gate.do, args=(lane, lambda name=name: done.append(name)), daemon=True))
        threads[-1].start()
        time.sleep(0.05)
    hold.set()
    for thread in threads:
        thread.join(5)
    assert done == ["sign-in", "earlier", "later"]


def test_probes_are_answered_whatever_goes_on(gate: Admission, busy: Busy) -> None:
    fill(gate, busy, "/sign-in", 4)
    assert Caller(gate, "/health/live").ended() == "200"


def test_readers_of_the_feed_take_nobodys_place(gate: Admission, busy: Busy) -> None:
    waiting = Caller(gate, "/v1/events", QUERY_STRING="wait=20")
    wait_for(lambda: busy.began)
    fill(gate, busy, "/v1/payments", 3)
    busy.may_go_on.set()
    assert waiting.ended() == "200"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/notifications/email", {"status_code": 503, "errors": [{"error": "ServiceUnavailableError"}]}),
        ("/v1/payments", {"code": "P0999"}),
        ("/v1/webhooks", {"type": "about:blank", "status": 503}),
    ],
)
def test_each_contract_has_its_own_words(gate: Admission, busy: Busy, path: str, expected: dict[str, Any]) -> None:
    fill(gate, busy, "/v1/x", 3)
    refused = Caller(gate, path)
    assert refused.ended() == "503"
    body = json.loads(refused.body)
    assert body.keys() >= expected.keys()
    assert all(body[key] == value for key, value in expected.items() if key != "errors")
    assert refused.headers["Content-Length"] == str(len(refused.body))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Very many people"), ("cy", "Mae llawer iawn"), ("vi", "Hiện có rất nhiều người")]
)
def test_people_get_a_page_in_their_language(gate: Admission, busy: Busy, language: str, words: str) -> None:
    fill(gate, busy, "/pay", 3)
    refused = Caller(gate, "/pay", HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE=language)
    assert refused.ended() == "503"
    page = refused.body.decode()
    assert words in page
    assert f'<html lang="{language}"' in page
    assert "script-src" not in page
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]


def test_a_failure_of_the_application_is_the_callers(busy: Busy) -> None:
    def fail(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise ZeroDivisionError

    gate = Admission(fail, LIMITS, feed_waiters=1)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError):
            gate({"PATH_INFO": "/v1/x", "QUERY_STRING": ""}, None)


def test_a_gate_says_why() -> None:
    lane = Lane("pages", 1, 0, 1)
    gate = Gate([lane], at_once=1, ordinary=1)
    began, hold = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        hold.wait(5)

    first = threading.Thread(target=gate.do, args=(lane, work), daemon=True)
    first.start()
    assert began.wait(5)
    with pytest.raises(TurnedAwayError, match="full"):
        gate.do(lane, lambda: None)
    hold.set()
    first.join(5)


def test_an_embedded_instance_has_no_gate(settings: Any, busy: Busy) -> None:
    assert settings.GAAP_REQUESTS_AT_ONCE == 0
    assert guarded(busy) is busy
    settings.GAAP_REQUESTS_AT_ONCE = 8
    assert isinstance(guarded(busy), Admission)
