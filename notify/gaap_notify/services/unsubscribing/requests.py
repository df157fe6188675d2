"""What following the link of an email does: from then on the service sends no more emails that have such a link."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.outbox.services import emit
from gaap_notify.models import Notification, Suppression, UnsubscribeRequest
from gaap_notify.models.channels import Channel
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.suppressions import lift, suppress
from gaap_notify.services.unsubscribing.links import LINK_KEPT, open_address

UNSUBSCRIBED = "recipient_unsubscribed"
RESUBSCRIBED = "recipient_resubscribed"


@dataclass(frozen=True)
class Subscriber:
    """The person whom an email went to, as the link in it says."""

    notification: Notification
    address: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What finds the address among others."""
        return recipient_digest(self.address)

    @property
    def actor(self) -> Actor:
        """Who acts, without their address."""
        return Actor("citizen", str(self.notification.pk), "citizen")


def find_subscriber(notification_id: UUID, token: str) -> Subscriber | None:
    """Return whom a link belongs to; None when any part of it is wrong, or its year is over (spec A.15)."""
    address = open_address(notification_id, token)
    if address is None:
        return None
    rows = Notification.objects.select_related("service__organisation", "template_version")
    found = rows.filter(pk=notification_id, type=Channel.EMAIL, created_at__gt=now() - LINK_KEPT).first()
    return Subscriber(found, address) if found else None


def suppression_of(subscriber: Subscriber) -> Suppression | None:
    """Return what keeps the service's emails from the person, if anything does."""
    rows = Suppression.objects.filter(service=subscriber.notification.service, channel=Channel.EMAIL)
    return rows.filter(recipient_digest=subscriber.digest).first()


@transaction.atomic
def unsubscribe(subscriber: Subscriber) -> bool:
    """Send the person no more emails of this service that have a link for unsubscribing.

    Returns False when it is so already; of two at once only one finds it new.
    """
    notification = subscriber.notification
    reason = Suppression.Reason.UNSUBSCRIBED
    if not suppress(subscriber.address, channel=Channel.EMAIL, reason=reason, service=notification.service):
        return False
    # What an operator lifted, or an erasure emptied, left its request standing; there is one of each person.
    _withdraw(subscriber)
    UnsubscribeRequest.objects.create(
        service=notification.service,
        notification=notification,
        recipient=subscriber.address,
        recipient_digest=subscriber.digest,
    )
    _tell(UNSUBSCRIBED, subscriber)
    return True


@transaction.atomic
def subscribe_again(subscriber: Subscriber) -> bool:
    """Take back what ``unsubscribe`` did; returns False when there was nothing to take back."""
    service, reason = subscriber.notification.service, Suppression.Reason.UNSUBSCRIBED
    if not lift(subscriber.address, channel=Channel.EMAIL, service=service, reason=reason):
        return False
    _withdraw(subscriber)
    _tell(RESUBSCRIBED, subscriber)
    return True


def _withdraw(subscriber: Subscriber) -> None:
    rows = UnsubscribeRequest.objects.standing().filter(service=subscriber.notification.service)
    rows.filter(recipient_digest=subscriber.digest).update(withdrawn_at=now())


def _tell(event: str, subscriber: Subscriber) -> None:
    notification = subscriber.notification
    record(event, target=notification, service=notification.service, by=subscriber.actor)
    emit(
        event,
        service_id=notification.service_id,
        subject=f"notification/{notification.pk}",
        data={"template_id": str(notification.template_version.template_id)},
    )
