"""The only writer of organisations, services and memberships."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.organisations.models import Membership, Organisation, Service


@transaction.atomic
def create_organisation(name: str, *, type: str, by: Actor, id: uuid.UUID | None = None) -> Organisation:
    """Create an organisation; ``type`` is one of ``Organisation.Type``. Raises IntegrityError on a taken name."""
    organisation = Organisation.objects.create(id=id or uuid.uuid4(), name=name, type=type)
    record("organisation_created", target=organisation, by=by, after={"name": name, "type": type})
    return organisation


@transaction.atomic
def change_organisation(organisation: Organisation, *, name: str, type: str, by: Actor) -> bool:
    """Set name and type; returns False when nothing differs. Raises IntegrityError on a taken name."""
    before = {"name": organisation.name, "type": organisation.type}
    after = {"name": name, "type": type}
    if before == after:
        return False
    organisation.name, organisation.type = name, type
    organisation.save(update_fields=["name", "type"])
    record("organisation_changed", target=organisation, by=by, before=before, after=after)
    return True


@transaction.atomic
def create_service(
    name: str,
    *,
    organisation: Organisation,
    by: Actor,
    is_live: bool = False,
    languages: Sequence[str] = ("en",),
    id: uuid.UUID | None = None,
) -> Service:
    """Create a service of ``organisation``, in trial mode unless ``is_live``."""
    service = Service.objects.create(
        id=id or uuid.uuid4(), name=name, organisation=organisation, is_live=is_live, languages=list(languages)
    )
    record("service_created", target=service, service=service, by=by, after=_service_facts(service))
    return service


@transaction.atomic
def change_service(service: Service, *, by: Actor, **changes: Any) -> bool:
    """Set the given fields of ``service``; returns False when nothing differs."""
    before = _service_facts(service)
    for field, value in changes.items():
        setattr(service, field, value)
    after = _service_facts(service)
    if before == after:
        return False
    service.save(update_fields=[*changes])
    record("service_changed", target=service, service=service, by=by, before=before, after=after)
    return True


@transaction.atomic
def archive_service(service: Service, *, by: Actor) -> bool:
    """Close a service for good; returns False when it is closed already."""
    closed = Service.objects.filter(pk=service.pk, archived_at__isnull=True).update(archived_at=now())
    if closed:
        service.refresh_from_db(fields=["archived_at"])
        record("service_archived", target=service, service=service, by=by)
    return bool(closed)


@transaction.atomic
def set_membership(user: User, *, service: Service, role: str, by: Actor) -> Membership:
    """Give ``user`` the ``role`` (one of ``Membership.Role``) in the service's team."""
    membership = Membership.objects.filter(user=user, service=service).first()
    before = membership.summary if membership else None
    if membership is None:
        membership = Membership.objects.create(user=user, service=service, role=role)
    elif membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
    if before != membership.summary:
        record("membership_set", target=membership, service=service, by=by, before=before, after=membership.summary)
    return membership


def _service_facts(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "organisation": str(service.organisation_id),
        "is_live": service.is_live,
        "languages": list(service.languages),
        "live_keys_need_approval": service.live_keys_need_approval,
    }
