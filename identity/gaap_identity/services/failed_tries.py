"""Wrong passwords, codes and passkeys as security events.

Wrong passwords are in the log alone: a row of the audit for addresses that have an account, and none for the others,
would take a different time and so tell which is which. What is wrong after the password is in the audit too.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from gaap.security.events import note_security_event
from gaap.security.refusals import audit_security_event
from gaap_identity.errors import LockedError, PasskeyRefusedError, SignInRefusedError, WrongCodeError
from gaap_identity.models import Account, BrowserSession
from gaap_identity.services.sessions import citizen

Check = TypeVar("Check", bound=Callable[..., Any])


def noted_when_wrong(way: str, *, whose: Callable[..., Account | None] | None = None) -> Callable[[Check], Check]:
    """Decorate a function that checks what a citizen proves themselves by; ``way`` names it, e.g. ``app_code``.

    ``whose`` takes the function's arguments and returns the account, whose owner gave the right password before.
    """

    def decorate(check: Check) -> Check:
        @wraps(check)
        def noted(*args: Any, **kwargs: Any) -> Any:
            try:
                return check(*args, **kwargs)
            except (LockedError, PasskeyRefusedError, SignInRefusedError, WrongCodeError) as error:
                event = "sign_in_locked" if isinstance(error, LockedError) else "sign_in_failed"
                _note(event, way=way, account=whose(*args, **kwargs) if whose else None)
                raise

        return cast(Check, noted)

    return decorate


def account_in(session: BrowserSession) -> Account | None:
    """Return who is signed in in the browser, or whose password was given there, if anybody's."""
    return session.account or Account.objects.filter(pk=session.data.get("pending")).first()


def _note(event: str, *, way: str, account: Account | None) -> None:
    by = citizen(account) if account else None
    note_security_event(event, by=by, way=way)
    if account is not None and by is not None:
        audit_security_event(event, by=by, target=account, after={"way": way})
