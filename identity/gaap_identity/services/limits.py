"""Limits on tries. A try is counted before it is judged, so parallel guesses gain nothing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap_identity.errors import LockedError
from gaap_identity.models import TryCounter


@dataclass(frozen=True)
class Limit:
    """So many tries, then none for ``period`` after the last one counted."""

    purpose: str
    tries: int
    period: timedelta


PASSWORD = Limit("password", tries=6, period=timedelta(minutes=15))
CODE = Limit("code", tries=6, period=timedelta(minutes=15))
CODE_SENDS = Limit("code_send", tries=6, period=timedelta(minutes=15))
CODE_SENDS_OF_A_DAY = Limit("code_send_day", tries=20, period=timedelta(days=1))
APP_CODE = Limit("app_code", tries=6, period=timedelta(minutes=15))
POWER_OFFERS = Limit("power_offer", tries=20, period=timedelta(days=1))
RECOVERY_CODE = Limit("recovery_code", tries=6, period=timedelta(minutes=15))


def spend_try(limit: Limit, *, subject: str) -> None:
    """Count one try for ``subject`` (an address, a number or an id); raises LockedError when none is left."""
    moment = now()
    counter, _ = TryCounter.objects.get_or_create(
        purpose=limit.purpose, subject_digest=_digest(limit, subject), defaults={"expires_at": moment + limit.period}
    )
    mine = TryCounter.objects.filter(pk=counter.pk)
    mine.filter(expires_at__lte=moment).update(tries=0, expires_at=moment + limit.period)
    if mine.filter(tries__lt=limit.tries).update(tries=F("tries") + 1, expires_at=moment + limit.period):
        return
    if mine.exists():
        raise LockedError(f"Too many tries: {limit.purpose}.")
    # Housekeeping removed the expired counter between two statements.
    spend_try(limit, subject=subject)


def forget_tries(limit: Limit, *, subject: str) -> None:
    """Start counting anew for ``subject``, because the right answer was given."""
    TryCounter.objects.filter(purpose=limit.purpose, subject_digest=_digest(limit, subject)).update(tries=0)


def _digest(limit: Limit, subject: str) -> str:
    return keyed_digest(subject, purpose=f"identity.limit.{limit.purpose}")
