"""Taking away months that nothing keeps: the empty ones, and those that may go whole.

Dropping a month takes a moment and gives its space back, where to delete its rows one by one takes hours and leaves
holes. What goes whole is first copied to a file, when ``GAAP_ARCHIVE_DIR`` names a folder, and stands in the audit.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection
from django.utils.module_loading import import_string

from gaap.actors import SYSTEM
from gaap.audit.services import record
from gaap.conf import conf
from gaap.partitions.archiving import Archive, archive
from gaap.partitions.catalogue import Part, changing, parts_of, quoted
from gaap.partitions.declarations import Partitioned
from gaap.partitions.months import Month

logger = logging.getLogger(__name__)


def drop_months(table: Partitioned, *, moment: datetime) -> list[str]:
    """Drop what may go, and return the names of the months that went.

    The present month and the one before it always stay: a transaction may still write to them.
    """
    return [part.name for part in _past(table, moment) if _drop(table, part)]


def _past(table: Partitioned, moment: datetime) -> Iterator[Part]:
    if not table.is_kept:
        last = Month.of(moment).plus(-1).first
        yield from (part for part in parts_of(table.table) if part.end <= last)


def _drop(table: Partitioned, part: Part) -> bool:
    if is_empty := _is_empty(table, part):
        kept = None
    elif _may_go(table, part):
        kept = archive(part.name, Path(conf.archive_dir)) if conf.archive_dir else None
    else:
        return False
    try:
        return _detach_and_drop(table, part, is_empty=is_empty, kept=kept)
    except OperationalError as error:
        logger.warning("The month %s is in use and is dropped another time: %s", part.name, error)
        return False


def _detach_and_drop(table: Partitioned, part: Part, *, is_empty: bool, kept: Archive | None) -> bool:
    """Drop the month, if it is what it was when it was looked at, and its copy holds every row."""
    with changing(table.table) as cursor:
        cursor.execute(f"LOCK TABLE {quoted(part.name)} IN ACCESS EXCLUSIVE MODE")
        if is_empty != _is_empty(table, part) or not (is_empty or _may_go(table, part)):
            return False
        if kept and kept.rows != _rows(cursor, part):
            logger.warning("The month %s was written to while it was copied, and is dropped another time", part.name)
            return False
        cursor.execute(f"ALTER TABLE {quoted(table.table)} DETACH PARTITION {quoted(part.name)}")
        cursor.execute(f"DROP TABLE {quoted(part.name)}")
        if not is_empty:
            facts = {"month": part.name, **(kept.facts if kept else {})}
            record("month_dropped", target=table.of(pk=part.first or 0), by=SYSTEM, before=facts)
    return True


def _rows(cursor: Any, part: Part) -> int:
    cursor.execute(f"SELECT count(*) FROM {quoted(part.name)}")  # noqa: S608
    return int(cursor.fetchone()[0])


def _may_go(table: Partitioned, part: Part) -> bool:
    return bool(table.may_go) and bool(import_string(table.may_go)(part.first, part.end))


def _is_empty(table: Partitioned, part: Part) -> bool:
    """Look from the end: the oldest rows go first, and what they leave behind takes long to pass by."""
    newest = f"SELECT FROM {quoted(part.name)} ORDER BY {quoted(table.key)} DESC LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS ({newest})")
        return bool(cursor.fetchone()[0])
