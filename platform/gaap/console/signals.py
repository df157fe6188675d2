"""Sign-up, sign-in, passwords and second factors in the audit."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.signals import authentication_step_completed, password_changed, password_reset, user_signed_up
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.security.events import note_security_event


@receiver(user_signed_up)
def note_sign_up(request: HttpRequest, user: User, **_: Any) -> None:
    """Record that somebody made an account."""
    record("person_signed_up", target=user, by=Actor.for_user(user))


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Record that a team member or operator signed in; after signing up, that they have just proved who they are."""
    record("person_signed_in", target=user, by=Actor.for_user(user))
    note_security_event("sign_in_succeeded", by=Actor.for_user(user))
    if not get_authentication_records(request, user):
        record_authentication(request, user, "sign_up")


@receiver(authentication_step_completed)
def change_token(request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:
    """Give a session another token when somebody has proved once more who they are (ASVS 5.0, 7.2.4)."""
    if not reauthenticated:
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


@receiver(user_login_failed)
def note_failed_sign_in(**_: Any) -> None:
    """Note that a password was wrong, in the log alone: an address that has no account takes the same time."""
    note_security_event("sign_in_failed", way="password")


@receiver([password_changed, password_reset])
def note_password(request: HttpRequest, user: User, **_: Any) -> None:
    """Record that somebody has a new password."""
    record("password_changed", target=user, by=Actor.for_user(user))


@receiver(authenticator_added)
def note_second_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Record a new second factor, and that it was just used: nobody adds one without a code from it."""
    record("second_factor_added", target=user, by=Actor.for_user(user), after={"type": authenticator.type})
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver([authenticator_removed, authenticator_reset])
def note_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Record that a second factor was removed or replaced."""
    record("second_factor_removed", target=user, by=Actor.for_user(user), after={"type": authenticator.type})
