"""The kernel's background tasks: short, and without rules of their own."""

import time

from celery import shared_task

from gaap.audit.seals import seal_waiting
from gaap.events.placing import place_waiting
from gaap.idempotency.services import sweep_answers
from gaap.outbox.relay import relay_waiting
from gaap.partitions import upkeep
from gaap.privacy.retention import purge_all
from gaap.work import wake

TURN_SECONDS = 3.0


@shared_task(ignore_result=True)
def relay_events() -> None:
    """Publish what waits in the outbox, batch by batch; also run on a schedule, for what no wake-up reached.

    After some seconds others get their turn: a campaign's events are many, and they hurry less than its messages.
    """
    ends = time.monotonic() + TURN_SECONDS
    while place_waiting() + relay_waiting():
        if time.monotonic() > ends:
            wake(relay_events)
            return


@shared_task(ignore_result=True)
def sweep_stored_answers() -> None:
    """Forget idempotency keys older than 24 hours."""
    while sweep_answers():
        pass


@shared_task(ignore_result=True)
def purge_personal_data() -> None:
    """Forget whatever has been kept for its time, in every component."""
    purge_all()


@shared_task(ignore_result=True)
def seal_audit() -> None:
    """Chain what was added to the audit since the last time."""
    while seal_waiting():
        pass


@shared_task(ignore_result=True)
def look_after_months() -> None:
    """Make the months to come, begin the present one, drop those that nothing keeps; nothing on SQLite."""
    upkeep.look_after_months()
