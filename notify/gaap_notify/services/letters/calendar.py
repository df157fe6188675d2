"""When letters are printed and when they arrive (spec B.1): working days, the day's cut-off, days on the way."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone

from gaap_notify.conf import conf

#: The fewest and most working days on the way, after the day of printing (spec B.1).
DAYS_ON_THE_WAY: Mapping[str, tuple[int, int]] = {
    "first": (0, 0),
    "second": (3, 4),
    "economy": (3, 6),
    "europe": (3, 5),
    "rest-of-world": (5, 7),
}
_SATURDAY = 5


def cut_off(accepted_at: datetime) -> datetime:
    """Return until when a letter accepted then can be taken back: the next end of a working day."""
    hour = time.fromisoformat(conf.letter_calendar.cut_off)
    local = timezone.localtime(accepted_at)
    day = local.date()
    if not is_working_day(day) or local.time() >= hour:
        day = next_working_day(day)
    return datetime.combine(day, hour, tzinfo=timezone.get_default_timezone())


def latest_arrival(accepted_at: datetime, postage: str) -> datetime:
    """Return the end of the day by which the letter should be there: printed on the day after its cut-off."""
    day = next_working_day(cut_off(accepted_at).date())
    for _ in range(DAYS_ON_THE_WAY[postage][1] + 1):
        day = next_working_day(day)
    return datetime.combine(day, time(16), tzinfo=timezone.get_default_timezone())


def next_working_day(day: date) -> date:
    """Return the first working day after ``day``."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def is_working_day(day: date) -> bool:
    """Tell whether the printer works: neither a weekend nor a public holiday of the configured country."""
    calendar = conf.letter_calendar
    return day.weekday() < _SATURDAY and day not in _holidays(calendar.country, calendar.subdivision)


@lru_cache(maxsize=8)
def _holidays(country: str, subdivision: str) -> holidays.HolidayBase:
    """Return the public holidays; years are worked out as they are asked for."""
    return holidays.country_holidays(country, subdiv=subdivision or None)
