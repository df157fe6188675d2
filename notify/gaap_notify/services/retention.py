"""Forgetting to whom messages went and what they said, channel by channel (spec A.16)."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from gaap.clock import now
from gaap.privacy.retention import overdue
from gaap.privacy.retention_periods import Retention
from gaap_notify.models import (
    Job,
    JobChunk,
    Letter,
    Notification,
    OneOff,
    Receipt,
    ReceivedText,
    SandboxMessage,
    SharedFile,
)
from gaap_notify.models.one_offs import KEPT_FOR
from gaap_notify.services.vault import drop_files
from gaap_notify.states import COMPLETED

#: Seven days, settable from 3 to 90 for each channel (spec A.16).
CHANNELS = {
    "email": Retention("notify.email", days=7, shortest=3, longest=90),
    "sms": Retention("notify.sms", days=7, shortest=3, longest=90),
    "letter": Retention("notify.letter", days=7, shortest=3, longest=90),
}
#: For so long after its end the link of a file says that there was one.
LINKS_KEPT = timedelta(weeks=26)
RECEIPTS = Retention("notify.receipts", days=7, shortest=7, longest=7)

#: What is left of a message: that there was one, of which template, when, and what became of it.
EMPTY = {
    "recipient": "",
    "recipient_digest": "",
    "address": "",
    "subject": "",
    "body": "",
    "reference": "",
    "unsubscribe_url": "",
}
EMPTY_LETTER = {"contact": "", "welsh_subject": "", "welsh_body": "", "file": None}


def forget_messages(limit: int) -> int:
    """Empty at most ``limit`` finished messages of each channel whose time is over; return how many."""
    return sum(_forget_channel(channel, retention, limit) for channel, retention in CHANNELS.items())


def forget(notifications: "QuerySet[Notification]") -> int:
    """Empty these messages and what the sandbox keeps of them; return how many were emptied."""
    keys = list(notifications.filter(forgotten_at__isnull=True).values_list("pk", flat=True))
    SandboxMessage.objects.filter(notification_id__in=keys).delete()
    Receipt.objects.filter(notification_id__in=keys, due_at__isnull=True).delete()
    letters = Letter.objects.filter(notification_id__in=keys)
    pdfs = list(letters.filter(file__isnull=False).values_list("file_id", flat=True))
    letters.update(**EMPTY_LETTER)
    drop_files(pdfs)
    return Notification.objects.filter(pk__in=keys).update(**EMPTY, forgotten_at=now())


def forget_jobs(limit: int) -> int:
    """Empty at most ``limit`` ended jobs of each channel whose time is over: who sent what, and rows left over."""
    return sum(_forget_jobs(channel, retention, limit) for channel, retention in CHANNELS.items())


def purge_receipts(limit: int) -> int:
    """Remove at most ``limit`` delivery reports whose time is over."""
    old = Q(received_at__lt=now() - RECEIPTS.time, due_at__isnull=True)
    keys = list(Receipt.objects.filter(old).order_by("received_at").values_list("pk", flat=True)[:limit])
    Receipt.objects.filter(pk__in=keys).delete()
    return len(keys)


def purge_received(limit: int) -> int:
    """Remove at most ``limit`` received texts; they are kept as long as the service keeps its own (spec A.16)."""
    old = ReceivedText.objects.filter(overdue(CHANNELS["sms"], since="created_at")).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    ReceivedText.objects.filter(pk__in=keys).delete()
    return len(keys)


def purge_one_offs(limit: int) -> int:
    """Remove at most ``limit`` filled-in templates that are older than a day; what was sent of them is a message."""
    old = OneOff.objects.filter(created_at__lt=now() - KEPT_FOR).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    OneOff.objects.filter(pk__in=keys).delete()
    return len(keys)


def purge_files(limit: int) -> int:
    """Drop at most ``limit`` files whose link has run out, as the sender chose (spec A.5), and rows of long ago."""
    held = ~Q(recipient_digest="") | Q(file__isnull=False)
    expired = SharedFile.objects.filter(held, expires_at__lt=now()).order_by("expires_at")
    dropped = drop_shared_files(SharedFile.objects.filter(pk__in=list(expired.values_list("pk", flat=True)[:limit])))
    return dropped + _delete_links(limit)


def drop_shared_files(files: "QuerySet[SharedFile]") -> int:
    """Forget what these files hold, how they are called and whom they went to; return how many there were.

    The rows stay, so that their links can say that there was something.
    """
    keys = list(files.values_list("pk", flat=True))
    rows = SharedFile.objects.filter(pk__in=keys)
    contents = list(rows.filter(file__isnull=False).values_list("file_id", flat=True))
    dropped = rows.update(file=None, filename="", recipient_digest="")
    drop_files(contents)
    return dropped


def _delete_links(limit: int) -> int:
    """Remove at most ``limit`` rows of files that are gone for so long that nobody asks for them any more."""
    old = SharedFile.objects.filter(expires_at__lt=now() - LINKS_KEPT, file__isnull=True).order_by("expires_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    return SharedFile.objects.filter(pk__in=keys).delete()[0]


def purge_sandbox(limit: int) -> int:
    """Remove at most ``limit`` old messages of the sandbox that belong to no notification, such as the console's."""
    belongs = Exists(Notification.objects.filter(pk=OuterRef("notification_id")))
    old = SandboxMessage.objects.filter(created_at__lt=now() - CHANNELS["email"].time, due_at__isnull=True)
    keys = list(old.exclude(belongs).order_by("created_at").values_list("pk", flat=True)[:limit])
    SandboxMessage.objects.filter(pk__in=keys).delete()
    return len(keys)


def _forget_channel(channel: str, retention: Retention, limit: int) -> int:
    standing = Notification.objects.filter(forgotten_at__isnull=True, type=channel, status__in=COMPLETED)
    old = standing.filter(overdue(retention, since="created_at")).order_by("created_at")
    return forget(Notification.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])))


def _forget_jobs(channel: str, retention: Retention, limit: int) -> int:
    ended = Job.objects.filter(finished_at__isnull=False, template_version__template__type=channel)
    old = ended.filter(overdue(retention, since="created_at")).exclude(reference="", created_by="")
    keys = list(old.order_by("created_at").values_list("pk", flat=True)[:limit])
    JobChunk.objects.filter(job__in=keys).delete()
    return Job.objects.filter(pk__in=keys).update(reference="", created_by="")
