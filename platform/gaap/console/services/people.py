"""What operators do to the accounts of people: close them, and help those who have lost their second factor."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record


@transaction.atomic
def close_account(user: User, *, by: Actor) -> bool:
    """Let the person in no more, and end their sessions; returns False when the account is closed already.

    Raises ValueError for one's own account.
    """
    if by.id == str(user.pk):
        raise ValueError(_("You cannot close your own account."))
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return False
    record("account_closed", target=user, by=by)
    end_sessions(user)
    return True


@transaction.atomic
def open_account(user: User, *, by: Actor) -> bool:
    """Let the person in again; returns False when the account is not closed."""
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        return False
    record("account_opened", target=user, by=by)
    return True


@transaction.atomic
def remove_second_factor(user: User, *, by: Actor) -> bool:
    """Forget the person's app and recovery codes, and end their sessions; returns False when there were none.

    They get in with their password and add a new one at once, where one is needed.
    """
    removed = Authenticator.objects.filter(user=user).delete()[0]
    if removed:
        record("second_factor_removed", target=user, by=by)
        end_sessions(user)
    return bool(removed)


@transaction.atomic
def withdraw_operator(user: User, *, by: Actor) -> bool:
    """Keep the person out of the operators' admin; returns False when they were not let in.

    Raises ValueError for oneself.
    """
    if by.id == str(user.pk):
        raise ValueError(_("Somebody else must do that for you."))
    if not User.objects.filter(pk=user.pk, is_staff=True).update(is_staff=False, is_superuser=False):
        return False
    record("operator_withdrawn", target=user, by=by)
    return True


def end_sessions(user: User) -> None:
    """Sign the person out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def address_is_confirmed(user: User) -> bool:
    """Tell whether the person has shown that they read their mailbox."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())
