"""Limits on tries, and on what is sent in a day. Each is counted before it is judged: parallel ones gain nothing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap_identity.errors import LockedError, SpentError
from gaap_identity.models import TryCounter


@dataclass(frozen=True)
class Limit:
    """So many tries, then none for ``period`` after the last one counted; ``is_quota``: after the first one."""

    purpose: str
    tries: int
    period: timedelta
    is_quota: bool = False


def of_a_day(purpose: str, *, tries: int) -> Limit:
    """Return the limit that lets ``tries`` pass within 24 hours of the first one, and then begins anew."""
    return Limit(purpose, tries=tries, period=timedelta(days=1), is_quota=True)


PASSWORD = Limit("password", tries=6, period=timedelta(minutes=15))
CODE = Limit("code", tries=6, period=timedelta(minutes=15))
CODE_SENDS = Limit("code_send", tries=6, period=timedelta(minutes=15))
CODE_SENDS_OF_A_DAY = of_a_day("code_send_day", tries=20)
#: Of one account, or of one browser before there is an account, to whatever addresses and numbers.
CODE_SENDS_OF_AN_ACCOUNT = of_a_day("code_account_day", tries=20)
APP_CODE = Limit("app_code", tries=6, period=timedelta(minutes=15))
COMPANY_CLAIMS = of_a_day("company_claim", tries=10)
POWER_OFFERS = of_a_day("power_offer", tries=20)
RECOVERY_CODE = Limit("recovery_code", tries=6, period=timedelta(minutes=15))


def spend_try(limit: Limit, *, subject: str) -> None:
    """Count one try for ``subject`` (an address, a number or an id); raises LockedError when none is left.

    Of a quota the error is SpentError.
    """
    moment = now()
    counter, _ = TryCounter.objects.get_or_create(
        purpose=limit.purpose, subject_digest=_digest(limit, subject), defaults={"expires_at": moment + limit.period}
    )
    mine = TryCounter.objects.filter(pk=counter.pk)
    mine.filter(expires_at__lte=moment).update(tries=0, expires_at=moment + limit.period)
    later = {} if limit.is_quota else {"expires_at": moment + limit.period}
    if mine.filter(tries__lt=limit.tries).update(tries=F("tries") + 1, **later):
        return
    if mine.exists():
        raise (SpentError if limit.is_quota else LockedError)(f"Too many tries: {limit.purpose}.")
    # Housekeeping removed the expired counter between two statements.
    spend_try(limit, subject=subject)


def forget_tries(limit: Limit, *, subject: str) -> None:
    """Start counting anew for ``subject``, because the right answer was given."""
    TryCounter.objects.filter(purpose=limit.purpose, subject_digest=_digest(limit, subject)).update(tries=0)


def _digest(limit: Limit, subject: str) -> str:
    return keyed_digest(subject, purpose=f"identity.limit.{limit.purpose}")
