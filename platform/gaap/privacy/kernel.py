"""The kernel's own personal data: of team members and operators, and what passes through on its way to webhooks."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from gaap.events.retention import EVENTS, purge_events
from gaap.idempotency.services import sweep_answers
from gaap.privacy.declarations import DataProtection, Personal, Purge, Reason
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.privacy.retention_periods import Retention
from gaap.webhooks.services.retention import purge_deliveries

_AUDITED = "as long as the audit"
_ACCOUNT = "as long as the person's account"
_ACTOR = Personal("Shows afterwards who did what", Reason.LEGAL_DUTY, _AUDITED)
_CHANGE = Personal(
    "Shows what an act changed; a team member's address where it is about one, never a citizen's data",
    Reason.LEGAL_DUTY,
    _AUDITED,
)
_SENT = "until the delivery is forgotten: 7 days after it was settled, 30 days for the service's own webhooks"
_PERSON = Personal("Lets a team member or operator sign in, and names them to their team", Reason.EMPLOYMENT, _ACCOUNT)


class KernelDataProtection(DataProtection):
    """What the kernel keeps, and Django's own tables."""

    personal: ClassVar[Mapping[str, Personal]] = {
        "gaap.AuditEvent.actor_id": _ACTOR,
        "gaap.AuditEvent.actor_label": _ACTOR,
        "gaap.AuditEvent.on_behalf_of": _ACTOR,
        "gaap.AuditEvent.before": _CHANGE,
        "gaap.AuditEvent.after": _CHANGE,
        "gaap.StoredAnswer.body": Personal(
            "Gives a repeated request the answer that the first one got", Reason.PUBLIC_TASK, "24 hours"
        ),
        "gaap.OutboxEvent.data": Personal(
            "Tells the service what happened; of a person at most the service's own reference",
            Reason.PUBLIC_TASK,
            EVENTS,
        ),
        "gaap.ApiKey.created_by": Personal(
            "Tells a team whose key it is", Reason.EMPLOYMENT, "as long as the service has the key"
        ),
        "gaap.Delivery.body": Personal(
            "Tells the service what happened, as its contract says", Reason.PUBLIC_TASK, _SENT
        ),
        "gaap.DeliveryAttempt.body": Personal(
            "Shows the team what its receiver answered, should it repeat what it was sent", Reason.PUBLIC_TASK, _SENT
        ),
        "gaap.SubjectRequest.subject_digest": Personal(
            "Shows that a person's request was answered, to whoever knows the person", Reason.LEGAL_DUTY, _AUDITED
        ),
        "auth.User.username": _PERSON,
        "auth.User.first_name": _PERSON,
        "auth.User.last_name": _PERSON,
        "auth.User.email": _PERSON,
        "auth.User.password": _PERSON,
        "sessions.Session.session_data": Personal(
            "Keeps a team member or operator signed in", Reason.EMPLOYMENT, "until the session ends"
        ),
        "admin.LogEntry.object_repr": Personal("Shows what an operator changed", Reason.LEGAL_DUTY, _AUDITED),
        "admin.LogEntry.change_message": Personal("Shows what an operator changed", Reason.LEGAL_DUTY, _AUDITED),
    }
    impersonal: ClassVar[Mapping[str, str]] = {
        "gaap.AuditEvent": "action actor_kind target_type target_id purpose mac",
        "gaap.AuditSeal": "leaves gaps previous_hash hash",
        "gaap.StoredAnswer": "world key fingerprint headers",
        "gaap.Organisation": "name",
        "gaap.Service": "name languages rate_limits",
        "gaap.ApiKey": "name scopes secret secret_digest",
        "gaap.OutboxEvent": "name subject failure",
        "gaap.Incident": "part",
        "gaap.IncidentText": "language title text",
        "gaap.Subscription": "style url events description",
        "gaap.WebhookSecret": "secret",
        "gaap.RetentionPeriod": "noun",
        "gaap.SubjectRequest": "purpose outcome",
        "gaap.Delivery": "message_id type subject failure",
        "gaap.DeliveryAttempt": "error",
        "auth.Permission": "name codename",
        "auth.Group": "name",
        "contenttypes.ContentType": "app_label model",
        "sessions.Session": "session_key",
        "admin.LogEntry": "object_id",
    }

    def retentions(self) -> Iterable[Retention]:
        """Return what a service may choose of the kernel's."""
        return (EVENTS,)

    def purges(self) -> Iterable[Purge]:
        """Forget settled deliveries, answers to repeats and events; deliveries first, for they hold their events."""
        return Purge("deliveries", purge_deliveries), Purge("answers", sweep_answers), Purge("events", purge_events)

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return the team members and operators with one of the addresses, and their teams."""
        for user in people_with(subject):
            yield SubjectRecord("team_member", user, ("username", "first_name", "last_name", "email", "date_joined"))
            for membership in user.memberships.select_related("service"):
                yield SubjectRecord("membership", membership, ("role", "created_at"), service=str(membership.service))

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Keep them: the audit names who did what, and an operator closes the account of somebody who leaves."""
        return (Erasure("team_member", kept=people_with(subject).count()),)


def people_with(subject: Subject) -> "QuerySet[User]":
    """Return the team members and operators with one of the person's addresses."""
    found = Q(pk__in=[])
    for email in subject.emails:
        found |= Q(email__iexact=email)
    return User.objects.filter(found)
