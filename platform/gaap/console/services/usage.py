"""What a service used, month by month, as its components count it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from gaap.clock import now
from gaap.contributions import Figure, contributions
from gaap.organisations.models import Service

MONTHS = 6


@dataclass(frozen=True)
class Month:
    """One month's figures; ``since`` is its first moment in the platform's time zone."""

    since: datetime
    figures: Sequence[Figure]


def usage_of(service: Service, *, months: int = MONTHS) -> list[Month]:
    """Return the figures of this month and those before it, newest first."""
    found = []
    until, since = now() + timedelta(days=1), _first_moment(now())
    for _ in range(months):
        figures = [
            figure
            for contribution in contributions()
            for figure in contribution.usage(service, since=since, until=until)
        ]
        found.append(Month(since, figures))
        until, since = since, _first_moment(since - timedelta(days=1))
    return found


def _first_moment(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
