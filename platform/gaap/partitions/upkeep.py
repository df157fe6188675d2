"""What is done for the months, again and again: make those to come, begin the present one, drop those that may go."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import DatabaseError

from gaap.clock import now
from gaap.partitions.catalogue import partitioned_tables, parts_of
from gaap.partitions.creating import begin_month, make_months
from gaap.partitions.declarations import Partitioned
from gaap.partitions.dropping import drop_months

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Done:
    """What was done for one table: names of months, and whether a month was begun."""

    table: str
    made: list[str]
    is_begun: bool
    dropped: list[str]


def look_after_months() -> list[Done]:
    """Do what is to be done for every table, and return what that was.

    It may run beside itself and be killed: each step is one transaction. What fails, because somebody holds a table or
    the archive's folder is full, keeps no other table from its turn and is tried again the next time.
    """
    return [_look_after(table) for table in partitioned_tables()]


def days_ahead() -> Iterator[tuple[str, float]]:
    """Yield each table and for how many days from now its months are made."""
    moment = now()
    for table in partitioned_tables():
        ends = max(part.month_after.begins for part in parts_of(table.table))
        yield table.table, (ends - moment).total_seconds() / 86_400


def _look_after(table: Partitioned) -> Done:
    moment = now()
    made = _try(lambda: make_months(table.table, moment=moment), table)
    is_begun = _try(lambda: begin_month(table.table, table.key, moment=moment), table)
    dropped = _try(lambda: drop_months(table, moment=moment), table)
    return Done(table.table, made or [], bool(is_begun), dropped or [])


def _try(step: Callable[[], Result], table: Partitioned) -> Result | None:
    try:
        return step()
    except (DatabaseError, OSError):
        logger.exception("The months of %s could not be looked after and will be tried again", table.table)
        return None
