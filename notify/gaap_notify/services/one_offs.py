"""Sending one message by hand: a template is filled in, looked at, and sent once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_notify.errors import BadRequestError, NoResultFoundError
from gaap_notify.models import OneOff, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.services.daily_limits import counted_for_today
from gaap_notify.services.letters.accepting import LetterOrder, accept_letter
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.templates import find_template

TEMPLATE_CHANGED = "The template has changed since"


def write_one_off(
    version: TemplateVersion,
    values: Mapping[str, str],
    *,
    service: Service,
    recipient: str = "",
    sender_id: UUID | None = None,
) -> OneOff:
    """Keep a template with its gaps filled in, for a day.

    ``recipient`` is an email address, a telephone number, or the lines of a postal address; with one everything is
    checked as if it were sent now. Raises ContractError, and then nothing is kept.
    """
    one_off = OneOff(service=service, template_version=version, recipient=recipient, sender_id=sender_id)
    one_off.personalisation = dict(values)
    if recipient:
        _check(one_off)
    one_off.save()
    return one_off


def find_one_off(service_id: UUID, one_off_id: UUID) -> OneOff:
    """Return the service's filled-in template; raises NoResultFoundError."""
    rows = OneOff.objects.select_related("service", "template_version__template", "template_version__contact_block")
    found = rows.filter(service_id=service_id, pk=one_off_id).first()
    if found is None:
        raise NoResultFoundError
    return found


def send_one_off(one_off: OneOff, *, by: Actor) -> UUID:
    """Send it and return the message's id; however often and by how many it is asked for, one message is sent.

    Raises ContractError, and NoResultFoundError when there is nobody to send it to.
    """
    with transaction.atomic():
        locked = OneOff.objects.select_for_update(of=("self",)).get(pk=one_off.pk)
        if locked.notification_id:
            return locked.notification_id
        if not locked.recipient:
            raise NoResultFoundError
        channel = one_off.template_version.template.type
        with counted_for_today(one_off.service, key_type=_key_type(one_off), channel=channel):
            sent = _send(one_off)
        OneOff.objects.filter(pk=one_off.pk).update(notification_id=sent)
        record("one_off_sent", target=one_off, by=by, after={"notification": str(sent), "type": channel})
    return sent


def _check(one_off: OneOff) -> None:
    """Raise ContractError when it could not be sent: it is, and that is undone."""
    with transaction.atomic():
        _send(one_off)
        transaction.set_rollback(True)


def _send(one_off: OneOff) -> UUID:
    version = one_off.template_version
    if find_template(one_off.service_id, version.template_id).current_id != version.pk:
        raise BadRequestError(TEMPLATE_CHANGED)
    if version.template.type == Channel.LETTER:
        return accept_letter(_letter(one_off)).id
    return send_notification(_message(one_off)).id


def _message(one_off: OneOff) -> SendOrder:
    template = one_off.template_version.template
    return SendOrder(
        service=one_off.service,
        channel="email" if template.type == Channel.EMAIL else "sms",
        template_id=template.pk,
        recipient=one_off.recipient,
        personalisation=one_off.personalisation,
        key_type=_key_type(one_off),
        sender_id=one_off.sender_id,
    )


def _letter(one_off: OneOff) -> LetterOrder:
    lines = enumerate(one_off.recipient.splitlines(), start=1)
    address: dict[str, Any] = {f"address_line_{number}": line for number, line in lines}
    return LetterOrder(
        service=one_off.service,
        template_id=one_off.template_version.template_id,
        personalisation={**one_off.personalisation, **address},
        key_type=_key_type(one_off),
    )


def _key_type(one_off: OneOff) -> str:
    """Return whom it may reach: on trial the team and its guests, as with a team key; a letter reaches nobody then."""
    is_letter = one_off.template_version.template.type == Channel.LETTER
    return ApiKey.Type.LIVE if one_off.service.is_live or is_letter else ApiKey.Type.TEAM
