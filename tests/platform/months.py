"""Tables in months, as tests make and ask them."""

from typing import Any

from django.db import connection

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.partitions.catalogue import parts_of
from gaap.partitions.creating import make_month
from gaap.partitions.months import Month

EVENTS = str(OutboxEvent._meta.db_table)


def run_sql(statement: str, *values: Any) -> list[Any]:
    """Run one statement and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def present() -> Month:
    """Return the month that it is."""
    return Month.of(now())


def old_month(back: int, *, table: str = EVENTS) -> Month:
    """Make the month so many before the present one, as if it had been there; the first part makes room."""
    month = present().plus(-back)
    before = next(part for part in parts_of(table) if part.first is None)
    if before.end > month.first:
        run_sql(f"ALTER TABLE {table} DETACH PARTITION {before.name}")
        first = min((part.first for part in parts_of(table) if part.first), default=month.first)
        end = min(month.first, first)
        run_sql(f"ALTER TABLE {table} ATTACH PARTITION {before.name} FOR VALUES FROM (MINVALUE) TO ({end})")
    make_month(table, month)
    return month


def scans(node: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the scans of a plan that were carried out: their kind and the table."""
    own = [(node["Node Type"], node["Relation Name"])] if "Relation Name" in node and node["Actual Loops"] else []
    return own + [found for child in node.get("Plans", ()) for found in scans(child)]
