"""Rate limits: the bucket's arithmetic, both stores, the headers, and each contract's answer to one call too many."""

import re
import time

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from gaap.api.limits import LimitedMixin
from gaap.components import known_limits
from gaap.limits import stores
from gaap.limits.bucket import Policy, quota_for, take_token
from gaap.limits.services import change_rate_limits, policy_for
from gaap.limits.stores import LocalStore, RedisStore, Store
from gaap.testing.plugin import TESTER
from tests.notify.tokens import NotifyClient
from tests.platform.parallel import in_parallel
from tests.project import ROOT

REFERENCE = ROOT / "docs" / "reference" / "rate-limits.md"
SLOW = Policy("slow", capacity=3, refill_per_second=0.5)
QUOTA_HEADERS = ("RateLimit", "RateLimit-Policy")


class Limited(LimitedMixin, APIView):
    """A view held to the limits of the suite's own API."""

    required_scope = "events:read"
    read_limit = "platform-read"
    write_limit = "platform-write"

    def get(self, request):
        return Response({"ok": True})

    def post(self, request):
        return Response({"ok": True})


urlpatterns = [path("limited", Limited.as_view())]


@pytest.fixture(autouse=True)
def own_store(monkeypatch) -> LocalStore:
    """Buckets of this test only."""
    own = LocalStore()
    monkeypatch.setattr("gaap.api.limits.store", lambda: own)
    return own


@pytest.fixture
def limited(service):
    """Return a function that allows the service so many calls."""

    def limit(**calls):
        change_rate_limits(service, calls={name.replace("_", "-"): n for name, n in calls.items()}, by=TESTER)

    return limit


@pytest.mark.parametrize(
    ("tokens", "seconds", "allowed", "left"),
    [
        (3, 0, True, 2),
        (1, 0, True, 0),
        (0.9, 0, False, 0.9),
        (0, 2, True, 0),
        (0, 1000, True, 2),
        (0.5, -5, False, 0.5),
    ],
)
def test_arithmetic(tokens, seconds, allowed, left):
    assert take_token(SLOW, tokens=tokens, counted_at=100.0, now=100.0 + seconds) == (allowed, left)


def test_headers():
    assert SLOW.window == 6
    assert quota_for(SLOW, tokens=2.0, is_allowed=True).headers() == {
        "RateLimit-Policy": '"slow";q=3;w=6',
        "RateLimit": '"slow";r=2;t=0',
    }
    assert quota_for(SLOW, tokens=0.25, is_allowed=False).headers()["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("name", "calls", "capacity", "per_second"),
    [
        ("notify-send", None, 1000, 50),
        ("notify-send", 300, 101, 5),
        ("notify-read", None, 1000, 50),
        ("payments-create", None, 15, 15),
        ("payments-create", 40, 40, 40),
        ("payments-capture", None, 15, 15),
        ("payments-write", None, 15, 15),
        ("payments-read", None, 75, 75),
    ],
)
def test_limits_are_those_of_the_contracts(name, calls, capacity, per_second):
    assert known_limits()[name].policy(calls) == Policy(name, capacity, per_second)


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
def store(request) -> Store:
    return LocalStore() if request.param == "local" else RedisStore(request.getfixturevalue("redis_url"))


def test_refuses_after_the_burst_and_lets_through_again(store):
    policy, key = Policy("p", capacity=5, refill_per_second=20), f"test-{time.time_ns()}"
    assert [store.take(key, policy).is_allowed for _ in range(7)] == [True] * 5 + [False] * 2
    time.sleep(0.11)
    assert store.take(key, policy).is_allowed


def test_parallel_calls_never_get_more_than_there_is(store):
    policy, key = Policy("p", capacity=20, refill_per_second=0.001), f"test-{time.time_ns()}"
    passed = in_parallel([lambda: sum(store.take(key, policy).is_allowed for _ in range(10))] * 8)
    assert sum(passed) == 20


def test_buckets_are_apart(store):
    policy = Policy("p", capacity=1, refill_per_second=0.001)
    assert store.take(f"a-{time.time_ns()}", policy).is_allowed
    assert store.take(f"b-{time.time_ns()}", policy).is_allowed


def test_a_name_is_remembered_once_however_many_ask(store):
    name = f"test-{time.time_ns()}"
    assert sorted(in_parallel([lambda: store.remember(name)] * 8)) == [False] * 7 + [True]
    store.forget(name)
    assert store.remember(name)


def test_a_name_is_forgotten_after_its_time(monkeypatch):
    monkeypatch.setattr(stores, "REMEMBERED_SECONDS", 0.01)
    local = LocalStore()
    assert local.remember("name")
    time.sleep(0.02)
    assert local.remember("name")


def test_local_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(stores, "MAX_LOCAL_BUCKETS", 2)
    local = LocalStore()
    assert [local.remember(name) for name in "abca"] == [True] * 4


def test_lost_store_lets_calls_pass_and_says_so(caplog):
    lost = RedisStore("redis://127.0.0.1:1/0")
    assert lost.take("key", SLOW).is_allowed
    assert lost.remember("name")
    lost.forget("name")
    assert caplog.text.count("Rate limits are off") == 3


def test_view_answers_429_with_its_quota(api, bearer, live_key, limited):
    limited(platform_read=9)
    with override_settings(ROOT_URLCONF=__name__):
        answers = [api.get("/limited") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer["RateLimit"] for answer in answers] == [
            f'"platform-read";r={r};t={t}' for r, t in ((2, 0), (1, 0), (0, 7), (0, 7))
        ]
        assert answers[3]["RateLimit-Policy"] == '"platform-read";q=3;w=20'
        assert answers[3]["Retry-After"] == "7"
        assert answers[3].json()["status"] == 429
        assert bearer(live_key).get("/limited").status_code == 200, "another type of key has a bucket of its own"
        assert api.post("/limited", {}, "application/json").status_code == 200, "so has another kind of call"


def test_every_answer_to_a_known_caller_tells_the_quota(api, service, bearer):
    from gaap.keys.services import create_api_key

    narrow = create_api_key(service, name="narrow", type="test", scopes=["webhooks:read"], by=TESTER)
    with override_settings(ROOT_URLCONF=__name__):
        for answer in (api.get("/limited"), api.put("/limited"), bearer(narrow).get("/limited")):
            assert all(name in answer.headers for name in QUOTA_HEADERS), answer.status_code


def test_repeats_under_one_idempotency_key_count_as_reads(api, limited):
    limited(platform_write=3)
    with override_settings(ROOT_URLCONF=__name__):
        for _ in range(5):
            assert api.post("/limited", headers={"Idempotency-Key": "a"}).status_code == 200
        assert api.post("/limited", headers={"Idempotency-Key": "b"}).status_code == 429
        assert api.post("/limited", headers={"Idempotency-Key": "b"}).status_code == 429, "it was never counted"


def test_notify_refuses_in_its_own_words(live_key, test_key, limited):
    limited(notify_send=1, notify_read=1)
    caller = NotifyClient(live_key.api_key)
    assert [caller.send("sms", {}).status_code for _ in range(3)] == [400, 400, 429]
    refused = caller.send("sms", {})
    assert refused.json() == {
        "status_code": 429,
        "errors": [
            {
                "error": "RateLimitError",
                "message": "Exceeded rate limit for key type LIVE of 1 requests per 60 seconds",
            }
        ],
    }
    assert int(refused["Retry-After"]) in range(55, 61)
    assert NotifyClient(test_key.api_key).send("sms", {}).status_code == 400


def test_pay_refuses_in_its_own_words(api, limited):
    limited(payments_create=1)
    answers = [api.post("/v1/payments", "{", "application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert answers[1].json() == {"code": "P0900", "description": "Too many requests"}
    assert answers[1]["Retry-After"] == "1"
    unknown = "0" * 26
    assert api.post(f"/v1/payments/{unknown}/capture").status_code == 404, "captures are counted apart"
    assert api.post(f"/v1/payments/{unknown}/cancel").status_code == 404
    assert api.get("/v1/payments").status_code == 200


def test_suite_refuses_with_problem_details(api, limited):
    limited(platform_read=3)
    answers = [api.get("/v1/events"), api.get("/v1/webhooks")]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1]["Content-Type"] == "application/problem+json"
    assert answers[1].json()["title"] == "Too Many Requests"


@pytest.mark.parametrize("calls", [{"none-such": 1}, {"notify-send": 0}, {"notify-send": 1_000_001}])
def test_unknown_limits_and_numbers_are_refused(service, calls):
    with pytest.raises(ValueError, match=r"limit"):
        change_rate_limits(service, calls=calls, by=TESTER)
    service.refresh_from_db()
    assert service.rate_limits == {}


def test_a_limit_goes_back_to_the_usual_one(service, limited):
    limited(payments_create=40)
    service.refresh_from_db()
    assert policy_for(service, "payments-create").capacity == 40
    assert change_rate_limits(service, calls={"payments-create": None}, by=TESTER)
    assert not change_rate_limits(service, calls={"payments-create": None}, by=TESTER)
    assert service.rate_limits == {}


def test_the_reference_lists_every_limit():
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]+\| (\d+) \| (\d+) s \| (\d+) \|$", REFERENCE.read_text(), re.MULTILINE)
    declared = [
        (limit.name, str(limit.calls), str(limit.seconds), str(limit.policy().capacity))
        for limit in known_limits().values()
    ]
    assert sorted(rows) == sorted(declared)
