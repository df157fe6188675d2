"""Writing back the ``notify`` section of a provisioning file, without tokens and without received texts."""

from typing import Any

from gaap.organisations.models import Service
from gaap.privacy.retention import retention_days
from gaap_notify.models import (
    ContactBlock,
    GuestListEntry,
    InboundNumber,
    ReplyTo,
    SmsSender,
    Template,
    TemplateVersion,
)
from gaap_notify.models.channels import Channel
from gaap_notify.provision.applying import SETTINGS
from gaap_notify.services.callbacks import callbacks_of
from gaap_notify.services.retention import CHANNELS
from gaap_notify.services.service_settings import stored_settings


def export(service: Service) -> dict[str, Any]:
    """Return the section that brings ``service`` to what it has."""
    return {
        **_settings(service),
        "retention_days": {channel: retention_days(service.pk, kind) for channel, kind in CHANNELS.items()},
        "sms_senders": _owned(SmsSender, service, "sender"),
        "reply_to": _owned(ReplyTo, service, "email"),
        "contact_blocks": _owned(ContactBlock, service, "text"),
        "guest_list": _guests(service),
        "inbound_numbers": _inbound_numbers(service),
        "templates": [
            _template(template) for template in Template.objects.for_service(service.pk).order_by("created_at")
        ],
        "callbacks": {kind: {"url": found.url} for kind, found in callbacks_of(service.pk).items()},
    }


def _settings(service: Service) -> dict[str, Any]:
    settings = stored_settings(service.pk)
    if settings._state.adding:
        return {}
    values = {key: getattr(settings, column) for key, column in SETTINGS.items()}
    return {key: value for key, value in values.items() if value != ""}


def _owned(model: type[SmsSender | ReplyTo | ContactBlock], service: Service, text: str) -> list[dict[str, Any]]:
    rows = model._default_manager.filter(service=service).order_by("created_at", "pk")
    return [{"id": str(row.pk), text: getattr(row, text), "default": row.is_default} for row in rows]


def _guests(service: Service) -> list[str]:
    """Return the guest list; numbers with the plus that says that they are whole."""
    found = sorted(guest.recipient for guest in GuestListEntry.objects.filter(service=service))
    return [recipient if "@" in recipient else f"+{recipient}" for recipient in found]


def _inbound_numbers(service: Service) -> list[dict[str, Any]]:
    rows = InboundNumber.objects.filter(service=service).order_by("number")
    return [{"number": row.number, "provider": row.provider} for row in rows]


def _template(template: Template) -> dict[str, Any]:
    entry = {
        "id": str(template.pk),
        "type": template.type,
        "versions": [_version(version, template.type) for version in template.versions.order_by("number")],
    }
    return {**entry, "archived": True} if template.archived_at else entry


def _version(version: TemplateVersion, type: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": version.name, "body": version.body}
    if type != Channel.SMS:
        entry["subject"] = version.subject
    if version.has_unsubscribe_link:
        entry["unsubscribe_link"] = True
    return {**entry, **_letter_parts(version)} if type == Channel.LETTER else entry


def _letter_parts(version: TemplateVersion) -> dict[str, Any]:
    block = str(version.contact_block_id) if version.contact_block_id else None
    welsh = {"welsh_subject": version.welsh_subject, "welsh_body": version.welsh_body}
    parts = {"postage": version.postage, "contact_block": block}
    return {**parts, **{name: text for name, text in welsh.items() if text}}
