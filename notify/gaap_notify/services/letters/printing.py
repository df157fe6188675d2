"""Print runs: letters whose cut-off is over go to their printer together.

1. ``gather_runs`` ties due letters to a run, in one transaction; from then on they cannot be taken back.
2. ``work_on_run`` claims the run and hands it over; a repeat after a crash carries the same id.
3. ``collect_reports`` asks the printers what has become of letters.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from gaap.actors import SYSTEM, Actor
from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap.providers.registry import UnknownProviderError
from gaap.work import claim, held
from gaap_notify.conf import conf
from gaap_notify.hints import wake_task
from gaap_notify.models import Letter, Notification, PrintRun
from gaap_notify.models.channels import Channel
from gaap_notify.providers import make_provider
from gaap_notify.providers.letters.base import LetterProvider, PrintJob, PrintLetter, PrintReport
from gaap_notify.services.notifications import change_status
from gaap_notify.services.provider_choice import NobodyReadyError, choose_alias, provider_named
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.vault import FileLostError, StorageAwayError, read_file
from gaap_notify.states import CREATED, SENDING, TECHNICAL_FAILURE, table_for

logger = logging.getLogger(__name__)

#: Letters of one run; their PDFs are in memory together.
RUN_SIZE = 100
PAUSE = timedelta(minutes=5)


def letter_provider(notification: Notification) -> LetterProvider:
    """Return the provider that prints the letter; raises ProviderError."""
    try:
        alias = choose_alias(notification, settings=settings_of(notification.service_id))
    except NobodyReadyError as error:
        raise ProviderError("Every printer rests.", permanent=False) from error
    return cast(LetterProvider, provider_named(notification, alias))


def print_at_once(letter_id: UUID) -> None:
    """Print one letter in a run of its own, unless it has been printed or taken back meanwhile."""
    with transaction.atomic():
        runs = _make_runs(list(_due(Letter.objects.filter(pk=letter_id))))
    for run_id in runs:
        work_on_run(run_id)


@transaction.atomic
def gather_runs() -> int:
    """Tie letters that are due to print runs, at most 100 at a time, and return how many letters there were."""
    letters = list(_due(Letter.objects.order_by("due_at"))[:RUN_SIZE])
    for run_id in _make_runs(letters):
        wake_task("work_on_run", str(run_id))
    return len(letters)


def _due(letters: "QuerySet[Letter]") -> "QuerySet[Letter]":
    """Return those of ``letters`` that wait for printing, locked; what another worker has locked is left out."""
    skips = connection.features.has_select_for_update_skip_locked
    due = letters.filter(due_at__lte=now(), notification__status=CREATED, run__isnull=True, pages__gt=0)
    return due.select_related("notification__service").select_for_update(of=("self",), skip_locked=skips)


def _make_runs(letters: Sequence[Letter]) -> list[UUID]:
    by_provider: dict[str, list[UUID]] = defaultdict(list)
    for letter in letters:
        try:
            by_provider[letter_provider(letter.notification).alias].append(letter.pk)
        except ProviderError as error:
            logger.warning("Letter %s waits: %s", letter.pk, error)
            Letter.objects.filter(pk=letter.pk).update(due_at=now() + PAUSE)
    return [_make_run(alias, ids) for alias, ids in by_provider.items()]


def _make_run(alias: str, letter_ids: Sequence[UUID]) -> UUID:
    run = PrintRun.objects.create(provider=alias, due_at=now())
    Letter.objects.filter(pk__in=letter_ids).update(run=run, due_at=None)
    return run.pk


def work_on_run(run_id: UUID) -> None:
    """Hand a print run over; nothing when it is not due or another worker has it."""
    run = PrintRun.objects.filter(pk=run_id).first()
    if run is None or not claim(run):
        return
    try:
        printed = _printed(run)
    except StorageAwayError as error:
        logger.warning("Print run %s, try %d: %s", run.pk, run.attempts, error)
        held(run).update(due_at=now() + PAUSE, failure=str(error)[:255])
        return
    letters = [letter for letter, _ in printed]
    try:
        _provider(run.provider).send(PrintJob(run.pk, tuple(as_printed for _, as_printed in printed)))
    except ProviderError as error:
        _record_refusal(run, letters, error)
    else:
        _record_acceptance(run, letters)


def collect_reports() -> int:
    """Ask every printer what has become of letters, write it down, and return how many reports there were."""
    return sum(_collect(alias) for alias in conf.providers(Channel.LETTER))


def apply_report(report: PrintReport, *, by: Actor) -> bool:
    """Move a letter as its printer says; returns False for a repeat, and for a letter that nobody knows."""
    rows = Notification.objects.select_related("template_version").filter(type=Channel.LETTER)
    notification = rows.filter(pk=report.letter_id).first()
    if notification is None or not table_for(Channel.LETTER).can_move(notification.status, report.status):
        return False
    return change_status(notification, report.status, by=by, failure=report.detail)


def _collect(alias: str) -> int:
    found, actor = 0, Actor("provider", alias, alias)
    try:
        provider = _provider(alias)
        for batch in provider.collect():
            found += sum(apply_report(report, by=actor) for report in batch.reports)
            provider.settle(batch.name)
    except ProviderError as error:
        logger.warning("Printer %s: %s", alias, error)
    return found


def _provider(alias: str) -> LetterProvider:
    config = conf.providers(Channel.LETTER).get(alias)
    if config is None:
        raise ProviderError(f"No letter provider {alias!r} is configured.", permanent=False)
    try:
        return cast(LetterProvider, make_provider(Channel.LETTER, config))
    except UnknownProviderError as error:
        raise ProviderError(str(error), permanent=False) from error


def _printed(run: PrintRun) -> list[tuple[Letter, PrintLetter]]:
    """Return the letters of the run with what is handed over; one whose file is lost fails by itself.

    Raises StorageAwayError: then the whole run waits, for a letter left out would never be printed.
    """
    found = []
    for letter in run.letters.select_related("notification__template_version", "file").order_by("pk"):
        try:
            found.append((letter, _as_printed(letter)))
        except FileLostError as error:
            change_status(letter.notification, TECHNICAL_FAILURE, by=SYSTEM, failure=str(error)[:255])
    return found


def _as_printed(letter: Letter) -> PrintLetter:
    return PrintLetter(
        id=letter.pk,
        postage=letter.postage,
        pages=letter.pages,
        sheets=letter.sheets,
        pdf=_read(letter),
        address=letter.notification.address,
        subject=letter.notification.subject,
    )


def _read(letter: Letter) -> bytes:
    if letter.file is None:
        raise FileLostError(f"Letter {letter.pk} has no file.")
    return read_file(letter.file)


def _record_acceptance(run: PrintRun, letters: Sequence[Letter]) -> None:
    moment = now()
    for letter in _unsent(letters):
        change_status(letter.notification, SENDING, by=SYSTEM, provider=run.provider, sent_at=moment)
    held(run).update(due_at=None, submitted_at=moment, failure="")


def _record_refusal(run: PrintRun, letters: Sequence[Letter], error: ProviderError) -> None:
    logger.warning("Print run %s, try %d: %s", run.pk, run.attempts, error)
    if not error.permanent:
        held(run).update(due_at=now() + PAUSE, failure=str(error)[:255])
        return
    for letter in _unsent(letters):
        change_status(letter.notification, TECHNICAL_FAILURE, by=SYSTEM, failure=str(error)[:255])
    held(run).update(due_at=None, failure=str(error)[:255])


def _unsent(letters: Sequence[Letter]) -> list[Letter]:
    """Return the letters that no earlier try has got further with."""
    return [letter for letter in letters if letter.notification.status == CREATED]
