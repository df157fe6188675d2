"""What people do with letters: take one back, say that it came back, read it."""

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_notify.errors import BadRequestError, ContractError
from gaap_notify.models import Letter, Notification
from gaap_notify.models.channels import Channel
from gaap_notify.services.notifications import change_status
from gaap_notify.services.vault import FileLostError, StorageAwayError, read_file
from gaap_notify.states import CANCELLED, LETTER, PENDING_VIRUS_CHECK, RETURNED_LETTER, VIRUS_SCAN_FAILED


class PDFNotReadyError(ContractError):
    """The letter's PDF is not there yet."""

    wire_class = "PDFNotReadyError"

    def __init__(self) -> None:
        super().__init__("PDF not available yet, try again later")


def can_cancel(letter: Letter) -> bool:
    """Tell whether the letter can still be taken back: it is in no print run (spec B.1)."""
    return letter.run_id is None and LETTER.can_move(letter.notification.status, CANCELLED)


@transaction.atomic
def cancel_letter(notification: Notification, *, by: Actor) -> bool:
    """Take a letter back that has not gone to its printer; returns False when it is too late (spec B.1)."""
    letter = Letter.objects.select_for_update(of=("self",)).select_related("notification").get(pk=notification.pk)
    notification.refresh_from_db()
    if not can_cancel(letter):
        return False
    Letter.objects.filter(pk=letter.pk).update(due_at=None, attempts=letter.attempts + 1)
    if not change_status(notification, CANCELLED, by=by):
        return False
    record("letter_cancelled", target=notification, service=notification.service, by=by)
    return True


def return_letter(notification: Notification, *, by: Actor, reason: str = "") -> bool:
    """Note that a letter came back undelivered; returns False when it was not on its way or is known to be back."""
    if notification.type != Channel.LETTER or not LETTER.can_move(notification.status, RETURNED_LETTER):
        return False
    return change_status(notification, RETURNED_LETTER, by=by, failure=reason[:255])


def letter_pdf(notification: Notification) -> bytes:
    """Return a letter's PDF; raises BadRequestError and PDFNotReadyError (spec A.9)."""
    if notification.type != Channel.LETTER:
        raise BadRequestError("Notification is not a letter")
    if notification.status == VIRUS_SCAN_FAILED:
        raise BadRequestError("File did not pass the virus scan")
    letter = Letter.objects.select_related("file").get(pk=notification.pk)
    if letter.file is None or notification.status == PENDING_VIRUS_CHECK:
        raise _no_pdf(notification)
    try:
        return read_file(letter.file)
    except (FileLostError, StorageAwayError) as error:
        raise _no_pdf(notification) from error


def _no_pdf(notification: Notification) -> ContractError:
    if notification.status == "technical-failure":
        return BadRequestError("PDF not available for letters in status technical-failure")
    return PDFNotReadyError()
