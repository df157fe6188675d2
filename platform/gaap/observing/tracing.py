"""Traces: what became of one message in every process that had it in hand, from its acceptance to its receipt.

A message's trace has the message's own id, and its first span an id made of it. So every process knows both without a
column, a header or a question. Requests and batches of which no message is known have traces of their own.

What is noted is a name, a time and a few words of ours; no address, text, reference, path or token goes in. While
nobody is told (``begin``), nothing is noted: a span is then one look at a variable.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from gaap.identifiers import random_bytes

Kind = Literal["internal", "server", "client", "consumer"]
Value = str | int
HALF = (1 << 64) - 1


@dataclass(frozen=True)
class FinishedSpan:
    """One span as it is told: numbers of 128 (trace) and 64 bits (span), times in nanoseconds since 1970.

    ``parent_id`` is 0 where there is none; ``links`` are traces and spans of other work that this was part of.
    """

    name: str
    kind: Kind
    trace_id: int
    span_id: int
    parent_id: int
    began_ns: int
    ended_ns: int
    attributes: dict[str, Value]
    error: str
    links: tuple[tuple[int, int], ...]


Tell = Callable[[Sequence[FinishedSpan]], None]


@dataclass(eq=False)
class Span:
    """Something that is being done; ``name`` and ``attributes`` may be changed until it ends."""

    name: str
    kind: Kind = "internal"
    of: UUID | None = None
    parent: "Span | None" = None
    is_beginning: bool = False
    is_left_out: bool = False
    error: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)
    began_ns: int = field(default_factory=time.time_ns)
    ended_ns: int = 0
    number: int = field(default_factory=lambda: _random(8))


@dataclass(eq=False)
class _Trail:
    """What one thread of work did. Whose trace it is may be known only when a message has been accepted or found."""

    open: list[Span] = field(default_factory=list)
    done: list[Span] = field(default_factory=list)
    message: UUID | None = None
    number: int = field(default_factory=lambda: _random(16))


#: What is handed out while nothing is noted: everybody writes to it and nobody reads it.
_NOTHING = nullcontext(Span("", number=0))
_tell: Tell | None = None
_share = 1.0
_trail: ContextVar[_Trail | None] = ContextVar("gaap_trail", default=None)


def begin(tell: Tell, *, share: float = 1.0) -> None:
    """Note spans from now on, and hand those of ``share`` (0 to 1) of all traces to ``tell``."""
    global _tell, _share
    _tell, _share = tell, share


def end() -> None:
    """Note nothing any more."""
    global _tell
    _tell = None


def is_on() -> bool:
    """Say whether spans are noted."""
    return _tell is not None


def span(
    name: str,
    words: Mapping[str, Value] = MappingProxyType({}),
    *,
    kind: Kind = "internal",
    of: UUID | str | None = None,
) -> AbstractContextManager[Span]:
    """Note what is done within the block. ``name`` and ``words`` (attributes) are ours, never what somebody wrote.

    ``of`` says whose work it is: a message's id, or an event's subject (``noun/id``; no UUID in it says nothing).
    An error that leaves the block is noted by its type alone.
    """
    if _tell is None:
        return _NOTHING
    return _noted(Span(name, kind, _uuid(of), attributes=dict(words)))


def note(name: str, *, seconds: float, of: UUID | str | None) -> None:
    """Note something of the last ``seconds`` that ends now, such as a row's wait in the database."""
    if _tell is not None:
        with span(name, of=of) as noted:
            noted.began_ns -= round(seconds * 1e9)


def follow(message_id: UUID, *, is_beginning: bool = False) -> None:
    """Say that what is being done is the message's work; ``is_beginning`` that the message came to be in it.

    When it is another message's already, only the innermost span is this one's.
    """
    trail = _trail.get()
    if trail is None:
        return
    if trail.message is None:
        trail.message = message_id
        trail.open[0].is_beginning = is_beginning
    elif trail.message != message_id:
        trail.open[-1].of, trail.open[-1].is_beginning = message_id, is_beginning


@contextmanager
def _noted(noted: Span) -> Iterator[Span]:
    trail = _trail.get() or _Trail(message=noted.of)
    noted.parent = trail.open[-1] if trail.open else None
    token = _trail.set(trail)
    trail.open.append(noted)
    try:
        yield noted
    except BaseException as error:
        noted.error = noted.error or type(error).__name__
        raise
    finally:
        noted.ended_ns = time.time_ns()
        trail.open.pop()
        if not noted.is_left_out:
            trail.done.append(noted)
        _trail.reset(token)
        if not trail.open:
            _hand_on(trail)


def _hand_on(trail: _Trail) -> None:
    finished = [_finished(each, trail) for each in trail.done]
    wanted = [each for each in finished if _is_wanted(each.trace_id)]
    if wanted and _tell is not None:
        _tell(wanted)


def _is_wanted(trace_id: int) -> bool:
    """Choose by the id, so that every process chooses the same traces; its last 32 bits are random."""
    return (trace_id & 0xFFFFFFFF) < _share * 2**32


def _finished(done: Span, trail: _Trail) -> FinishedSpan:
    trace_id = _trace_id(done, trail)
    outer = done.parent
    is_same = outer is not None and _trace_id(outer, trail) == trace_id
    first = trace_id & HALF if _message(done, trail) else 0
    parent_id = _span_id(outer, trail) if outer is not None and is_same else first
    span_id = _span_id(done, trail)
    return FinishedSpan(
        name=done.name,
        kind=done.kind,
        trace_id=trace_id,
        span_id=span_id,
        parent_id=0 if parent_id == span_id else parent_id,
        began_ns=done.began_ns,
        ended_ns=done.ended_ns,
        attributes=done.attributes,
        error=done.error,
        links=() if outer is None or is_same else ((_trace_id(outer, trail), _span_id(outer, trail)),),
    )


def _message(one: Span, trail: _Trail) -> UUID | None:
    """Return whose work a span is: what it says itself, or what the one around it does."""
    if one.of is not None:
        return one.of
    return _message(one.parent, trail) if one.parent is not None else trail.message


def _trace_id(one: Span, trail: _Trail) -> int:
    message = _message(one, trail)
    return message.int if message else trail.number


def _span_id(one: Span, trail: _Trail) -> int:
    return _trace_id(one, trail) & HALF if one.is_beginning else one.number


def _uuid(of: UUID | str | None) -> UUID | None:
    if not isinstance(of, str):
        return of
    try:
        return UUID(of.rpartition("/")[2])
    except ValueError:
        return None


def _random(size: int) -> int:
    return int.from_bytes(random_bytes(size)) | 1
