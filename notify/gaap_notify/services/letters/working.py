"""The steps of a letter before it is printed: scanning, checking, setting, and then waiting for the cut-off.

1. A worker claims the letter for a lease; a killed worker's letter becomes due again by itself.
2. Scanner and typesetter work outside of any transaction.
3. A guarded move writes what came of it.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import override

from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap.work import claim, held
from gaap_notify.conf import conf
from gaap_notify.models import Letter, Notification, VaultFile
from gaap_notify.recipients.postal import PostalAddress
from gaap_notify.rendering.letters import LetterPages, LetterPart, render_letter
from gaap_notify.rendering.letters.checking import MAX_PAGES, TOO_LONG, check_pdf
from gaap_notify.services.letters.calendar import cut_off
from gaap_notify.services.letters.judging import JudgedPdf, judge_pdf
from gaap_notify.services.letters.printing import letter_provider, print_at_once
from gaap_notify.services.notifications import change_status
from gaap_notify.services.scanning import ScanError, is_clean
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.vault import FileLostError, StorageAwayError, put_file, read_file
from gaap_notify.states import CREATED, PENDING_VIRUS_CHECK, TECHNICAL_FAILURE, VALIDATION_FAILED, VIRUS_SCAN_FAILED

logger = logging.getLogger(__name__)

TRIES = 20
PAUSE = timedelta(minutes=5)
_WELSH = "cy"


def work_on_letter(notification_id: UUID) -> None:
    """Do what is due before a letter can be printed; nothing when it is not due or another worker has it."""
    rows = Letter.objects.select_related("notification__service", "notification__template_version", "file")
    letter = rows.filter(pk=notification_id, pages=0).first()
    if letter is None or not claim(letter):
        return
    if letter.attempts > TRIES:
        _end(letter, TECHNICAL_FAILURE, fault="every-try-broke-off")
        return
    try:
        _work(letter)
    except (ScanError, StorageAwayError) as error:
        logger.warning("Letter %s, try %d: %s", letter.pk, letter.attempts, error)
        held(letter).update(due_at=now() + PAUSE)


def _work(letter: Letter) -> None:
    if letter.notification.status == PENDING_VIRUS_CHECK:
        _check(letter)
    elif letter.notification.status == CREATED:
        _set(letter)
    else:
        held(letter).update(due_at=None)


def _check(letter: Letter) -> None:
    """Scan and check a letter that came as a PDF."""
    try:
        data = read_file(_file(letter))
        clean = is_clean(data)
    except FileLostError:
        _end(letter, TECHNICAL_FAILURE, fault="file-lost")
        return
    if clean:
        _judge(letter, judge_pdf(data, service_id=letter.notification.service_id))
    else:
        _end(letter, VIRUS_SCAN_FAILED, fault="virus-found")


def _judge(letter: Letter, judged: JudgedPdf) -> None:
    if judged.address is None:
        _end(letter, VALIDATION_FAILED, fault=judged.fault, fault_pages=judged.fault_pages, pages=judged.pages)
    else:
        _pass(letter, judged.pages, judged.address)


def _pass(letter: Letter, pages: int, address: PostalAddress) -> None:
    """Let the letter wait for its printing; it goes where its page says."""
    text = str(address)
    moved = change_status(
        letter.notification,
        CREATED,
        by=SYSTEM,
        recipient=text,
        address=text,
        recipient_digest=recipient_digest(text.casefold()),
    )
    if moved:
        _schedule(letter, pages=pages, postage=address.zone or letter.postage)


def _set(letter: Letter) -> None:
    """Set a letter that is made from a template and count its pages."""
    data = set_letter(letter)
    pages = check_pdf(data).pages
    if pages > MAX_PAGES:
        faulty = tuple(range(MAX_PAGES + 1, pages + 1))
        kept = put_file(data)
        _end(letter, VALIDATION_FAILED, fault=TOO_LONG, fault_pages=faulty, pages=pages, file=kept)
    else:
        _schedule(letter, pages=pages, file=put_file(data))


def set_letter(letter: Letter) -> bytes:
    """Return the PDF of a letter that is made from a template."""
    notification, font = letter.notification, conf.letter_font
    language = notification.language or notification.service.languages[0]
    parts = [_part(letter, language, notification.subject, notification.body)]
    if letter.welsh_body:
        parts.insert(0, _part(letter, _WELSH, letter.welsh_subject, letter.welsh_body))
        parts[1] = _part(letter, "en", notification.subject, notification.body)
    pages = LetterPages(
        address=notification.address.splitlines(),
        contact=letter.contact.splitlines(),
        parts=parts,
        font=font["family"],
        font_folder=font["folder"],
    )
    return render_letter(pages, made_at=notification.created_at)


def _part(letter: Letter, language: str, subject: str, body: str) -> LetterPart:
    return LetterPart(language, subject, body, _date(letter, language))


def _date(letter: Letter, language: str) -> str:
    """Return the day of the letter as its language writes it."""
    with override(language):
        return date_format(letter.notification.created_at, "j F Y" if language == "en" else "DATE_FORMAT")


def _schedule(letter: Letter, **changes: object) -> None:
    """Let the letter wait for the end of the day; where nothing is really printed it need not."""
    at_once = _prints_at_once(letter.notification)
    due_at = now() if at_once else cut_off(letter.notification.created_at)
    if held(letter).update(**changes, due_at=due_at) and at_once:
        print_at_once(letter.pk)


def _prints_at_once(notification: Notification) -> bool:
    try:
        return letter_provider(notification).prints_at_once
    except ProviderError as error:
        logger.warning("Letter %s waits for its cut-off: %s", notification.pk, error)
        return False


def _end(letter: Letter, status: str, *, fault: str, fault_pages: tuple[int, ...] = (), **changes: object) -> None:
    with transaction.atomic():
        held(letter).update(fault=fault, fault_pages=list(fault_pages), due_at=None, **changes)
        change_status(letter.notification, status, by=SYSTEM, failure=fault)


def _file(letter: Letter) -> VaultFile:
    if letter.file is None:
        raise FileLostError(f"Letter {letter.pk} has no file.")
    return letter.file
