"""Doing a piece of work once, however often it is asked for with the same key.

1. Insert the key. The unique constraint makes every parallel repeat wait here until the first one has committed.
2. Do the work and store its answer, all in the same transaction: either both stand or neither.
3. A repeat finds the row: the same request gets the stored answer, another request is refused.

So a process that dies before the commit leaves nothing behind, and one that dies after it leaves the answer.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from gaap.clock import now
from gaap.idempotency.models import StoredAnswer
from gaap.keys.models import ApiKey

KEY_LENGTH = 255


class KeyReusedError(Exception):
    """The key was used for another request within the last 24 hours."""


@dataclass(frozen=True)
class KeptAnswer:
    """What is kept of an answer: ``body`` is a JSON value, None for an empty one."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replay: bool = False


@dataclass(frozen=True)
class Ask:
    """One request as idempotency sees it: whose, under which key, and what it asks."""

    api_key: ApiKey
    key: str
    fingerprint: str

    @property
    def identity(self) -> dict[str, Any]:
        """The columns that make the key unique: test requests live in a world of their own."""
        world = "test" if self.api_key.is_test else "real"
        return {"service_id": self.api_key.service_id, "world": world, "key": self.key}


def fingerprint(method: str, path: str, data: Any) -> str:
    """Return a digest of what is asked: method, path and parsed body, however its JSON was spelled."""
    canonical = json.dumps([method, path, data], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def answer_once(ask: Ask, work: Callable[[], KeptAnswer]) -> KeptAnswer:
    """Return the stored answer to ``ask``, or that of ``work``, which then runs in one transaction with storing it.

    ``work`` touches only the database. An exception from it undoes everything and stores nothing. Raises
    KeyReusedError when the key stands for another request.
    """
    with transaction.atomic():
        row = _insert(ask)
        if row is not None:
            return _keep(row, work())
    stored = StoredAnswer.objects.get(**ask.identity)
    if not stored.is_expired:
        return _replay(stored, ask)
    StoredAnswer.objects.filter(pk=stored.pk, created_at=stored.created_at).delete()
    return answer_once(ask, work)


def sweep_answers(limit: int = 10_000) -> int:
    """Delete answers older than 24 hours, at most ``limit`` at a time, and return how many went."""
    expired = StoredAnswer.objects.expired().order_by("created_at").values_list("pk", flat=True)[:limit]
    deleted, _ = StoredAnswer.objects.filter(pk__in=list(expired)).delete()
    return deleted


def _insert(ask: Ask) -> StoredAnswer | None:
    try:
        with transaction.atomic():
            return StoredAnswer.objects.create(**ask.identity, fingerprint=ask.fingerprint, created_at=now())
    except IntegrityError:
        return None


def _keep(row: StoredAnswer, answer: KeptAnswer) -> KeptAnswer:
    row.status, row.headers, row.body = answer.status, dict(answer.headers), answer.body
    row.save(update_fields=["status", "headers", "body"])
    return answer


def _replay(stored: StoredAnswer, ask: Ask) -> KeptAnswer:
    if stored.fingerprint != ask.fingerprint or stored.status is None:
        raise KeyReusedError
    return KeptAnswer(stored.status, stored.body, stored.headers, is_replay=True)
