"""The recipient's side of a shared file: finding it by its link, confirming the address, and handing it over."""

from hmac import compare_digest
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.limits.bucket import Policy, Quota
from gaap.limits.stores import store
from gaap.outbox.services import emit
from gaap_notify.models import SharedFile
from gaap_notify.recipients import RecipientError, parse_email
from gaap_notify.services.files.links import key_digest, long_id
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.vault import FileLostError, read_file

FILE_DOWNLOADED = "file_downloaded"
#: So many addresses may be tried for one file (spec A.5): 50 in 300 seconds.
TRIES = Policy("notify-file", capacity=50, refill_per_second=50 / 300)


def find_shared_file(service: str, file: str, key: str) -> SharedFile | None:
    """Return the file of a link, whether or not it can still be fetched; None when any part of the link is wrong.

    ``service`` and ``file`` are ids as ``gaap_notify.services.files.links.short_id`` writes them.
    """
    service_id, file_id = long_id(service), long_id(file)
    if service_id is None or file_id is None:
        return None
    rows = SharedFile.objects.select_related("service", "file")
    found = rows.filter(pk=file_id, service_id=service_id).first()
    if found is None or not compare_digest(found.key_digest, key_digest(key)):
        return None
    return found


def try_email(file: SharedFile, email: str) -> bool:
    """Tell whether ``email`` is the address that the message with the file went to."""
    try:
        digest = recipient_digest(parse_email(email))
    except RecipientError:
        return False
    return compare_digest(digest, file.recipient_digest)


def count_try(file: SharedFile) -> Quota:
    """Count one try of an address and return what is left of them."""
    return store().take(f"{TRIES.name}:{file.pk}", TRIES)


def fetch_file(file: SharedFile) -> bytes:
    """Return what a file holds that is still to be had, and keep that it was fetched.

    Raises FileLostError and StorageAwayError.
    """
    if file.file is None:
        raise FileLostError(f"File {file.pk} is no longer kept.")
    data = read_file(file.file)
    _note(file.pk)
    return data


@transaction.atomic
def _note(file_id: UUID) -> None:
    """Note the first time only: what a person does with a file later is nobody's business."""
    if not SharedFile.objects.filter(pk=file_id, fetched_at__isnull=True).update(fetched_at=now()):
        return
    file = SharedFile.objects.select_related("service").get(pk=file_id)
    record(FILE_DOWNLOADED, target=file, service=file.service, by=Actor("citizen", str(file_id), "citizen"))
    emit(
        FILE_DOWNLOADED,
        service_id=file.service_id,
        subject=f"notification/{file.notification_id}",
        data={"id": str(file_id)},
    )
