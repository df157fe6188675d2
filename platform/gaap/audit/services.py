"""The only writer of the audit."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

from django.db import models

from gaap.actors import Actor, current_actor
from gaap.audit.chain import event_mac
from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service


class AuditFacts(TypedDict, total=False):
    """What an audit event tells besides the action; see ``audit_event``."""

    target: Required[models.Model]
    service: Service | None
    by: Actor | None
    on_behalf_of: str
    purpose: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def record(action: str, **facts: Unpack[AuditFacts]) -> AuditEvent:
    """Add one audit event in the caller's transaction, so that act and record stand or fall together.

    The arguments are those of ``audit_event``.
    """
    event = audit_event(action, **facts)
    event.save(force_insert=True)
    return event


def audit_event(
    action: str,
    *,
    target: models.Model,
    service: Service | None = None,
    by: Actor | None = None,
    on_behalf_of: str = "",
    purpose: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Return an audit event that is ready to be written, together with what it tells (``gaap.rows.insert_rows``).

    ``action`` is ``noun_past``. ``before`` and ``after`` hold JSON values and never a secret, a code, a token or a
    citizen's personal data. Without ``by`` the actor of the context is named. The service is taken from the target's
    ``service_id`` when not given.
    """
    actor = by or current_actor()
    service_id = service.pk if service else getattr(target, "service_id", None)
    event = AuditEvent(
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        on_behalf_of=on_behalf_of,
        service_id=service_id,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        purpose=purpose,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
    )
    event.mac = event_mac(event)
    return event
