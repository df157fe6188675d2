"""One-time codes: six digits by text or email, good for 15 minutes and six tries (contract A.5)."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Literal

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap_identity.conf import ONE_TIME_CODE_LIFETIME, conf
from gaap_identity.contacts import is_abroad
from gaap_identity.errors import CodesSpentError, SpentError, WrongCodeError
from gaap_identity.models import Account, BrowserSession, OneTimeCode
from gaap_identity.services.failed_tries import account_in, noted_when_wrong
from gaap_identity.services.limits import (
    CODE,
    CODE_SENDS,
    CODE_SENDS_OF_A_DAY,
    CODE_SENDS_OF_AN_ACCOUNT,
    forget_tries,
    of_a_day,
    spend_try,
)
from gaap_identity.services.messages import Channel, Purpose, send_code

CODE_DIGITS = 6

CodePurpose = Literal["sign_in", "sign_up", "change", "reset"]
#: Which message a code goes out in: the words that tell a person what it is for.
MESSAGES: Mapping[CodePurpose, Purpose] = {
    "sign_in": "sign_in",
    "sign_up": "sign_up",
    "change": "change",
    "reset": "change",
}


def send_new_code(
    session: BrowserSession,
    *,
    channel: Channel,
    recipient: str,
    purpose: CodePurpose,
    language: str,
    account: Account | None = None,
) -> None:
    """Send a fresh code to ``recipient``; the ones before it stop working.

    ``account`` is the one whose password was given. Where none was, nothing hangs on whether there is one, so that the
    limits tell nobody.

    Raises LockedError when too many were sent of late, CodesSpentError when too many were sent today, UnreachableError,
    CodesUnavailableError.
    """
    _spend_send(session, channel=channel, recipient=recipient, purpose=purpose, account=account)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    session.codes.filter(purpose=purpose).delete()
    stored = OneTimeCode(session=session, purpose=purpose, recipient=recipient)
    stored.digest = _digest(stored, code)
    stored.expires_at = now() + ONE_TIME_CODE_LIFETIME
    stored.save()
    send_code(code, channel=channel, recipient=recipient, language=language, purpose=MESSAGES[purpose])


def _spend_send(
    session: BrowserSession, *, channel: Channel, recipient: str, purpose: CodePurpose, account: Account | None
) -> None:
    """Count one code to be sent; raises LockedError, CodesSpentError.

    Each purpose has its own limits, so nobody can be kept from signing in by somebody who signs up in their name.
    """
    spend_try(CODE_SENDS, subject=f"{purpose}:{recipient}")
    sender = account or session
    try:
        spend_try(CODE_SENDS_OF_A_DAY, subject=f"{purpose}:{recipient}")
        spend_try(CODE_SENDS_OF_AN_ACCOUNT, subject=f"{purpose}:{sender.pk}")
        if channel == "sms" and is_abroad(recipient):
            spend_try(of_a_day("texts_abroad", tries=conf.texts_abroad_per_day), subject="everybody")
    except SpentError as error:
        raise CodesSpentError(str(error)) from error


@noted_when_wrong("code", whose=lambda session, **_: account_in(session))
def check_code(session: BrowserSession, *, code: str, purpose: str) -> str:
    """Use up the code and return the recipient whom it proves.

    Raises WrongCodeError when ``code`` is not the one sent, was used or is too old; LockedError after six tries.
    """
    stored = session.codes.filter(purpose=purpose, used_at=None, expires_at__gt=now()).first()
    if stored is None:
        raise WrongCodeError("No code is waiting.")
    subject = f"{purpose}:{stored.recipient}"
    spend_try(CODE, subject=subject)
    is_right = hmac.compare_digest(stored.digest, _digest(stored, code))
    if not is_right or not OneTimeCode.objects.filter(pk=stored.pk, used_at=None).update(used_at=now()):
        raise WrongCodeError("The code does not match.")
    forget_tries(CODE, subject=subject)
    return str(stored.recipient)


def _digest(stored: OneTimeCode, code: str) -> str:
    return keyed_digest(f"{stored.pk}:{code}", purpose="identity.one_time_code")
