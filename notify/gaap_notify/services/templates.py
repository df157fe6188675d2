"""Templates: finding, writing, archiving."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Service
from gaap.snapshots import Snapshots
from gaap_notify.errors import BadRequestError, NoResultFoundError
from gaap_notify.models import Template, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import Postage


def find_template(service_id: UUID, template_id: UUID) -> Template:
    """Return the service's template with its current version; raises NoResultFoundError."""
    template = Template.objects.for_service(service_id).filter(pk=template_id).first()
    if template is None or template.is_hidden:
        raise NoResultFoundError
    return template


def find_version(service_id: UUID, template_id: UUID, number: int) -> TemplateVersion:
    """Return one version with its template; 0 means the current one (spec A.10). Raises NoResultFoundError."""
    if number == 0:
        return current_version(find_template(service_id, template_id))
    versions = TemplateVersion.objects.select_related("template", "contact_block")
    version = versions.filter(template_id=template_id, template__service_id=service_id, number=number).first()
    if version is None or version.template.is_hidden:
        raise NoResultFoundError
    return version


def version_with_id(version_id: int) -> TemplateVersion:
    """Return a version that is known to be there. Versions never change: it may be one that is kept at hand."""
    return _versions.get(version_id)


def versions_with_ids(version_ids: Iterable[int]) -> dict[int, TemplateVersion]:
    """Return versions that are known to be there, by id, those that are not kept at hand in one query."""
    return _versions.get_many(version_ids, TemplateVersion.objects.in_bulk)


def find_sendable(service_id: UUID, template_id: UUID, *, channel: str) -> TemplateVersion:
    """Return the current version of a template that a message may be made from; raises BadRequestError (spec A.4)."""
    template = _sendable.get((service_id, template_id))
    if template.type != channel:
        raise BadRequestError(f"{template.type} template is not suitable for {channel} notification")
    if template.is_archived:
        raise BadRequestError("Template has been deleted")
    return current_version(template)


def find_bulk_template(service_id: UUID, template_id: UUID) -> TemplateVersion:
    """Return the current version of an email or text message template in use; raises BadRequestError."""
    template = _sendable.get((service_id, template_id))
    if template.type not in (Channel.EMAIL, Channel.SMS):
        raise BadRequestError(f"{template.type} template is not suitable for bulk sending")
    if template.is_archived:
        raise BadRequestError("Template has been deleted")
    return current_version(template)


def current_version(template: Template) -> TemplateVersion:
    """Return the template's newest version, with its template at hand."""
    version = template.current
    if version is None:
        raise NoResultFoundError
    version.template = template
    return version


@dataclass(frozen=True)
class TemplateParts:
    """What a template has besides subject and text.

    A letter its postage, contact block and, with ``welsh_body``, a second language; an email perhaps its link for
    unsubscribing.
    """

    postage: str = ""
    contact_block_id: UUID | None = None
    welsh_subject: str = ""
    welsh_body: str = ""
    has_unsubscribe_link: bool = False


NO_PARTS = TemplateParts()


@transaction.atomic
def create_template(
    service: Service,
    *,
    type: str,
    name: str,
    body: str,
    by: Actor,
    subject: str = "",
    parts: TemplateParts = NO_PARTS,
    id: UUID | None = None,
    is_hidden: bool = False,
) -> Template:
    """Create a template with its first version.

    ``type`` is ``email``, ``sms`` or ``letter``; a text message has no subject, and a letter's is its heading.
    ``is_hidden`` keeps it out of every list.
    """
    template = Template.objects.create(id=id or uuid.uuid4(), service=service, type=type, is_hidden=is_hidden)
    _add_version(template, number=1, name=name, subject=subject, body=body, parts=parts, by=by)
    record("template_created", target=template, by=by, after=_facts(template))
    return template


@transaction.atomic
def change_template(
    template: Template, *, name: str, body: str, by: Actor, subject: str = "", parts: TemplateParts | None = None
) -> bool:
    """Add a version with the new text; returns False when it is the text that the template has already.

    Without ``parts`` it keeps those that it has.
    """
    locked = Template.objects.select_for_update(of=("self",)).select_related("current").get(pk=template.pk)
    current = current_version(locked)
    parts = parts or parts_of(current)
    if (current.name, current.subject, current.body, parts_of(current)) == (name, subject, body, parts):
        return False
    before = _facts(locked)
    _add_version(locked, number=current.number + 1, name=name, subject=subject, body=body, parts=parts, by=by)
    Template.objects.filter(pk=locked.pk).update(updated_at=now())
    record("template_changed", target=locked, by=by, before=before, after=_facts(locked))
    template.refresh_from_db()
    return True


@transaction.atomic
def set_template_archived(template: Template, *, is_archived: bool, by: Actor) -> bool:
    """Archive a template or take it back into use; returns False when it is so already."""
    changed = Template.objects.filter(pk=template.pk, archived_at__isnull=is_archived).update(
        archived_at=now() if is_archived else None, updated_at=now()
    )
    if changed:
        template.refresh_from_db()
        _sendable.forget((template.service_id, template.pk))
        record("template_archived" if is_archived else "template_restored", target=template, by=by)
    return bool(changed)


def parts_of(version: TemplateVersion) -> TemplateParts:
    """Return what a version has besides subject and text."""
    return TemplateParts(
        version.postage,
        version.contact_block_id,
        version.welsh_subject,
        version.welsh_body,
        version.has_unsubscribe_link,
    )


def _add_version(
    template: Template, *, number: int, name: str, subject: str, body: str, parts: TemplateParts, by: Actor
) -> None:
    if template.type == Channel.LETTER:
        parts = replace(parts, postage=parts.postage or Postage.SECOND.value)
    template.current = TemplateVersion.objects.create(
        template=template,
        number=number,
        name=name,
        subject=subject,
        body=body,
        created_by=by.label or by.id,
        **vars(parts),
    )
    template.save(update_fields=["current"])
    _sendable.forget((template.service_id, template.pk))


def _facts(template: Template) -> dict[str, object]:
    version = current_version(template)
    return {"type": template.type, "name": version.name, "version": version.number}


def _load_sendable(key: tuple[UUID, UUID]) -> Template:
    service_id, template_id = key
    template = Template.objects.for_service(service_id).filter(pk=template_id).first()
    if template is None or template.is_hidden:
        raise BadRequestError("Template not found")
    return template


def _load_version(version_id: int) -> TemplateVersion:
    return TemplateVersion.objects.get(pk=version_id)


_sendable: Snapshots[tuple[UUID, UUID], Template] = Snapshots(_load_sendable)
_versions: Snapshots[int, TemplateVersion] = Snapshots(_load_version)
