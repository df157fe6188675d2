"""The personal data of teams' people in the console, and in the tables of its sign-in."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gaap.console.adapters import SECRETS
from gaap.console.services.retention import emails_to, invitations_to, purge_emails, purge_invitations, purge_sessions
from gaap.privacy.declarations import DataProtection, Personal, Purge, Reason
from gaap.privacy.people import Erasure, Subject, SubjectRecord

_EMAIL = Personal("Sends a team member what the console has to tell", Reason.EMPLOYMENT, "7 days after it was sent")
_INVITED = Personal("Invites a colleague into a team", Reason.EMPLOYMENT, "90 days after it was settled or ran out")
_SIGN_IN = Personal("Lets a team member sign in", Reason.EMPLOYMENT, "as long as the person's account")
_SESSION = Personal("Shows a person where they are signed in, and signs them out there", Reason.SECURITY, "90 days")
_REQUEST = Personal("Lets an operator decide whether a service goes live", Reason.PUBLIC_TASK, "as long as the service")


class ConsoleDataProtection(DataProtection):
    """What the console keeps."""

    personal: ClassVar[Mapping[str, Personal]] = {
        "gaap_console.ConsoleEmail.recipient": _EMAIL,
        "gaap_console.ConsoleEmail.subject": _EMAIL,
        "gaap_console.ConsoleEmail.text": _EMAIL,
        "gaap_console.Invitation.email": _INVITED,
        "gaap_console.Invitation.invited_by": _INVITED,
        "gaap_console.GoLiveRequest.note": _REQUEST,
        "gaap_console.GoLiveRequest.answer": _REQUEST,
        "account.EmailAddress.email": _SIGN_IN,
        "mfa.Authenticator.data": _SIGN_IN,
        "usersessions.UserSession.ip": _SESSION,
        "usersessions.UserSession.user_agent": _SESSION,
        "usersessions.UserSession.data": _SESSION,
    }
    impersonal: ClassVar[Mapping[str, str]] = {
        "gaap_console.ConsoleEmail": "failure",
        "gaap_console.Invitation": "token_digest",
        "gaap_console.GoLiveRequest": "status",
        "account.EmailConfirmation": "key",
        "usersessions.UserSession": "session_key",
    }
    sealed_inside: ClassVar[Mapping[str, str]] = {"mfa.Authenticator.data": SECRETS}

    def purges(self) -> Iterable[Purge]:
        """Forget emails, invitations and sessions."""
        return (
            Purge("console emails", purge_emails),
            Purge("invitations", purge_invitations),
            Purge("sessions", purge_sessions),
        )

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return invitations to the person, and emails that were sent to them."""
        for invitation in invitations_to(subject).select_related("service"):
            columns = ("email", "role", "created_at", "accepted_at", "revoked_at")
            yield SubjectRecord("invitation", invitation, columns, service=str(invitation.service))
        for email in emails_to(subject):
            yield SubjectRecord("console_email", email, ("recipient", "subject", "created_at", "sent_at"))

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Remove both; an email that is still to be sent stays."""
        waiting = emails_to(subject).filter(due_at__isnull=False).count()
        sent, _ = emails_to(subject).filter(due_at__isnull=True).delete()
        invited, _ = invitations_to(subject).delete()
        return Erasure("invitation", erased=invited), Erasure("console_email", erased=sent, kept=waiting)
