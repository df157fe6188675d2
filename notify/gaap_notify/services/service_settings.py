"""Reading what a service has set up, defaults included."""

from collections.abc import Sequence
from uuid import UUID

from gaap.crypto import keyed_digest
from gaap.snapshots import Snapshots
from gaap_notify.conf import conf
from gaap_notify.errors import BadRequestError
from gaap_notify.models import NotifySettings, ReplyTo, SmsSender


def settings_of(service_id: UUID) -> NotifySettings:
    """Return the service's settings, or the defaults when it has set none, for reading; see ``gaap.snapshots``."""
    return _settings.get(service_id)


def stored_settings(service_id: UUID) -> NotifySettings:
    """Return the service's settings as the database has them, for changing them."""
    return NotifySettings.objects.filter(service_id=service_id).first() or NotifySettings(service_id=service_id)


def forget_setup(service_id: UUID) -> None:
    """Read the service's set-up anew; to be called by whoever changed it."""
    for snapshots in (_settings, _senders, _reply_tos):
        snapshots.forget(service_id)


def find_sms_sender(service_id: UUID, sender_id: UUID | None) -> str:
    """Return the sender asked for, or the default one.

    Raises BadRequestError when the service has no sender with that id (spec A.4).
    """
    senders = _senders.get(service_id)
    if sender_id is None:
        return next((row.sender for row in senders if row.is_default), conf.sms_sender)
    found = next((row for row in senders if row.pk == sender_id), None)
    if found is None:
        raise BadRequestError(f"sms_sender_id {sender_id} does not exist in database for service id {service_id}")
    return found.sender


def find_reply_to(service_id: UUID, reply_to_id: UUID | None) -> str:
    """Return the reply-to address asked for, or the default one, or nothing.

    Raises BadRequestError when the service has no address with that id (spec A.5).
    """
    addresses = _reply_tos.get(service_id)
    if reply_to_id is None:
        return next((row.email for row in addresses if row.is_default), "")
    found = next((row for row in addresses if row.pk == reply_to_id), None)
    if found is None:
        raise BadRequestError(f"email_reply_to_id {reply_to_id} does not exist in database for service id {service_id}")
    return found.email


def from_address(settings: NotifySettings) -> str:
    """Return the address that the service's emails come from."""
    return f"{settings.email_from or 'noreply'}@{conf.email_domain}"


def recipient_digest(address: str) -> str:
    """Return what a normalised recipient is found by."""
    return keyed_digest(address, purpose="notify.recipient")


def _load_senders(service_id: UUID) -> Sequence[SmsSender]:
    return list(SmsSender.objects.filter(service_id=service_id))


def _load_reply_tos(service_id: UUID) -> Sequence[ReplyTo]:
    return list(ReplyTo.objects.filter(service_id=service_id))


_settings: Snapshots[UUID, NotifySettings] = Snapshots(stored_settings)
_senders: Snapshots[UUID, Sequence[SmsSender]] = Snapshots(_load_senders)
_reply_tos: Snapshots[UUID, Sequence[ReplyTo]] = Snapshots(_load_reply_tos)
