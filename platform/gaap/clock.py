"""The suite's idea of now.

Everything that expires, retries or is scheduled asks ``now()``. On an embedded instance the clock can be moved
(``manage.py clock +91m``), so that nobody has to wait for an expiry; in production it is the machine's clock.
"""

import time
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from gaap.conf import conf

OFFSET_FILE = "clock-offset-seconds"


class ClockFixedError(Exception):
    """The clock of this instance cannot be moved."""


def now() -> datetime:
    """Return the suite's present time, aware and in UTC."""
    return timezone.now() + offset()


def offset() -> timedelta:
    """Return how far the clock has been moved; zero unless the instance is embedded."""
    path = _offset_path()
    if path is None:
        return timedelta()
    moment = time.monotonic()
    read_at, found = _read.get(path, (-KEPT_SECONDS, timedelta()))
    if moment - read_at >= KEPT_SECONDS:
        found = _read_offset(path)
        _read[path] = (moment, found)
    return found


#: Every request asks several times; another process that moved the clock is noticed this much later.
KEPT_SECONDS = 0.05
_read: dict[Path, tuple[float, timedelta]] = {}


def _read_offset(path: Path) -> timedelta:
    try:
        return timedelta(seconds=float(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        return timedelta()


def move_clock(change: timedelta | None) -> timedelta:
    """Move the clock by ``change`` (or back to the machine's time with None) and return the new offset.

    Raises ClockFixedError outside an embedded instance.
    """
    path = _offset_path()
    if path is None:
        raise ClockFixedError("The clock moves only on an embedded instance with a data folder.")
    target = timedelta() if change is None else offset() + change
    temporary = path.with_suffix(".new")
    temporary.write_text(str(target.total_seconds()), encoding="ascii")
    temporary.replace(path)
    _read.clear()
    return target


def _offset_path() -> Path | None:
    if not conf.is_embedded or conf.is_production:
        return None
    folder = conf.data_dir
    return None if folder is None else _offset_file(folder)


@lru_cache(maxsize=8)
def _offset_file(folder: Path) -> Path:
    return folder / OFFSET_FILE
