"""Bringing a service's messages to what a ``notify`` section says."""

from typing import Any
from uuid import UUID

from gaap.actors import Actor
from gaap.organisations.models import Service
from gaap.privacy.retention import set_retention
from gaap_notify.conf import SANDBOX
from gaap_notify.models import ContactBlock, ReceivedText
from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import Postage
from gaap_notify.services.callbacks import set_callback
from gaap_notify.services.received import keep_received_text
from gaap_notify.services.retention import CHANNELS
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.setup import (
    change_settings,
    set_contact_block,
    set_guest_list,
    set_inbound_number,
    set_reply_to,
    set_sms_sender,
)
from gaap_notify.services.template_files import TemplateText, apply_template
from gaap_notify.services.templates import TemplateParts

SETTINGS = {
    "permissions": "permissions",
    "email_from": "email_from",
    "sms_prefix": "has_sms_prefix",
    "sms_alphabet": "sms_alphabet",
    "default_region": "default_region",
    "contact_details": "contact_details",
}


def apply(service: Service, section: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Bring the service's set-up to what ``section`` says and return the ids of what it names.

    What the section does not name stays; the guest list is replaced as a whole.
    """
    changes = {field: section[key] for key, field in SETTINGS.items() if key in section}
    if changes:
        change_settings(service, by=by, **changes)
    if "guest_list" in section:
        set_guest_list(service, section["guest_list"], by=by)
    for kind, entry in section.get("callbacks", {}).items():
        set_callback(service, kind, url=entry["url"], bearer_token=entry.get("bearer_token"), by=by)
    chosen = {CHANNELS[channel].noun: days for channel, days in section.get("retention_days", {}).items()}
    set_retention(service, chosen, by=by)
    return {
        "sms_senders": [_sms_sender(service, entry, by=by) for entry in section.get("sms_senders", [])],
        "reply_to": [_reply_to(service, entry, by=by) for entry in section.get("reply_to", [])],
        "contact_blocks": [_contact_block(service, entry, by=by) for entry in section.get("contact_blocks", [])],
        "templates": [_template(service, entry, by=by) for entry in section.get("templates", [])],
        "inbound_numbers": [_inbound_number(service, entry, by=by) for entry in section.get("inbound_numbers", [])],
        "received_texts": [_received_text(service, entry) for entry in section.get("received_texts", [])],
    }


def _sms_sender(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, str]:
    row = set_sms_sender(service, entry["sender"], is_default=entry.get("default", False), id=_id(entry), by=by)
    return {"id": str(row.pk), "sender": row.sender}


def _reply_to(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, str]:
    row = set_reply_to(service, entry["email"], is_default=entry.get("default", False), id=_id(entry), by=by)
    return {"id": str(row.pk), "email": row.email}


def _contact_block(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, str]:
    row = set_contact_block(service, entry["text"], is_default=entry.get("default", False), id=_id(entry), by=by)
    return {"id": str(row.pk), "text": row.text}


def _template(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    texts = [_text(version, entry["type"], service) for version in entry["versions"]]
    version = apply_template(
        service, type=entry["type"], texts=texts, is_archived=entry.get("archived", False), id=_id(entry), by=by
    )
    return {
        "id": str(version.template_id),
        "name": version.name,
        "type": version.template.type,
        "version": version.number,
    }


def _text(version: dict[str, Any], type: str, service: Service) -> TemplateText:
    email_parts = TemplateParts(has_unsubscribe_link=version.get("unsubscribe_link", False))
    parts = _letter_parts(version, service) if type == Channel.LETTER else email_parts
    return TemplateText(version["name"], version.get("subject", ""), version["body"], parts)


def _letter_parts(version: dict[str, Any], service: Service) -> TemplateParts:
    """Return what a letter has besides its text; without ``contact_block`` it gets the service's default one."""
    if "contact_block" in version:
        block_id = UUID(version["contact_block"]) if version["contact_block"] else None
    else:
        block_id = ContactBlock.objects.filter(service=service, is_default=True).values_list("pk", flat=True).first()
    return TemplateParts(
        postage=version.get("postage", Postage.SECOND.value),
        contact_block_id=block_id,
        welsh_subject=version.get("welsh_subject", ""),
        welsh_body=version.get("welsh_body", ""),
    )


def _inbound_number(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, str]:
    row = set_inbound_number(service, entry["number"], provider=entry.get("provider", SANDBOX), by=by)
    return {"number": row.number, "provider": row.provider}


def _received_text(service: Service, entry: dict[str, Any]) -> dict[str, str]:
    """Keep a text as if it had come in; one from the same number with the same words is there already."""
    number = entry["from"].lstrip("+")
    known = ReceivedText.objects.filter(
        service=service, user_digest=recipient_digest(number), notify_number=entry["to"]
    )
    row = next((text for text in known if text.content == entry["content"]), None) or keep_received_text(
        service, user_number=number, notify_number=entry["to"], content=entry["content"]
    )
    return {"id": str(row.pk)}


def _id(entry: dict[str, Any]) -> UUID | None:
    return UUID(entry["id"]) if "id" in entry else None
