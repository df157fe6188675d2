"""Transition tables: which status may follow which, and the event that says so.

A table is data. ``move`` is the only way to change a status: it looks the pair up, updates the row if it still has the
old status, and writes audit and event, all or nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db import models, transaction

from gaap.actors import Actor
from gaap.audit.models import AuditEvent
from gaap.audit.services import audit_event, record
from gaap.copying import change_each
from gaap.outbox.services import NewEvent, change_with_event, emit_many

Row = TypeVar("Row", bound=models.Model)


class IllegalTransitionError(Exception):
    """The table knows no way from the one status to the other."""


@dataclass(frozen=True)
class TransitionTable:
    """The life of one noun: ``edges`` maps (from, to) to the event emitted on the way."""

    noun: str
    initial: str
    edges: Mapping[tuple[str, str], str] = field(hash=False)
    is_audited: bool = True

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """Every status, the initial one first, in the order of the table."""
        return tuple(dict.fromkeys((self.initial, *(status for edge in self.edges for status in edge))))

    @cached_property
    def final(self) -> frozenset[str]:
        """The statuses without a way on."""
        return frozenset(self.statuses) - {source for source, _ in self.edges}

    def can_move(self, source: str, target: str) -> bool:
        """Tell whether the table knows a way from ``source`` to ``target``."""
        return (source, target) in self.edges

    def sources(self, target: str) -> frozenset[str]:
        """Return the statuses from which ``target`` can be reached in one step."""
        return frozenset(source for source, end in self.edges if end == target)

    def event(self, source: str, target: str) -> str:
        """Return the event of the way from ``source`` to ``target``; raises IllegalTransitionError."""
        try:
            return self.edges[source, target]
        except KeyError:
            raise IllegalTransitionError(f"A {self.noun} cannot go from {source} to {target}.") from None

    def check_constraint(self, name: str, *, column: str = "status") -> models.CheckConstraint:
        """Return the database constraint that holds ``column`` to this table's statuses."""
        return models.CheckConstraint(condition=models.Q(**{f"{column}__in": list(self.statuses)}), name=name)

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram, for the documentation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {source} --> {target}: {event}" for (source, target), event in self.edges.items()]
        lines += [f"    {status} --> [*]" for status in self.statuses if status in self.final]
        return "\n".join(lines)


def move(
    row: Any,
    target: str,
    *,
    table: TransitionTable,
    by: Actor,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    purpose: str = "",
    inserting: Sequence[models.Model] = (),
) -> bool:
    """Move ``row`` to the status ``target``; returns False when somebody else moved it first.

    ``changes`` are further columns set in the same UPDATE, ``data`` is what the event says besides the status, and
    ``inserting`` are new rows that are written with it. The row needs ``status`` and ``service_id``; its attributes are
    set when the move succeeds. Raises IllegalTransitionError when the table has no such edge.
    """
    source = row.status
    event = table.event(source, target)
    values = {**(changes or {}), "status": target}
    told = NewEvent(event, row.service_id, f"{table.noun}/{row.pk}", {**(data or {}), "status": target})
    audited = [_audit(row, event, source=source, target=target, by=by, purpose=purpose)] if table.is_audited else []
    equal = {row._meta.pk.attname: row.pk, "status": source}
    if not change_with_event(type(row), _columns(row, values), *inserting, *audited, event=told, equal=equal):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _audit(row: models.Model, event: str, *, source: str, target: str, by: Actor, purpose: str) -> AuditEvent:
    before, after = {"status": source}, {"status": target}
    return audit_event(event, target=row, by=by, purpose=purpose, before=before, after=after)


def _columns(row: models.Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` by the names of their columns, rows as their keys."""
    keys = {name: value.pk if isinstance(value, models.Model) else value for name, value in values.items()}
    return {str(vars(row._meta.get_field(name))["attname"]): value for name, value in keys.items()}


def move_many(
    rows: Sequence[Row],
    target: str,
    *,
    table: TransitionTable,
    by: Actor,
    changes: Mapping[str, Any] | None = None,
    each: Mapping[str, Mapping[Any, Any]] | None = None,
    data: Callable[[Row], Mapping[str, Any]] = lambda _: {},
) -> list[Row]:
    """Move rows of one model, all in the same status, to ``target``; returns those that nobody else moved first.

    ``changes`` are columns set alike on all of them; ``each`` maps a column to the value of every row by its key. The
    rows are updated under a lock in one statement (see ``gaap.copying.change_each``), and their events written in
    another. Raises IllegalTransitionError when the table has no such edge.
    """
    if not rows:
        return []
    source = str(vars(rows[0])["status"])
    event = table.event(source, target)
    with transaction.atomic():
        moved = _update(rows, source, {**(changes or {}), "status": target}, each or {})
        for row in moved if table.is_audited else ():
            record(event, target=row, by=by, before={"status": source}, after={"status": target})
        emit_many(
            NewEvent(event, vars(row)["service_id"], f"{table.noun}/{row.pk}", {**data(row), "status": target})
            for row in moved
        )
    return moved


def _update(
    rows: Sequence[Row], source: str, values: Mapping[str, Any], each: Mapping[str, Mapping[Any, Any]]
) -> list[Row]:
    """Update those of ``rows`` that still are in ``source``, and return them."""
    keys = [row.pk for row in rows]
    ours = change_each(type(rows[0]), keys, values, each, where=("status", source))
    moved = [row for row in rows if row.pk in ours]
    for row in moved:
        for column, value in values.items():
            setattr(row, column, value)
        for column, found in each.items():
            setattr(row, column, found[row.pk])
    return moved
