"""What allauth's forms refuse of staff, as security events."""

from collections.abc import Mapping

from allauth.account.internal.stagekit import unstash_login
from allauth.core import context
from django.contrib.auth.models import User

from gaap.actors import Actor
from gaap.security.events import note_security_event
from gaap.security.refusals import audit_security_event

#: allauth's codes of errors: which event each is, and what was wrong. A wrong first password has a signal of its own.
WRONG_PROOFS: Mapping[str, tuple[str, str]] = {
    "enter_current_password": ("sign_in_failed", "password_again"),
    "incorrect_code": ("sign_in_failed", "code"),
    "incorrect_password": ("sign_in_failed", "password_again"),
    "too_many_login_attempts": ("sign_in_locked", "password"),
}


def note_wrong_proof(code: str) -> None:
    """Note what an error of a form tells about a person; other errors are nobody's business here.

    Whoever is signed in, or gave the right password before, is named in the audit too.
    """
    if code not in WRONG_PROOFS:
        return
    event, way = WRONG_PROOFS[code]
    person = _person()
    by = Actor.for_user(person) if person else None
    note_security_event(event, by=by, way=way)
    if person and by:
        audit_security_event(event, by=by, target=person, after={"way": way})


def _person() -> User | None:
    request = context.request
    if request is None:
        return None
    if isinstance(request.user, User):
        return request.user
    login = unstash_login(request, peek=True)
    return login.user if login and isinstance(login.user, User) else None
