"""Keeping messages from those who want none or cannot get any."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_notify.models import Notification, Suppression
from gaap_notify.services.service_settings import recipient_digest


def suppress(address: str, *, channel: str, reason: str, service: Service | None) -> bool:
    """Send nothing more to ``address`` on ``channel``; by ``service`` alone, or by nobody when there is none.

    ``address`` is normalised. Returns False when it is so already.
    """
    _, is_new = Suppression.objects.get_or_create(
        service=service,
        channel=channel,
        recipient_digest=recipient_digest(address),
        defaults={"recipient": address, "reason": reason},
    )
    return is_new


def lift(address: str, *, channel: str, service: Service, reason: str) -> bool:
    """Send to ``address`` again, if ``reason`` is why nothing was sent; returns whether it was."""
    rows = Suppression.objects.filter(service=service, channel=channel, recipient_digest=recipient_digest(address))
    return bool(rows.filter(reason=reason).delete()[0])


@transaction.atomic
def lift_suppression(suppression: Suppression, *, by: Actor) -> None:
    """Send again to a recipient, because an operator says so."""
    after = {"channel": suppression.channel, "reason": suppression.reason}
    record("notify_suppression_lifted", target=suppression, service=suppression.service, by=by, before=after)
    suppression.delete()


def suppressed(notifications: Sequence[Notification]) -> set[UUID]:
    """Return the keys of those whose recipients get nothing more.

    Codes are sent all the same, because somebody asked for one this minute; and so is what a test key sends, because
    nobody gets it.
    """
    by_digest = defaultdict[str, list[Notification]](list)
    for row in _checked(notifications):
        by_digest[row.recipient_digest].append(row)
    if not by_digest:
        return set()
    found = Suppression.objects.filter(recipient_digest__in=by_digest)
    return {row.pk for one in found for row in by_digest[one.recipient_digest] if _holds(one, row)}


def _checked(notifications: Iterable[Notification]) -> Iterable[Notification]:
    return (row for row in notifications if not row.is_secret and row.key_type != ApiKey.Type.TEST)


def _holds(one: Suppression, row: Notification) -> bool:
    if one.channel != row.type or one.service_id not in (None, row.service_id):
        return False
    return one.reason != Suppression.Reason.UNSUBSCRIBED or _can_be_unsubscribed(row)


def _can_be_unsubscribed(row: Notification) -> bool:
    """Tell whether people can do without the message: what has no link for unsubscribing they have to know."""
    return bool(row.unsubscribe_url) or row.template_version.has_unsubscribe_link
