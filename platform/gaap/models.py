"""The kernel's models, gathered for Django."""

from gaap.audit.models import AuditEvent, AuditSeal
from gaap.events.models import EventStream
from gaap.idempotency.models import StoredAnswer
from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership, Organisation, Service
from gaap.outbox.models import OutboxEvent
from gaap.privacy.models import RetentionPeriod, SubjectRequest
from gaap.status.models import Incident, IncidentText
from gaap.surge.models import SurgeQueue
from gaap.webhooks.models import Delivery, DeliveryAttempt, Subscription, WebhookSecret

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditSeal",
    "Delivery",
    "DeliveryAttempt",
    "EventStream",
    "Incident",
    "IncidentText",
    "Membership",
    "Organisation",
    "OutboxEvent",
    "RetentionPeriod",
    "Service",
    "StoredAnswer",
    "SubjectRequest",
    "Subscription",
    "SurgeQueue",
    "WebhookSecret",
]
