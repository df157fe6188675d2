"""What every request needs and hardly ever changes, kept by each process for a moment.

A change is seen at once by the process that made it and within ``GAAP_SNAPSHOT_SECONDS`` by the others: short enough
for a revoked key, long enough that a busy process asks the database once instead of a thousand times.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from django.db import transaction

from gaap.conf import conf

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

#: The oldest are forgotten when there are more.
MOST = 10_000


class Snapshots(Generic[Key, Value]):
    """Values by key, as ``load`` found them. The values are shared between threads: nobody changes them."""

    def __init__(self, load: Callable[[Key], Value]) -> None:
        self._load = load
        self._kept: dict[Key, tuple[float, Value]] = {}
        self._lock = Lock()

    def get(self, key: Key) -> Value:
        """Return the value, loaded if it is not kept or too old; what ``load`` raises is raised and not kept."""
        found = self._kept.get(key)
        seconds = conf.snapshot_seconds
        if found is not None and time.monotonic() - found[0] < seconds:
            return found[1]
        moment, value = time.monotonic(), self._load(key)
        if seconds:
            self._keep(key, moment, value)
        return value

    def get_many(self, keys: Iterable[Key], load: Callable[[list[Key]], Mapping[Key, Value]]) -> dict[Key, Value]:
        """Return the values of ``keys``, those that are not at hand loaded together by ``load``."""
        values, missing = {}, []
        moment, seconds = time.monotonic(), conf.snapshot_seconds
        for key in set(keys):
            found = self._kept.get(key)
            if found is not None and moment - found[0] < seconds:
                values[key] = found[1]
            else:
                missing.append(key)
        loaded = load(missing) if missing else {}
        for key, value in loaded.items() if seconds else ():
            self._keep(key, moment, value)
        return {**values, **loaded}

    def forget(self, key: Key) -> None:
        """Load the value anew next time: now, and again once the caller's transaction is through."""
        self._drop(key)
        transaction.on_commit(lambda: self._drop(key))

    def _keep(self, key: Key, moment: float, value: Value) -> None:
        with self._lock:
            self._kept[key] = (moment, value)
            if len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]

    def _drop(self, key: Key) -> None:
        with self._lock:
            self._kept.pop(key, None)
