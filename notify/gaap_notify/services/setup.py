"""Changing what a service has set up for its messages."""

from collections.abc import Iterable
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_notify.models import ContactBlock, GuestListEntry, InboundNumber, ReplyTo, SmsSender, WaitingReplyTo
from gaap_notify.services.recipients import normalise_recipient
from gaap_notify.services.service_settings import forget_setup, recipient_digest, settings_of, stored_settings

Row = TypeVar("Row", SmsSender, ReplyTo, ContactBlock)


@transaction.atomic
def change_settings(service: Service, *, by: Actor, **changes: Any) -> bool:
    """Set the given fields of the service's settings; returns False when nothing differs."""
    settings = stored_settings(service.pk)
    before = {name: getattr(settings, name) for name in changes}
    if before == changes and not settings._state.adding:
        return False
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.save()
    forget_setup(service.pk)
    record("notify_settings_changed", target=settings, by=by, before=before, after=changes)
    return True


@transaction.atomic
def set_sms_sender(service: Service, sender: str, *, is_default: bool, by: Actor, id: UUID | None = None) -> SmsSender:
    """Give the service a sender of text messages; one with that id or text is changed instead."""
    found = _find(SmsSender, service, id, sender=sender)
    return _save(found, {"sender": sender, "is_default": is_default}, action="sms_sender_set", by=by)


@transaction.atomic
def set_reply_to(service: Service, email: str, *, is_default: bool, by: Actor, id: UUID | None = None) -> ReplyTo:
    """Give the service a reply-to address; one with that id or address is changed instead.

    It is used at once: whoever calls this vouches for the address. A team's own wish goes to ``propose_reply_to``.
    """
    found = _find(ReplyTo, service, id, email=email)
    WaitingReplyTo.objects.filter(service=service, email_digest=recipient_digest(email.lower())).delete()
    return _save(found, {"email": email, "is_default": is_default}, action="reply_to_set", by=by)


@transaction.atomic
def set_contact_block(
    service: Service, text: str, *, is_default: bool, by: Actor, id: UUID | None = None
) -> ContactBlock:
    """Give the service a contact block for its letters; one with that id or text is changed instead."""
    found = _find(ContactBlock, service, id, text=text)
    return _save(found, {"text": text, "is_default": is_default}, action="contact_block_set", by=by)


@transaction.atomic
def set_inbound_number(service: Service | None, number: str, *, provider: str, by: Actor) -> InboundNumber:
    """Give ``service`` a number that people can text, at ``provider``; None takes the number back into stock."""
    row = InboundNumber.objects.select_for_update().filter(number=number).first()
    if row is not None and (row.service, row.provider) == (service, provider):
        return row
    row = row or InboundNumber(number=number)
    before = str(row.service_id or "")
    row.service, row.provider = service, provider
    row.save()
    after = {"number": number, "provider": provider, "service": str(service.pk) if service else ""}
    record("inbound_number_set", target=row, service=service, by=by, before={"service": before}, after=after)
    return row


@transaction.atomic
def set_guest_list(service: Service, recipients: Iterable[str], *, by: Actor) -> bool:
    """Make ``recipients`` (addresses and numbers) the whole guest list; returns False when it is so already."""
    region = settings_of(service.pk).default_region
    wanted = {}
    for recipient in recipients:
        channel: Literal["sms", "email"] = "email" if "@" in recipient else "sms"
        address = normalise_recipient(recipient, channel=channel, default_region=region)
        wanted[recipient_digest(address)] = address
    lock_setup(service)
    entries = GuestListEntry.objects.filter(service=service)
    present = set(entries.values_list("recipient_digest", flat=True))
    if present == wanted.keys():
        return False
    entries.exclude(recipient_digest__in=wanted).delete()
    GuestListEntry.objects.bulk_create(
        GuestListEntry(service=service, recipient=wanted[digest], recipient_digest=digest)
        for digest in wanted.keys() - present
    )
    record("guest_list_set", target=service, service=service, by=by, after={"entries": len(wanted)})
    return True


def lock_setup(service: Service) -> None:
    """Let nobody else change what the service has set up before the caller's transaction ends."""
    Service.objects.select_for_update(of=("self",)).get(pk=service.pk)


def _find(model: type[Row], service: Service, id: UUID | None, **text: str) -> Row:
    lock_setup(service)
    rows = model._default_manager.filter(service=service)
    found = rows.filter(pk=id).first() if id else rows.filter(**text).first()
    return found or model(id=id or uuid4(), service=service)


def _save(row: Row, values: dict[str, Any], *, action: str, by: Actor) -> Row:
    if not row._state.adding and all(getattr(row, name) == value for name, value in values.items()):
        return row
    before = None if row._state.adding else {name: getattr(row, name) for name in values}
    if values["is_default"]:
        type(row)._default_manager.filter(service=row.service, is_default=True).exclude(pk=row.pk).update(
            is_default=False
        )
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    forget_setup(row.service_id)
    record(action, target=row, by=by, before=before, after=values)
    return row
