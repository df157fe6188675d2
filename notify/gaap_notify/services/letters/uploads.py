"""Letters that somebody of the team uploads as a PDF: checked as the API checks them, looked at, sent once or removed.

1. The PDF is scanned and judged outside of any transaction and put into the vault; a faulty one too, to be shown.
2. Sending hands the file over to a letter, which goes the way of every letter that comes as a PDF: a worker scans and
   judges it again, as rules and knowledge of viruses may have changed meanwhile.
"""

from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_notify.errors import BadRequestError, NoResultFoundError
from gaap_notify.models import LetterUpload
from gaap_notify.models.channels import Channel
from gaap_notify.models.letter_uploads import KEPT_FOR, LetterUploadQuerySet
from gaap_notify.rendering.letters.checking import ADDRESS_WINDOW, BROKEN, MAX_PAGES, OUTSIDE, UNREADABLE
from gaap_notify.rendering.letters.pictures import preview_png
from gaap_notify.services.daily_limits import counted_for_today
from gaap_notify.services.files.sharing import scan_file
from gaap_notify.services.letters.accepting import LetterOrder, accept_precompiled, check_may_send_letters, check_size
from gaap_notify.services.letters.judging import judge_pdf
from gaap_notify.services.vault import FileLostError, StorageAwayError, drop_files, put_file, read_file

UNREADABLE_PDF = "Unable to read the PDF"


def upload_letter(service: Service, data: bytes, *, filename: str, by: Actor) -> LetterUpload:
    """Check a PDF and keep it for seven days, whether or not it can be printed.

    Raises ContractError, and then nothing is kept: the service sends no letters, the file is larger than 5 MiB, holds a
    virus, or is no PDF whose pages can be shown; scanner or storage do not answer. Not to be called in a transaction.
    """
    check_may_send_letters(service)
    check_size(data)
    scan_file(data)
    judged = judge_pdf(data, service_id=service.pk)
    if judged.fault == UNREADABLE:
        raise BadRequestError(UNREADABLE_PDF)
    upload = LetterUpload(service=service, filename=filename, pages=judged.pages, fault=judged.fault)
    upload.fault_pages = list(judged.fault_pages)
    upload.address = "\n".join(judged.address.lines if judged.address else judged.lines)
    upload.zone = judged.address.zone if judged.address else ""
    upload.file = put_file(data)
    with transaction.atomic():
        upload.save()
        record("letter_uploaded", target=upload, service=service, by=by, after={"fault": judged.fault})
    return upload


def waiting_uploads(service_id: UUID) -> LetterUploadQuerySet:
    """Return what the service has uploaded and not sent, newest first."""
    return LetterUpload.objects.waiting().filter(service_id=service_id)


def find_upload(service_id: UUID, upload_id: UUID) -> LetterUpload:
    """Return the service's uploaded letter, sent or not; raises NoResultFoundError for one that has run out, too."""
    found = LetterUpload.objects.select_related("service", "file").filter(service_id=service_id, pk=upload_id).first()
    if found is None or not (found.is_waiting or found.notification_id):
        raise NoResultFoundError
    return found


def upload_page(upload: LetterUpload, page: int) -> bytes:
    """Return a page (from 1, at most ten are shown) as PNG, what is wrong with it marked.

    Raises NoResultFoundError when there is no such page, none that can be drawn, or no file any more.
    """
    if upload.file is None or page > MAX_PAGES:
        raise NoResultFoundError
    shows_margins = upload.fault == OUTSIDE and page in upload.fault_pages
    window = ADDRESS_WINDOW if page == 1 else None
    try:
        data = read_file(upload.file)
        return preview_png(data, page=page, window=window, shows_margins=shows_margins)
    except (FileLostError, StorageAwayError, *BROKEN) as error:
        raise NoResultFoundError from error


@transaction.atomic
def send_upload(upload: LetterUpload, *, postage: str, reference: str = "", by: Actor) -> UUID:
    """Send it and return the message's id; however often and by how many it is asked for, one letter is sent.

    ``postage`` is one of ``DOMESTIC``; an address abroad has its own. Raises ContractError, and NoResultFoundError for
    what is gone or cannot be printed.
    """
    locked = LetterUpload.objects.select_for_update(of=("self",)).select_related("file").filter(pk=upload.pk).first()
    if locked is not None and locked.notification_id:
        return locked.notification_id
    if locked is None or not locked.is_waiting or locked.file is None or locked.fault:
        raise NoResultFoundError
    order = LetterOrder(
        service=upload.service, key_type=ApiKey.Type.LIVE, reference=reference, postage=locked.zone or postage
    )
    with counted_for_today(upload.service, key_type=ApiKey.Type.LIVE, channel=Channel.LETTER.value):
        sent = accept_precompiled(order, kept=locked.file).id
        LetterUpload.objects.filter(pk=locked.pk).update(notification_id=sent, file=None)
    record("letter_upload_sent", target=locked, service=upload.service, by=by, after={"notification": str(sent)})
    return sent


@transaction.atomic
def remove_upload(upload: LetterUpload, *, by: Actor) -> bool:
    """Remove it unsent; returns False when it was sent or is gone."""
    locked = LetterUpload.objects.select_for_update().filter(pk=upload.pk, notification_id__isnull=True).first()
    if locked is None:
        return False
    _drop([locked])
    record("letter_upload_removed", target=upload, service=upload.service, by=by)
    return True


@transaction.atomic
def purge_uploads(limit: int) -> int:
    """Remove at most ``limit`` uploaded letters that are older than seven days; what was sent of them is a message."""
    old = LetterUpload.objects.filter(created_at__lt=now() - KEPT_FOR).order_by("created_at")
    found = list(old.select_for_update()[:limit])
    _drop(found)
    return len(found)


def _drop(uploads: list[LetterUpload]) -> None:
    LetterUpload.objects.filter(pk__in=[upload.pk for upload in uploads]).delete()
    drop_files([upload.file_id for upload in uploads if upload.file_id])
