"""The template of letters that come as a PDF: one for each service, in no list."""

from uuid import UUID, uuid5

from django.db import IntegrityError

from gaap.actors import SYSTEM
from gaap.organisations.models import Service
from gaap_notify.models import Template, TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.services.templates import create_template, current_version

NAME = "Pre-compiled PDF"


def precompiled_version(service: Service) -> TemplateVersion:
    """Return the version that the service's PDF letters belong to; it is made when it is first needed."""
    template_id = uuid5(service.pk, "precompiled-letter")
    found = Template.objects.for_service(service.pk).filter(pk=template_id).first()
    return current_version(found or _make(service, template_id))


def _make(service: Service, template_id: UUID) -> Template:
    try:
        return create_template(
            service, type=Channel.LETTER, name=NAME, subject=NAME, body="", by=SYSTEM, id=template_id, is_hidden=True
        )
    except IntegrityError:
        # Another process made it at the same moment; create_template has undone its own part.
        return Template.objects.for_service(service.pk).get(pk=template_id)
