"""Sending one message by hand: a template is filled in, looked at, and sent once."""

import base64
from collections.abc import Mapping, Sequence
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
from gaap_notify.services.files.links import simulated_url
from gaap_notify.services.files.orders import DEFAULT_WEEKS, FileOrder, is_file, read_file_order
from gaap_notify.services.files.sharing import KeptFile, keep_files, plan_files, scan_file
from gaap_notify.services.letters.accepting import LetterOrder, accept_letter
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.service_settings import find_reply_to, find_sms_sender, settings_of
from gaap_notify.services.templates import find_template

TEMPLATE_CHANGED = "The template has changed since"


def write_one_off(
    version: TemplateVersion,
    values: Mapping[str, Any],
    *,
    service: Service,
    recipient: str = "",
    reference: str = "",
    sender_id: UUID | None = None,
) -> OneOff:
    """Keep a template with its gaps filled in, for a day.

    A value is a text or, in an email, a file as ``file_value`` makes it; files are looked at for viruses here.
    ``recipient`` is an email address, a telephone number, or the lines of a postal address; with one everything is
    checked as if it were sent now. ``sender_id`` is the id of a sender or of an address for answers; without it the
    service's default is taken. Raises ContractError, and then nothing is kept.
    """
    one_off = OneOff(service=service, template_version=version, recipient=recipient, sender_id=sender_id)
    one_off.reference = reference
    one_off.personalisation = dict(values)
    for value in filter(is_file, values.values()):
        scan_file(read_file_order(value).data)
    if recipient:
        _check(one_off)
    one_off.save()
    return one_off


def file_value(data: bytes, *, filename: str, weeks: int = DEFAULT_WEEKS, needs_email: bool = True) -> dict[str, Any]:
    """Return a file as a value of a filled-in template; raises BadRequestError for what may not be sent (spec A.5).

    Its link works for ``weeks`` (1 to 78); with ``needs_email`` the recipient confirms their address first.
    """
    value = {
        "file": base64.b64encode(data).decode("ascii"),
        "filename": filename,
        "retention_period": f"{weeks} weeks",
        "confirm_email_before_download": needs_email,
    }
    read_file_order(value)
    return value


def files_of(one_off: OneOff) -> dict[str, FileOrder]:
    """Return the files among the values, by the names of their gaps."""
    return {name: read_file_order(value) for name, value in one_off.personalisation.items() if is_file(value)}


def shown_values(one_off: OneOff) -> dict[str, Any]:
    """Return the values with an address at which there is nothing in place of each file, for looking at them."""
    link = simulated_url(one_off.service_id)
    return {name: link if is_file(value) else value for name, value in one_off.personalisation.items()}


def sender_of(one_off: OneOff) -> str:
    """Return what a text message comes from or where answers to an email go; empty where there is none.

    Raises BadRequestError when the one that was chosen is gone.
    """
    channel = one_off.template_version.template.type
    if channel == Channel.LETTER:
        return ""
    find = find_reply_to if channel == Channel.EMAIL else find_sms_sender
    return find(one_off.service_id, one_off.sender_id)


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
    # The vault can be another machine, so files go there first. Of two at once one's copies are swept.
    files = _keep_files(one_off)
    with transaction.atomic():
        locked = OneOff.objects.select_for_update(of=("self",)).get(pk=one_off.pk)
        if locked.notification_id:
            return locked.notification_id
        if not locked.recipient:
            raise NoResultFoundError
        channel = one_off.template_version.template.type
        with counted_for_today(one_off.service, key_type=_key_type(one_off), channel=channel):
            sent = _send(one_off, files=files)
        OneOff.objects.filter(pk=one_off.pk).update(notification_id=sent)
        record("one_off_sent", target=one_off, by=by, after={"notification": str(sent), "type": channel})
    return sent


def _check(one_off: OneOff) -> None:
    """Raise ContractError when it could not be sent: it is, without its files, and that is undone."""
    plain = OneOff(service=one_off.service, template_version=one_off.template_version, recipient=one_off.recipient)
    plain.sender_id, plain.personalisation = one_off.sender_id, shown_values(one_off)
    plain.reference = one_off.reference
    with transaction.atomic():
        _send(plain)
        transaction.set_rollback(True)


def _keep_files(one_off: OneOff) -> list[KeptFile]:
    """Put the files into the vault, unless the message was sent before; raises ContractError."""
    settings = settings_of(one_off.service_id)
    planned = plan_files(one_off.personalisation, service_id=one_off.service_id, settings=settings, is_simulated=False)
    if not planned or OneOff.objects.filter(pk=one_off.pk, notification_id__isnull=False).exists():
        return []
    return keep_files(planned)


def _send(one_off: OneOff, *, files: Sequence[KeptFile] = ()) -> UUID:
    version = one_off.template_version
    if find_template(one_off.service_id, version.template_id).current_id != version.pk:
        raise BadRequestError(TEMPLATE_CHANGED)
    if version.template.type == Channel.LETTER:
        return accept_letter(_letter(one_off)).id
    return send_notification(_message(one_off, files)).id


def _message(one_off: OneOff, files: Sequence[KeptFile]) -> SendOrder:
    template = one_off.template_version.template
    return SendOrder(
        service=one_off.service,
        channel="email" if template.type == Channel.EMAIL else "sms",
        template_id=template.pk,
        recipient=one_off.recipient,
        personalisation=one_off.personalisation,
        key_type=_key_type(one_off),
        reference=one_off.reference,
        sender_id=one_off.sender_id,
        kept_files=files,
    )


def _letter(one_off: OneOff) -> LetterOrder:
    lines = enumerate(one_off.recipient.splitlines(), start=1)
    address: dict[str, Any] = {f"address_line_{number}": line for number, line in lines}
    return LetterOrder(
        service=one_off.service,
        template_id=one_off.template_version.template_id,
        personalisation={**one_off.personalisation, **address},
        key_type=_key_type(one_off),
        reference=one_off.reference,
    )


def _key_type(one_off: OneOff) -> str:
    """Return whom it may reach: on trial the team and its guests, as with a team key; a letter reaches nobody then."""
    is_letter = one_off.template_version.template.type == Channel.LETTER
    return ApiKey.Type.LIVE if one_off.service.is_live or is_letter else ApiKey.Type.TEAM
