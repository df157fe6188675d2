"""Twenty repeats at once on every POST, on four web processes: one object, twenty equal answers; and after a death."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import httpx
import pytest

from gaap.api.idempotency import HEADER, REPLAYED
from tests.api.dying import DIE
from tests.api.routes import CALLS, Call
from tests.api.world import World, authorization

pytestmark = [pytest.mark.postgresql, pytest.mark.redis, pytest.mark.django_db(transaction=True)]

POSTS = [call for call in CALLS if call.method == "POST"]
REPEATS = 20
SECONDS = 60


@pytest.mark.parametrize("call", POSTS, ids=str)
def test_twenty_repeats_at_once_make_one_object(world: World, web: str, call: Call) -> None:
    ask = _asker(call, world, web)
    before = _count(call, world)
    barrier = Barrier(REPEATS)

    def at_once(_: int) -> httpx.Response:
        barrier.wait(SECONDS)
        return ask()

    with ThreadPoolExecutor(REPEATS) as pool:
        answers = list(pool.map(at_once, range(REPEATS)))
    assert {answer.status_code // 100 for answer in answers} == {2}, answers[0].text
    assert len({answer.content for answer in answers}) == 1
    assert sum(REPLAYED in answer.headers for answer in answers) == REPEATS - 1
    assert _count(call, world) - before == _made(call, world)


@pytest.mark.parametrize("call", POSTS, ids=str)
def test_a_process_that_dies_after_its_work_has_left_the_answer(world: World, web: str, call: Call) -> None:
    ask = _asker(call, world, web)
    before = _count(call, world)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(die=True)
    assert _count(call, world) - before == _made(call, world), "the work was committed"
    answers = [ask(), ask()]
    assert [REPLAYED in answer.headers for answer in answers] == [True, True]
    assert answers[0].status_code // 100 == 2
    assert answers[0].content == answers[1].content
    assert _count(call, world) - before == _made(call, world)


def _asker(call: Call, world: World, web: str) -> Callable[..., httpx.Response]:
    """Return a function that makes the same request again and again; everything it needs is made now."""
    headers = authorization(world.keys["test"], view=call.address.view) | {HEADER: str(uuid.uuid4())}
    body = call.body(world) if call.body else {}
    return partial(_post, f"{web}{call.path(world)}", body=body, headers=headers)


def _post(url: str, *, body: Any, headers: dict[str, str], die: bool = False) -> httpx.Response:
    return httpx.post(url, json=body, headers=headers | ({DIE: "1"} if die else {}), timeout=SECONDS, trust_env=False)


def _count(call: Call, world: World) -> int:
    assert call.count is not None
    return call.count(world)


def _made(call: Call, world: World) -> int:
    return 0 if call.route.endswith("/preview") else 1
