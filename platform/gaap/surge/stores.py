"""Where the queue is kept: in Redis when there is one, else in the database; in both it outlives our processes."""

import logging
import time
from functools import lru_cache
from threading import Lock
from typing import Protocol

import redis
from django.conf import settings
from django.db import transaction

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.limits.stores import TIMEOUT_SECONDS
from gaap.surge.models import SurgeQueue
from gaap.surge.queue import Pace, Queue

logger = logging.getLogger(__name__)

KEY = "gaap:surge"
#: For so long a process goes by the queue that it read: everybody who waits looks again and again.
READ_SECONDS = 1.0

# The same arithmetic as Queue.moved_to, run by Redis in one step and on its own clock.
MOVE = """
local pace, ahead, new = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'epoch', 'issued', 'called', 'at')
local epoch, issued = kept[1] or ARGV[3], tonumber(kept[2]) or 0
local called, at = tonumber(kept[3]) or ahead, tonumber(kept[4]) or now
called = math.max(called, math.min(issued + ahead, called + math.max(0, now - at) * pace))
issued = issued + new
redis.call('HSET', KEYS[1], 'epoch', epoch, 'issued', issued, 'called', tostring(called), 'at', tostring(now))
return {epoch, issued, tostring(called), tostring(now)}
"""


class Store(Protocol):
    """Keeps the queue."""

    def hand_out(self, pace: Pace) -> Queue:
        """Hand out a number and return the queue: its ``issued`` is the number."""
        ...

    def look(self, pace: Pace) -> Queue:
        """Return the queue as it is now."""
        ...


class DatabaseStore:
    """The queue as one row; handing out a number locks it for a moment."""

    @transaction.atomic
    def hand_out(self, pace: Pace) -> Queue:
        """Hand out a number."""
        SurgeQueue.objects.get_or_create(pk=SurgeQueue.ONLY, defaults={"moved_at": now(), "called": pace.ahead})
        row = SurgeQueue.objects.select_for_update().get(pk=SurgeQueue.ONLY)
        moved = _queue(row).moved_to(now().timestamp(), pace=pace)
        row.issued, row.called, row.moved_at = moved.issued + 1, moved.called, now()
        row.save(update_fields=["issued", "called", "moved_at"])
        return Queue(moved.epoch, row.issued, moved.called, moved.at)

    def look(self, pace: Pace) -> Queue:
        """Return the queue; nothing is written."""
        row = SurgeQueue.objects.filter(pk=SurgeQueue.ONLY).first()
        found = _queue(row) if row else Queue("", 0, pace.ahead, 0.0)
        return found.moved_to(now().timestamp(), pace=pace)


class RedisStore:
    """The queue in Redis, for every process at once."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
        self._script = self._client.register_script(MOVE)

    def hand_out(self, pace: Pace) -> Queue:
        """Hand out a number in one atomic step; raises redis.RedisError."""
        return self._move(pace, new=1)

    def look(self, pace: Pace) -> Queue:
        """Return the queue; raises redis.RedisError."""
        return self._move(pace, new=0)

    def _move(self, pace: Pace, *, new: int) -> Queue:
        arguments: list[str | int | float] = [pace.per_second, pace.ahead, str(new_uuid()), new]
        epoch, issued, called, at = self._script(keys=[KEY], args=arguments)
        return Queue(epoch.decode(), int(issued), float(called), float(at))


class Glance:
    """A process's view of the queue, read once a second however many people look."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._seen: tuple[float, Pace, Queue] | None = None

    def look(self, pace: Pace) -> Queue:
        """Return the queue of a second ago at most."""
        moment = time.monotonic()
        with self._lock:
            if self._seen is None or self._seen[1] != pace or moment - self._seen[0] >= READ_SECONDS:
                self._seen = (moment, pace, self._store.look(pace))
            return self._seen[2]

    def hand_out(self, pace: Pace) -> Queue:
        """Hand out a number, and take the queue that it tells of as seen."""
        found = self._store.hand_out(pace)
        with self._lock:
            self._seen = (time.monotonic(), pace, found)
        return found


def glance() -> Glance:
    """Return this process's view of the store that the settings name."""
    return _glance(str(getattr(settings, "REDIS_URL", "")))


@lru_cache(maxsize=4)
def _glance(url: str) -> Glance:
    return Glance(RedisStore(url) if url else DatabaseStore())


def _queue(row: SurgeQueue) -> Queue:
    return Queue(str(row.epoch), row.issued, row.called, row.moved_at.timestamp())
