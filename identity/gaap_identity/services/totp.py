"""Authenticator apps: codes of six digits that change every 30 seconds (TOTP, RFC 6238, with HMAC-SHA-1)."""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

from django.db import transaction

from gaap.audit.services import record
from gaap.clock import now
from gaap.conf import conf
from gaap_identity.errors import WrongCodeError
from gaap_identity.models import Account, AuthenticatorApp
from gaap_identity.services.failed_tries import noted_when_wrong
from gaap_identity.services.limits import APP_CODE, forget_tries, spend_try
from gaap_identity.services.sessions import citizen

STEP_SECONDS = 30
DIGITS = 6
#: Steps before and after the present one that are taken too: clocks differ, and people type slowly.
TOLERANCE = 1
SECRET_BYTES = 20


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32 (RFC 4226, 4)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_uri(secret: str, *, account_name: str) -> str:
    """Return the address that an app reads from a QR code."""
    issuer = str(conf.brand["name"])
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{account_name}')}?{query}"


def code_at(secret: str, step: int) -> str:
    """Return the code of one time step (RFC 4226, 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    place = digest[-1] & 0xF
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def present_step() -> int:
    """Return the number of the present time step."""
    return int(now().timestamp()) // STEP_SECONDS


def present_code(secret: str) -> str:
    """Return the code of now, as the app would show it."""
    return code_at(secret, present_step())


def matching_step(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the step near now, later than ``after``, whose code is ``code``; None when there is none."""
    here = present_step()
    near = (step for step in range(here - TOLERANCE, here + TOLERANCE + 1) if step > after)
    return next((step for step in near if hmac.compare_digest(code_at(secret, step), code)), None)


@transaction.atomic
def add_app(account: Account, *, secret: str, code: str) -> None:
    """Let ``account`` use the app that shares ``secret`` and showed ``code``; raises WrongCodeError, LockedError."""
    spend_try(APP_CODE, subject=str(account.pk))
    step = matching_step(secret, code)
    if step is None:
        raise WrongCodeError("The app's code does not match.")
    forget_tries(APP_CODE, subject=str(account.pk))
    AuthenticatorApp.objects.update_or_create(account=account, defaults={"secret": secret, "last_step": step})
    account.second_factor = Account.SecondFactor.APP
    account.save(update_fields=["second_factor"])
    record("second_factor_added", target=account, by=citizen(account), after={"second_factor": "app"})


@noted_when_wrong("app_code", whose=lambda account, **_: account)
def check_app_code(account: Account, *, code: str) -> None:
    """Use up the app's code; raises WrongCodeError, LockedError after six tries. No code works twice."""
    spend_try(APP_CODE, subject=str(account.pk))
    app = AuthenticatorApp.objects.filter(account=account).first()
    step = matching_step(app.secret, code, after=app.last_step) if app else None
    if app is None or step is None:
        raise WrongCodeError("The app's code does not match.")
    if not AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step).update(last_step=step):
        raise WrongCodeError("The app's code was used already.")
    forget_tries(APP_CODE, subject=str(account.pk))
