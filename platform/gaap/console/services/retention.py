"""Forgetting the console's emails, invitations and sessions when nobody needs them any more."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from gaap.clock import now
from gaap.console.models import ConsoleEmail, Invitation
from gaap.privacy.people import Subject

EMAILS_KEPT = timedelta(days=7)
INVITATIONS_KEPT = timedelta(days=90)
SESSIONS_KEPT = timedelta(days=90)


def purge_emails(limit: int) -> int:
    """Remove at most ``limit`` emails that were sent or given up."""
    settled = ConsoleEmail.objects.filter(due_at__isnull=True, created_at__lt=now() - EMAILS_KEPT)
    keys = list(settled.values_list("pk", flat=True)[:limit])
    ConsoleEmail.objects.filter(pk__in=keys).delete()
    return len(keys)


def purge_invitations(limit: int) -> int:
    """Remove at most ``limit`` invitations that were accepted, withdrawn or ran out."""
    edge = now() - INVITATIONS_KEPT
    settled = Q(accepted_at__lt=edge) | Q(revoked_at__lt=edge) | Q(expires_at__lt=edge)
    keys = list(Invitation.objects.filter(settled).values_list("pk", flat=True)[:limit])
    Invitation.objects.filter(pk__in=keys).delete()
    return len(keys)


def purge_sessions(limit: int) -> int:
    """Remove at most ``limit`` sessions of each kind that ended."""
    seen = UserSession.objects.filter(last_seen_at__lt=now() - SESSIONS_KEPT)
    seen_keys = list(seen.values_list("pk", flat=True)[:limit])
    UserSession.objects.filter(pk__in=seen_keys).delete()
    ended = list(Session.objects.filter(expire_date__lt=now()).values_list("pk", flat=True)[:limit])
    Session.objects.filter(pk__in=ended).delete()
    return len(seen_keys) + len(ended)


def invitations_to(subject: Subject) -> "QuerySet[Invitation]":
    """Return the invitations to one of the person's addresses."""
    return Invitation.objects.filter(_one_of("email", subject))


def emails_to(subject: Subject) -> "QuerySet[ConsoleEmail]":
    """Return the console's emails to one of the person's addresses."""
    return ConsoleEmail.objects.filter(_one_of("recipient", subject))


def _one_of(column: str, subject: Subject) -> Q:
    found = Q(pk__in=[])
    for email in subject.emails:
        found |= Q(**{f"{column}__iexact": email})
    return found
