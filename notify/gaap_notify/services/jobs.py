"""Jobs: a spreadsheet is checked as a whole, kept in parts, and each part becomes messages in one transaction.

1. The rows are read and checked one by one; when one is faulty nothing is kept.
2. They are kept encrypted in parts of a thousand, due at once or at the time that was asked for.
3. Workers claim parts, each writes its part's messages and their events by COPY, and removes the part: all or nothing,
   so that a worker that dies leaves the part as it was.

Whoever works on a part locks it before the job, so that parts of one job are written side by side and a cancellation
waits for those that are under way.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gaap.actors import SYSTEM, Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.copying import copy_rows
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.outbox.services import emit_alike
from gaap.states import move
from gaap.work import claim
from gaap_notify.conf import conf
from gaap_notify.errors import NoResultFoundError
from gaap_notify.hints import wake_task
from gaap_notify.models import Job, JobChunk, Lane, Notification, TemplateVersion
from gaap_notify.services.bulk_rows import FAULTS_SHOWN, ReadyRow, RowChecker, RowFault, RowsRefusedError
from gaap_notify.services.drafts import write_draft
from gaap_notify.services.service_settings import recipient_digest, settings_of
from gaap_notify.services.spreadsheets import check_for_viruses, read_rows
from gaap_notify.states import (
    CREATED,
    JOB,
    JOB_CANCELLED,
    JOB_FINISHED,
    JOB_IN_PROGRESS,
    JOB_PENDING,
    JOB_SCHEDULED,
    NOTIFICATION_CREATED,
)

CHUNK_ROWS = 1000
#: What a worker takes before it lets others have a turn.
CHUNKS_AT_ONCE = 20
SCHEDULE_AHEAD = timedelta(days=7)
#: What a bulk message has, in the order in which it is copied.
MESSAGE_COLUMNS = (
    *("id", "service_id", "template_version_id", "type", "key_type", "api_key_id", "reference"),
    *("recipient", "recipient_digest", "address", "subject", "body", "sender", "unsubscribe_url"),
    *("fragments", "rate_multiplier", "language", "is_secret", "status", "provider", "provider_id", "failure"),
    *("lane", "job_id", "job_row", "created_at", "due_at", "attempts"),
)


@dataclass(frozen=True, kw_only=True)
class JobOrder:
    """A spreadsheet as its sender wants it sent; ``name`` is that of the file, ``sender`` as in a notification."""

    service: Service
    version: TemplateVersion
    name: str
    key_type: str
    api_key: ApiKey | None = None
    reference: str = ""
    sender: str = ""
    scheduled_for: datetime | None = None


@transaction.atomic
def create_job(order: JobOrder, rows: Iterator[list[str]], *, by: Actor) -> Job:
    """Check every row and keep them all for sending; the first row names the columns. Raises RowsRefusedError.

    No more than a thousand rows are held at a time.
    """
    _check_schedule(order.scheduled_for)
    job = Job.objects.create(
        service=order.service,
        template_version=order.version,
        name=order.name[:255],
        key_type=order.key_type,
        api_key=order.api_key,
        reference=order.reference,
        sender=order.sender,
        scheduled_for=order.scheduled_for,
        created_by=by.label or by.id,
    )
    checker = RowChecker(order.service, order.version, settings_of(order.service.pk), order.key_type)
    job.rows = _keep(job, checker.check(rows, most=conf.most_bulk_rows))
    job.save(update_fields=["rows"])
    record("job_created", target=job, service=order.service, by=by, after={"name": job.name, "rows": job.rows})
    if order.scheduled_for:
        move(job, JOB_SCHEDULED, table=JOB, by=by)
    else:
        wake_task("write_jobs")
    return job


def create_job_from_file(order: JobOrder, file: BinaryIO, *, by: Actor) -> Job:
    """Do the same with the rows of a file that the virus scanner let pass; raises SpreadsheetError too.

    To be called outside of any transaction.
    """
    check_for_viruses(file)
    return create_job(order, read_rows(file, filename=order.name), by=by)


def find_job(service_id: UUID, job_id: UUID) -> Job:
    """Return the service's job; raises NoResultFoundError."""
    job = Job.objects.for_service(service_id).filter(pk=job_id).first()
    if job is None:
        raise NoResultFoundError
    return job


@transaction.atomic
def cancel_job(job: Job, *, by: Actor) -> bool:
    """Send no more of the job; what is a message already is sent. Returns False when it is over."""
    list(job.chunks.select_for_update().order_by("pk").values_list("pk", flat=True))
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if not JOB.can_move(locked.status, JOB_CANCELLED):
        return False
    locked.chunks.all().delete()
    return move(locked, JOB_CANCELLED, table=JOB, by=by, changes={"finished_at": now()})


def are_chunks_due(*, more_than: int = 0) -> bool:
    """Tell whether more than so many parts wait to be written that nobody has in hand."""
    return JobChunk.objects.filter(due_at__lte=now()).order_by("due_at")[more_than : more_than + 1].exists()


def write_due_chunks(*, most: int = CHUNKS_AT_ONCE) -> int:
    """Make messages of at most so many due parts; returns of how many."""
    written = 0
    for chunk in JobChunk.objects.filter(due_at__lte=now()).order_by("due_at", "pk").defer("content")[:most]:
        if claim(chunk):
            written += _write_chunk(chunk.pk)
    return written


@transaction.atomic
def _write_chunk(chunk_id: int) -> int:
    # The lock keeps a second worker from the same part when the first one outlives its lease.
    chunk = JobChunk.objects.select_for_update().filter(pk=chunk_id).first()
    if chunk is None:
        return 0
    job = Job.objects.select_related("service", "template_version__template").get(pk=chunk.job_id)
    if job.status in (JOB_PENDING, JOB_SCHEDULED):
        # Another part's worker may be first; then it has begun all the same.
        move(job, JOB_IN_PROGRESS, table=JOB, by=SYSTEM)
    _write_messages(job, chunk.content)
    chunk.delete()
    # The update locks the job: of those who write its last parts, the second looks when the first is through.
    Job.objects.filter(pk=job.pk).update(done_rows=F("done_rows") + chunk.size)
    if not job.chunks.exists():
        job.status = JOB_IN_PROGRESS
        move(job, JOB_FINISHED, table=JOB, by=SYSTEM, changes={"finished_at": now()})
    return 1


def _write_messages(job: Job, content: Sequence[Sequence[Any]]) -> None:
    version, keys = job.template_version, [new_uuid() for _ in content]
    copy_rows(Notification, MESSAGE_COLUMNS, _message_rows(job, content, keys))
    data = {
        "type": version.template.type,
        "reference": job.reference or None,
        "template_id": str(version.template_id),
        "template_version": version.number,
        "status": CREATED,
    }
    subjects = (f"notification/{key}" for key in keys)
    emit_alike(NOTIFICATION_CREATED, service_id=job.service_id, subjects=subjects, data=data)
    wake_task("deliver")


def _message_rows(job: Job, content: Sequence[Sequence[Any]], keys: Sequence[UUID]) -> Iterator[Sequence[Any]]:
    version, settings, moment = job.template_version, settings_of(job.service_id), now()
    shared = (job.service_id, version.pk, version.template.type, job.key_type, job.api_key_id, job.reference)
    for key, (number, recipient, address, multiplier, values) in zip(keys, content, strict=True):
        draft = write_draft(version, values, settings=settings, service_name=job.service.name)
        yield (
            *(key, *shared),
            *(recipient, recipient_digest(address), address, draft.subject, draft.body, job.sender, ""),
            *(draft.fragments, multiplier, "", False, CREATED, "", "", ""),
            *(Lane.BULK.value, job.pk, number, moment, moment, 0),
        )


def _keep(job: Job, checked: Iterable[ReadyRow | RowFault]) -> int:
    """Write ready rows down in parts and return how many there are; raises RowsRefusedError when any is faulty."""
    faults: list[RowFault] = []
    counts = [0, 0]
    ready = _sorted(checked, faults, counts)
    while part := list(islice(ready, CHUNK_ROWS)):
        if not counts[1]:
            content: Any = [row.stored() for row in part]
            JobChunk.objects.create(job=job, size=len(part), content=content, due_at=job.scheduled_for or now())
    if counts[1]:
        raise RowsRefusedError(_("Some rows cannot be sent."), faults=faults, count=counts[1])
    return counts[0]


def _sorted(checked: Iterable[ReadyRow | RowFault], faults: list[RowFault], counts: list[int]) -> Iterator[ReadyRow]:
    for row in checked:
        if isinstance(row, ReadyRow):
            counts[0] += 1
            yield row
            continue
        counts[1] += 1
        if len(faults) < FAULTS_SHOWN:
            faults.append(row)


def _check_schedule(moment: datetime | None) -> None:
    if moment is not None and not now() < moment <= now() + SCHEDULE_AHEAD:
        raise RowsRefusedError(_("Messages can be scheduled up to 7 days ahead."))
