"""Forgetting sign-ins and identity checks: abandoned ones soon, finished ones when their time is over."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from gaap.clock import now
from gaap.privacy.people import Subject
from gaap.privacy.retention import overdue
from gaap.privacy.retention_periods import Retention
from gaap_identity.contacts import normalise_email
from gaap_identity.models import Account, CoreIdentity, IdentityCheck, SecurityNotice, SignIn
from gaap_identity.models.accounts import email_digest
from gaap_identity.services.powers import end_all_powers, forget_offers
from gaap_identity.services.security_notices import queue_security_notices
from gaap_identity.states import IDENTITY_CHECK, SIGN_IN

SIGN_INS = Retention("identity.sign_ins", days=90, shortest=7, longest=400)
CHECKS = Retention("identity.checks", days=90, shortest=7, longest=400)
#: Nobody comes back to what was left open for a day; a sign-in runs out after an hour.
ABANDONED_AFTER = timedelta(days=1)


def purge_sign_ins(limit: int) -> int:
    """Remove at most ``limit`` sign-ins that were left open or whose time is over; return how many."""
    left_open = Q(status=SIGN_IN.initial, created_at__lt=now() - ABANDONED_AFTER)
    return _remove(SignIn.objects.filter(left_open | overdue(SIGN_INS, since="created_at")), limit)


def purge_checks(limit: int) -> int:
    """Remove at most ``limit`` identity checks that were left open, or whose time is over and no identity stands on.

    What they proved stays with the account.
    """
    left_open = Q(status=IDENTITY_CHECK.initial, created_at__lt=now() - ABANDONED_AFTER)
    old = IdentityCheck.objects.filter(left_open | overdue(CHECKS, since="created_at"))
    return _remove(old.exclude(Exists(CoreIdentity.objects.filter(identity_check=OuterRef("pk")))), limit)


def _remove(old: "QuerySet[Any]", limit: int) -> int:
    keys = list(old.order_by("created_at").values_list("pk", flat=True)[:limit])
    old.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)


def accounts_of(subject: Subject) -> "QuerySet[Account]":
    """Return the accounts that the person names or whose email address they have.

    A phone number finds none: it may be shared with somebody else.
    """
    return Account.objects.filter(Q(pk__in=subject.accounts) | Q(email_digest__in=_digests_of(subject)))


def _digests_of(subject: Subject) -> list[str]:
    return [email_digest(email) for email in filter(None, map(_normalised, subject.emails))]


def erase_accounts(subject: Subject) -> int:
    """Erase the person's accounts with sign-ins, sessions and proven identity; return how many accounts went."""
    accounts = list(accounts_of(subject).select_for_update())
    # First, because the check that it stands on is protected by it.
    CoreIdentity.objects.filter(account__in=accounts).delete()
    for account in accounts:
        end_all_powers(account)
        queue_security_notices(account, kinds=(SecurityNotice.Kind.PURGED,))
        account.delete()
    forget_offers(_digests_of(subject))
    return len(accounts)


def _normalised(email: str) -> str:
    try:
        return normalise_email(email)
    except ValidationError:
        return ""
