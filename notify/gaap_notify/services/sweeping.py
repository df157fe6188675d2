"""The sweeper: what has been due for a while is brought to a worker's notice again."""

from collections.abc import Mapping
from datetime import timedelta

from gaap.clock import now
from gaap.work import WorkItem, due_ids
from gaap_notify.hints import wake_task
from gaap_notify.models import JobChunk, Lane, Letter, Notification, PrintRun, Receipt, SandboxMessage
from gaap_notify.services.delivery import give_up_waiting

#: The first hint gets this long before it counts as lost.
GRACE = timedelta(seconds=10)
_LANES: Mapping[str, tuple[int, ...]] = {"deliver_secret": (Lane.CODE,), "deliver": (Lane.MESSAGE, Lane.BULK)}
_TASKS: Mapping[type[WorkItem], str] = {
    Receipt: "match_receipt",
    SandboxMessage: "post_sandbox_report",
    Letter: "work_on_letter",
    PrintRun: "work_on_run",
}


def sweep_waiting() -> int:
    """Give up what waited too long for its receipt, wake workers for the rest, and return how much there was."""
    woken = give_up_waiting()
    waiting = Notification.objects.to_hand_over().filter(due_at__lte=now() - GRACE)
    for task, lanes in _LANES.items():
        if waiting.filter(lane__in=lanes).exists():
            wake_task(task)
            woken += 1
    if due_ids(JobChunk, limit=1):
        wake_task("write_jobs")
        woken += 1
    for model, task in _TASKS.items():
        for pk in due_ids(model, grace=GRACE):
            wake_task(task, pk if isinstance(pk, int) else str(pk))
            woken += 1
    return woken
