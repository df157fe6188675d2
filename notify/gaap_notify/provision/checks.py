"""What the schema of a ``notify`` section cannot see."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from gaap.organisations.models import Service
from gaap.provisioning.finding import find_service
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.services.subscriptions import check_address
from gaap_notify.models import ContactBlock, InboundNumber, ReplyTo, SmsSender, Template
from gaap_notify.models.channels import Channel
from gaap_notify.recipients import RecipientError
from gaap_notify.services.callbacks import callbacks_of, check_token
from gaap_notify.services.recipients import normalise_recipient

Fault = tuple[list[str | int], str]
Owned = Template | SmsSender | ReplyTo | ContactBlock

_OWNED: dict[str, type[Owned]] = {
    "templates": Template,
    "sms_senders": SmsSender,
    "reply_to": ReplyTo,
    "contact_blocks": ContactBlock,
}
_LETTERS_ONLY = ("postage", "contact_block", "welsh_subject", "welsh_body")


def check(section: dict[str, Any], *, service: dict[str, Any]) -> Iterable[Fault]:
    """Yield two defaults, guests nobody can reach, parts of messages in the wrong place, and what others own."""
    for name in ("sms_senders", "reply_to", "contact_blocks"):
        if sum(entry.get("default", False) for entry in section.get(name, [])) > 1:
            yield [name], "Only one entry can be the default."
    for index, guest in enumerate(section.get("guest_list", [])):
        if fault := _guest_fault(guest, section.get("default_region")):
            yield ["guest_list", index], fault
    yield from _callback_faults(section.get("callbacks", {}), service)
    ids = Counter(entry["id"].lower() for entry in section.get("templates", []) if "id" in entry)
    for index, entry in enumerate(section.get("templates", [])):
        if ids[entry.get("id", "").lower()] > 1:
            yield ["templates", index, "id"], "Another template of this file has the same id."
        yield from _template_faults(entry, ["templates", index])
        yield from _block_faults(entry, ["templates", index], section=section, service=service)
    yield from _foreign_ids(section, service)
    yield from _number_faults(section, service)


def _guest_fault(guest: str, region: str | None) -> str:
    try:
        normalise_recipient(guest, channel="email" if "@" in guest else "sms", default_region=region)
    except RecipientError as error:
        return f"{error}."
    return ""


def _callback_faults(callbacks: dict[str, Any], service: dict[str, Any]) -> Iterator[Fault]:
    found = find_service(service)
    standing = callbacks_of(found.pk) if found else {}
    for kind, entry in callbacks.items():
        if "bearer_token" not in entry and kind not in standing:
            yield ["callbacks", kind, "bearer_token"], "A new callback needs a bearer token."
        for key, check_value in (("url", check_address), ("bearer_token", check_token)):
            try:
                check_value(entry[key]) if key in entry else None
            except WebhookError as error:
                yield ["callbacks", kind, key], str(error)


def _template_faults(entry: dict[str, Any], here: list[str | int]) -> Iterator[Fault]:
    for index, version in enumerate(entry["versions"]):
        if ("subject" in version) != (entry["type"] != Channel.SMS):
            yield [*here, "versions", index], "An email or letter needs a subject, and a text message has none."
        for name in _LETTERS_ONLY:
            if name in version and entry["type"] != Channel.LETTER:
                yield [*here, "versions", index, name], "Only letters have this."
        if "unsubscribe_link" in version and entry["type"] != Channel.EMAIL:
            yield [*here, "versions", index, "unsubscribe_link"], "Only emails have this."
    known = _known(Template, entry)
    if isinstance(known, Template) and known.type != entry["type"]:
        yield [*here, "id"], "This id belongs to a template of another type."


def _block_faults(
    entry: dict[str, Any], here: list[str | int], *, section: dict[str, Any], service: dict[str, Any]
) -> Iterator[Fault]:
    declared = {block["id"].lower() for block in section.get("contact_blocks", []) if "id" in block}
    for index, version in enumerate(entry["versions"]):
        wanted = version.get("contact_block")
        if wanted is None or wanted.lower() in declared:
            continue
        known = _known(ContactBlock, {"id": wanted})
        if known is None or not _is_declared_as(known.service, service):
            yield [*here, "versions", index, "contact_block"], "The service has no contact block with this id."


def _foreign_ids(section: dict[str, Any], service: dict[str, Any]) -> Iterator[Fault]:
    for name, model in _OWNED.items():
        for index, entry in enumerate(section.get(name, [])):
            known = _known(model, entry)
            if known and not _is_declared_as(known.service, service):
                yield [name, index, "id"], "This id belongs to another service."


def _known(model: type[Owned], entry: dict[str, Any]) -> Owned | None:
    rows = model._default_manager.select_related("service__organisation")
    return rows.filter(pk=entry["id"]).first() if "id" in entry else None


def _is_declared_as(found: Service, service: dict[str, Any]) -> bool:
    if "id" in service:
        return found.pk == UUID(service["id"])
    return (found.name, found.organisation.name) == (service["name"], service["organisation"])


def _number_faults(section: dict[str, Any], service: dict[str, Any]) -> Iterator[Fault]:
    for index, entry in enumerate(section.get("inbound_numbers", [])):
        taken = InboundNumber.objects.select_related("service__organisation").filter(number=entry["number"]).first()
        if taken and taken.service and not _is_declared_as(taken.service, service):
            yield ["inbound_numbers", index, "number"], "This number belongs to another service."
