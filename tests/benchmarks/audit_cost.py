"""What the record of an act costs a payment.

A payment created by API is its own record: a row of its history, with the key that made it, and no audit event. So the
audit costs it nothing today; this measures what it would cost if each creation wrote an audit event as well, in the
statement that creates it. The share promised is fifteen per cent at most: audited creations are at least 1 / 1.15 of
the others.
"""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any
from unittest.mock import patch

from tests.benchmarks.figures import Figure, Turns

EACH = int(os.environ.get("GAAP_BENCH_EACH", "300"))
PLAIN, AUDITED = "pay: created, its own record", "pay: created, an audit event on top"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figure; Django must be set up on a database of its own."""
    from gaap.audit.models import AuditEvent
    from gaap.audit.services import audit_event
    from gaap.components import known_limits
    from gaap.limits.services import MOST_CALLS, change_rate_limits
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap_payments.services import payments
    from tests.api.world import World
    from tests.payments.support import create

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
    change_rate_limits(service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
    api = World(service).test_api
    write = payments.insert_with_event  # type: ignore[attr-defined]

    def write_audited(*rows: Any, event: Any) -> None:
        write(*rows, audit_event("payment_created", target=rows[0], by=TESTER), event=event)

    def audited() -> None:
        with patch.object(payments, "insert_with_event", write_audited):
            create(api)

    before = AuditEvent.objects.count()
    turns = Turns({PLAIN: _rate(lambda: create(api)), AUDITED: _rate(audited)}).run(rounds=rounds)
    if AuditEvent.objects.count() < before + EACH * rounds:
        raise RuntimeError("The audited creations left no audit events.")
    yield turns.figure(AUDITED, control=PLAIN, least_ratio=1 / 1.15)


def _rate(step: Callable[[], object]) -> Callable[[], float]:
    def measured() -> float:
        began = time.perf_counter()
        for _ in range(EACH):
            step()
        return EACH / (time.perf_counter() - began)

    return measured
