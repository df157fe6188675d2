"""Refusals in the audit: what somebody known was not given, and what they got wrong after the first proof."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import redis
from django.core.cache import cache
from django.db import DatabaseError, models, transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.security.events import note_security_event

logger = logging.getLogger(__name__)

REPEATED_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """Where it happened: method, the route's pattern, and the status of the answer."""

    method: str
    route: str
    status: int


def note_refusal(event: str, *, place: Place, by: Actor | None, target: models.Model | None) -> None:
    """Note that ``by`` was refused at ``place``, in the audit too when ``target`` (their key or account) is known.

    The same actor at the same route is written into the audit once a minute, so that a program that asks in a loop
    cannot fill it; every time is logged and counted.
    """
    note_security_event(event, by=by, **asdict(place))
    if by is None or target is None or _was_noted(f"{event}:{by.kind}:{by.id}:{place.method}:{place.route}"):
        return
    audit_security_event(event, by=by, target=target, after=asdict(place))


def audit_security_event(event: str, *, by: Actor, target: models.Model, after: Mapping[str, str | int]) -> None:
    """Write an event into the audit. A database that does not answer changes nothing of what the caller does."""
    try:
        with transaction.atomic():
            record(event, target=target, by=by, after=after)
    except DatabaseError:
        logger.exception("A security event is in the log only: the audit cannot be written")


def _was_noted(name: str) -> bool:
    """Tell whether ``name`` was noted within the last minute, and remember it; False when the cache does not answer."""
    try:
        return not cache.add(f"gaap:security:{name}", 1, timeout=REPEATED_SECONDS)
    except redis.RedisError:
        return False
