"""Notify's background tasks: each calls a service.

Every row that waits is found again by ``sweep``; the other tasks only make it quick.
"""

import time
import uuid

from celery import shared_task

from gaap.work import wake
from gaap_notify.models import Lane
from gaap_notify.services.counting import BATCH, count_messages
from gaap_notify.services.delivery import deliver_for
from gaap_notify.services.jobs import CHUNKS_AT_ONCE, are_chunks_due, write_due_chunks
from gaap_notify.services.letters import printing
from gaap_notify.services.letters import working as letters
from gaap_notify.services.provider_health import balance_shares
from gaap_notify.services.receipts import work_on_receipt
from gaap_notify.services.sandbox import post_report
from gaap_notify.services.sweeping import sweep_waiting

TURN_SECONDS = 5.0


@shared_task(ignore_result=True)
def deliver() -> None:
    """Hand over what is due, batch by batch, and let others have a turn after some seconds."""
    if deliver_for(TURN_SECONDS):
        wake(deliver)


@shared_task(ignore_result=True)
def deliver_secret() -> None:
    """The same for codes that somebody waits for, on a queue that no campaign can fill."""
    if deliver_for(TURN_SECONDS, last_lane=Lane.CODE):
        wake(deliver_secret)


@shared_task(ignore_result=True)
def write_jobs() -> None:
    """Make messages of the rows of spreadsheets, some parts at a time; with more to do than that, others help."""
    if are_chunks_due(more_than=CHUNKS_AT_ONCE // 2):
        wake(write_jobs)
    write_due_chunks()


@shared_task(ignore_result=True)
def balance_providers() -> None:
    """Move messages from providers that fail or are slow to the others, and back."""
    balance_shares()


@shared_task(ignore_result=True)
def match_receipt(receipt_id: int) -> None:
    """Look once more for the notification of a receipt that came too early."""
    work_on_receipt(receipt_id)


@shared_task(ignore_result=True)
def post_sandbox_report(message_id: int) -> None:
    """Let the sandbox tell what became of a message."""
    post_report(message_id)


@shared_task(ignore_result=True)
def work_on_letter(notification_id: str) -> None:
    """Check or set a letter, so that it can be printed."""
    letters.work_on_letter(uuid.UUID(notification_id))


@shared_task(ignore_result=True)
def work_on_run(run_id: str) -> None:
    """Hand a print run to its printer."""
    printing.work_on_run(uuid.UUID(run_id))


@shared_task(ignore_result=True)
def print_letters() -> None:
    """Tie the letters whose cut-off is over to print runs."""
    while printing.gather_runs() == printing.RUN_SIZE:
        continue


@shared_task(ignore_result=True)
def collect_letter_reports() -> None:
    """Ask the printers what has become of letters."""
    printing.collect_reports()


@shared_task(ignore_result=True)
def count() -> None:
    """Count by day what has come to rest, batch by batch, and let others have a turn after some seconds."""
    ends = time.monotonic() + TURN_SECONDS
    while count_messages() == BATCH:
        if time.monotonic() > ends:
            wake(count)
            return


@shared_task(ignore_result=True)
def sweep() -> None:
    """Wake workers for what has been due for a while."""
    sweep_waiting()
