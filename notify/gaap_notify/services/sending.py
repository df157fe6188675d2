"""Accepting a message: every check of the contract in its order (spec A.3), then one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.observing import tracing
from gaap.organisations.models import Service
from gaap.outbox.services import NewEvent, insert_with_event
from gaap_notify.errors import BadRequestError
from gaap_notify.hints import wake_task
from gaap_notify.models import Lane, Notification, NotifySettings, TemplateVersion
from gaap_notify.rendering.values import match_key
from gaap_notify.services.drafts import Draft, write_draft
from gaap_notify.services.files.orders import is_file
from gaap_notify.services.files.sharing import KeptFile, PlannedFile, keep_files, plan_files, share_files
from gaap_notify.services.notifications import event_data
from gaap_notify.services.recipients import Recipient, accept_recipient
from gaap_notify.services.service_settings import (
    find_reply_to,
    find_sms_sender,
    from_address,
    recipient_digest,
    settings_of,
)
from gaap_notify.services.templates import find_sendable
from gaap_notify.states import NOTIFICATION_CREATED

CHANNEL_NAMES: Mapping[str, str] = {"sms": "text messages", "email": "emails"}


@dataclass(frozen=True, kw_only=True)
class SendOrder:
    """A message as its sender wants it.

    ``key_type`` decides whom it may reach and which providers carry it. ``sender_id`` is the id of a text message
    sender or of a reply-to address. ``is_secret`` removes the text once it is sent and takes the quick queue.
    """

    service: Service
    channel: Literal["sms", "email"]
    template_id: UUID
    recipient: str = field(repr=False)
    personalisation: Mapping[str, Any] = field(default_factory=dict, repr=False)
    key_type: str
    api_key: ApiKey | None = None
    reference: str = ""
    sender_id: UUID | None = None
    unsubscribe_url: str = ""
    sanitise_content_for: Sequence[str] = ()
    language: str = ""
    is_secret: bool = False
    #: The files among the values, when they are in the vault already; else they are put there.
    kept_files: Sequence[KeptFile] = field(default=(), repr=False)


@dataclass(frozen=True)
class AcceptedMessage:
    """A message that was accepted. ``sender`` is what a text message comes from, or the address answers go to."""

    id: UUID
    order: SendOrder
    version: TemplateVersion
    draft: Draft
    sender: str
    from_email: str


def send_notification(order: SendOrder) -> AcceptedMessage:
    """Accept a message for sending and return it; raises ContractError.

    To the contract's simulated recipients nothing is stored and nothing sent (spec A.14), unless it is a secret:
    somebody waits for that.
    """
    with tracing.span("notify.accept", {"gaap.channel": order.channel}):
        return _accept(order)


def _accept(order: SendOrder) -> AcceptedMessage:
    settings = settings_of(order.service.pk)
    if not settings.allows(order.channel):
        raise BadRequestError(f"Service is not allowed to send {CHANNEL_NAMES[order.channel]}")
    version = find_sendable(order.service.pk, order.template_id, channel=order.channel)
    draft = _write(order, version, settings)
    sender = _find_sender(order)
    recipient = accept_recipient(
        order.recipient, channel=order.channel, service=order.service, key_type=order.key_type, settings=settings
    )
    is_kept = order.is_secret or not recipient.is_simulated
    files = _plan(order, settings, is_simulated=not is_kept)
    if files:
        draft = _write(order, version, settings, files)
    draft.check_length()
    message = AcceptedMessage(new_uuid(), order, version, draft, sender, from_address(settings))
    if is_kept:
        tracing.follow(message.id, is_beginning=True)
        _store(message, recipient, order.kept_files or keep_files(files))
    return message


def _write(
    order: SendOrder, version: TemplateVersion, settings: NotifySettings, files: Sequence[PlannedFile] = ()
) -> Draft:
    """Fill the template; ``files`` put their links where the values are files."""
    draft = write_draft(
        version,
        {**order.personalisation, **{file.name: file.url for file in files}},
        settings=settings,
        service_name=order.service.name,
        sanitise_content_for=_to_sanitise(order),
    )
    if order.channel != "email" and _files_in(order):
        raise BadRequestError("Can only send a file by email")
    return draft


def _plan(order: SendOrder, settings: NotifySettings, *, is_simulated: bool) -> list[PlannedFile]:
    if order.kept_files:
        return [kept.planned for kept in order.kept_files]
    return plan_files(order.personalisation, service_id=order.service.pk, settings=settings, is_simulated=is_simulated)


def _files_in(order: SendOrder) -> list[str]:
    return [name for name, value in order.personalisation.items() if is_file(value)]


def _to_sanitise(order: SendOrder) -> list[str]:
    """Return the names of the values to be made harmless: our own links are."""
    own = {match_key(name) for name in _files_in(order)}
    return [name for name in order.sanitise_content_for if match_key(name) not in own]


def _find_sender(order: SendOrder) -> str:
    find = find_sms_sender if order.channel == "sms" else find_reply_to
    return find(order.service.pk, order.sender_id)


def _store(message: AcceptedMessage, recipient: Recipient, files: Sequence[KeptFile]) -> None:
    notification = _notification(message, recipient)
    created = NewEvent(
        NOTIFICATION_CREATED,
        service_id=notification.service_id,
        subject=f"notification/{notification.pk}",
        data={**event_data(notification), "status": notification.status},
    )
    if files:
        with transaction.atomic():
            insert_with_event(notification, event=created)
            share_files(files, notification)
    else:
        insert_with_event(notification, event=created)
    wake_task("deliver_secret" if notification.is_secret else "deliver")


def _notification(message: AcceptedMessage, recipient: Recipient) -> Notification:
    order, draft, moment = message.order, message.draft, now()
    return Notification(
        id=message.id,
        service_id=order.service.pk,
        template_version=message.version,
        type=order.channel,
        key_type=order.key_type,
        api_key_id=order.api_key.pk if order.api_key else None,
        reference=order.reference,
        recipient=recipient.given,
        recipient_digest=recipient_digest(recipient.address),
        address=recipient.address,
        subject=draft.subject,
        body=draft.body,
        sender=message.sender,
        unsubscribe_url=order.unsubscribe_url,
        fragments=draft.fragments,
        rate_multiplier=recipient.rate_multiplier,
        language=order.language,
        is_secret=order.is_secret,
        lane=Lane.CODE if order.is_secret else Lane.MESSAGE,
        created_at=moment,
        due_at=moment,
    )
