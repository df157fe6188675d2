"""Inviting colleagues into a service's team."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.console.conf import conf
from gaap.console.models import Invitation
from gaap.console.services.messages import send_invitation
from gaap.crypto import keyed_digest
from gaap.limits.bucket import Policy
from gaap.limits.stores import store
from gaap.organisations.models import Membership, Service
from gaap.organisations.services import set_membership

#: Emails to strangers in a service's name: twenty at once, then one every three minutes.
SENDING = Policy("console-invitations", capacity=20, refill_per_second=1 / 180)


class InvitationError(ValueError):
    """The invitation cannot be made or accepted; the text says why to the person who tries."""


@dataclass(frozen=True)
class IssuedInvitation:
    """An invitation with the token of its link, which is in the email and nowhere else."""

    invitation: Invitation
    token: str = field(repr=False)


def invite(email: str, *, service: Service, role: str, user: User) -> IssuedInvitation:
    """Invite ``email`` into the team on behalf of ``user`` and send the link.

    Raises InvitationError for somebody who belongs to the team or was invited already, and after too many invitations.
    """
    email = email.strip().lower()
    if Membership.objects.filter(service=service, user__username__iexact=email).exists():
        raise InvitationError(_("This person belongs to the team already"))
    _take_turn(service.pk)
    try:
        return _create(email, service=service, role=role, user=user)
    except IntegrityError:
        raise InvitationError(_("This person has been invited already; send the invitation again instead")) from None


@transaction.atomic
def resend(invitation: Invitation, *, user: User) -> IssuedInvitation | None:
    """Send a fresh link, after which the earlier one opens nothing; returns None when it was used or withdrawn.

    Raises InvitationError after too many invitations.
    """
    _take_turn(invitation.service_id)
    token = secrets.token_urlsafe(32)
    fresh = {"token_digest": _digest(token), "expires_at": now() + conf.invitation_lifetime}
    if not Invitation.objects.standing(invitation.service_id).filter(pk=invitation.pk).update(**fresh):
        return None
    invitation.refresh_from_db()
    record("invitation_sent_again", target=invitation, by=Actor.for_user(user), after=invitation.summary)
    send_invitation(invitation, token=token)
    return IssuedInvitation(invitation, token)


@transaction.atomic
def withdraw(invitation: Invitation, *, by: Actor) -> bool:
    """Make the link open nothing; returns False when it was used or withdrawn already."""
    standing = Invitation.objects.standing(invitation.service_id).filter(pk=invitation.pk)
    if not standing.update(revoked_at=now()):
        return False
    record("invitation_withdrawn", target=invitation, by=by, after=invitation.summary)
    return True


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that a link can still be used for."""
    found = Invitation.objects.open().select_related("service__organisation")
    return found.filter(token_digest=_digest(token), service__archived_at__isnull=True).first()


@transaction.atomic
def accept(invitation: Invitation, *, user: User) -> Membership:
    """Make ``user`` a member; raises InvitationError when it is another's, was used, withdrawn, or has run out."""
    if user.email.lower() != invitation.email:
        raise InvitationError(_("This invitation is for another address"))
    # The condition names this table's columns alone: with a join PostgreSQL would not look again after waiting.
    if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=now()):
        raise InvitationError(_("This invitation has been used or is too old"))
    by = Actor.for_user(user)
    record("invitation_accepted", target=invitation, by=by, after=invitation.summary)
    standing = Membership.objects.filter(user=user, service=invitation.service).first()
    if standing is not None and standing.includes(invitation.role):
        return standing
    return set_membership(user, service=invitation.service, role=invitation.role, by=by)


@transaction.atomic
def _create(email: str, *, service: Service, role: str, user: User) -> IssuedInvitation:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        service=service,
        email=email,
        role=role,
        token_digest=_digest(token),
        invited_by=user.get_username(),
        expires_at=now() + conf.invitation_lifetime,
    )
    record("invitation_sent", target=invitation, by=Actor.for_user(user), after=invitation.summary)
    send_invitation(invitation, token=token)
    return IssuedInvitation(invitation, token)


def _take_turn(service_id: UUID) -> None:
    if not store().take(f"{SENDING.name}:{service_id}", SENDING).is_allowed:
        raise InvitationError(_("You have sent many invitations; wait a few minutes"))


def _digest(token: str) -> str:
    return keyed_digest(token, purpose="console.invitation")
