"""Template tags of the console: who acted, and where emails of an embedded instance can be read."""

import json
from typing import Any

from django import template
from django.utils.translation import gettext as _

from gaap.audit.models import AuditEvent
from gaap.components import local_mail_page as find_local_mail_page

register = template.Library()


@register.simple_tag
def local_mail_page() -> str:
    """Return the path of the page on which this instance's emails can be read, or nothing when they are sent."""
    return find_local_mail_page() or ""


@register.filter
def actor_name(event: AuditEvent) -> str:
    """Return who acted, for the service's team.

    A citizen is never told apart from others: the number of an account is the same at every service, and by it two
    teams could find out that they serve the same person.
    """
    if event.actor_kind == "citizen":
        return _("A citizen")
    return event.actor_label or event.actor_id


@register.filter
def as_json(value: Any) -> str:
    """Return a JSON value as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)
