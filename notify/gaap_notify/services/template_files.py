"""Templates as a file declares them: all versions, oldest first."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from gaap.actors import Actor
from gaap.organisations.models import Service
from gaap_notify.models import Template, TemplateVersion
from gaap_notify.services.templates import (
    NO_PARTS,
    TemplateParts,
    change_template,
    create_template,
    current_version,
    find_template,
    parts_of,
    set_template_archived,
)


class TemplateText(NamedTuple):
    """The text of one version."""

    name: str
    subject: str
    body: str
    parts: TemplateParts = NO_PARTS


def apply_template(
    service: Service, *, type: str, texts: Sequence[TemplateText], is_archived: bool, by: Actor, id: UUID | None = None
) -> TemplateVersion:
    """Make the template that ``texts`` describe, or bring it up to them, and return its current version.

    Without ``id`` it is found by type and name. Texts that it has already are not added again; when it has gone another
    way since, only the last text is added.
    """
    template = _find(service, type, texts[-1].name, id)
    if template is None:
        first, texts = texts[0], texts[1:]
        template = create_template(service, type=type, by=by, id=id, **first._asdict())
    else:
        texts = _missing(template, texts)
    for text in texts:
        change_template(template, by=by, **text._asdict())
    set_template_archived(template, is_archived=is_archived, by=by)
    return current_version(find_template(service.pk, template.pk))


def _find(service: Service, type: str, name: str, id: UUID | None) -> Template | None:
    templates = Template.objects.for_service(service.pk).filter(type=type)
    return templates.filter(pk=id).first() if id else templates.filter(current__name=name).first()


def _missing(template: Template, texts: Sequence[TemplateText]) -> Sequence[TemplateText]:
    versions = template.versions.order_by("number")
    present = [TemplateText(row.name, row.subject, row.body, parts_of(row)) for row in versions]
    if list(texts[: len(present)]) == present:
        return texts[len(present) :]
    return texts[-1:]
