"""Templates of what the platform sends in its own name: written in catalogues, kept as templates."""

from typing import Literal
from uuid import UUID, uuid5

from django.db import IntegrityError

from gaap.actors import SYSTEM
from gaap.organisations.models import Service
from gaap_notify.models import Template
from gaap_notify.services.platform_service import PLATFORM_SERVICE_ID
from gaap_notify.services.templates import change_template, create_template, current_version

Channel = Literal["sms", "email"]


def platform_template(service: Service, channel: Channel, *, key: str, name: str, subject: str, body: str) -> Template:
    """Return the platform's template called ``key``, brought up to the given subject and text.

    Args:
        service: the platform's own service.
        channel: a text message has no subject.
        key: what the template is for and its language, such as ``email/sign_in/cy``; it never changes.
        name: what operators read.
        subject: of an email, with ``((gaps))``.
        body: with ``((gaps))``.
    """
    template_id = uuid5(PLATFORM_SERVICE_ID, key)
    template = Template.objects.for_service(service.pk).filter(pk=template_id).first()
    if template is None:
        return _create(service, channel, id=template_id, name=name, subject=subject, body=body)
    if (current_version(template).subject, current_version(template).body) != (subject, body):
        change_template(template, name=name, subject=subject, body=body, by=SYSTEM)
    return template


def _create(service: Service, channel: Channel, *, id: UUID, name: str, subject: str, body: str) -> Template:
    try:
        return create_template(service, type=channel, name=name, subject=subject, body=body, by=SYSTEM, id=id)
    except IntegrityError:
        # Another process made it at the same moment; create_template has undone its own part.
        return Template.objects.for_service(service.pk).get(pk=id)
