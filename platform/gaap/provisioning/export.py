"""Writing back what a service has, as a file that changes nothing when it is applied. No secret is in it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string

from gaap.components import components
from gaap.keys.models import ApiKey
from gaap.organisations.models import Organisation, Service
from gaap.privacy.retention import chosen_retention

Export = Callable[[Service], dict[str, Any]]


class UnknownServiceError(LookupError):
    """There is no such service, or more than one of that name."""


def named_service(text: str) -> Service:
    """Return the service with this id or, if only one has it, this name; raises UnknownServiceError."""
    rows = Service.objects.select_related("organisation")
    identifier = _as_uuid(text)
    found = list(rows.filter(pk=identifier) if identifier else rows.filter(name=text)[:2])
    if len(found) != 1:
        reason = "More than one service has the name" if found else "There is no service with the id or name"
        raise UnknownServiceError(f"{reason} {text!r}.")
    return found[0]


def export_document(service: Service) -> dict[str, Any]:
    """Return a provisioning file for one service with its organisation, without secrets."""
    return {"organisations": [export_organisation(service.organisation)], "services": [export_service(service)]}


def export_organisation(organisation: Organisation) -> dict[str, Any]:
    """Return an organisation's entry."""
    return {"id": str(organisation.pk), "name": organisation.name, "type": organisation.type}


def export_service(service: Service) -> dict[str, Any]:
    """Return a service's entry with the section of every installed component."""
    entry: dict[str, Any] = {
        "id": str(service.pk),
        "name": service.name,
        "organisation": service.organisation.name,
        "mode": "live" if service.is_live else "trial",
        "languages": list(service.languages),
        "members": _members(service),
        "api_keys": _keys(service),
        **{name: export(service) for name, export in section_exports().items()},
    }
    if chosen := chosen_retention(service):
        entry["retention_days"] = chosen
    if service.is_archived:
        entry["archived"] = True
    return entry


def section_exports() -> dict[str, Export]:
    """Return each installed component's export by the name of its section."""
    return {
        component.provision[0]: import_string(component.provision_export)
        for component in components()
        if component.provision and component.provision_export
    }


def _members(service: Service) -> list[dict[str, Any]]:
    members = service.memberships.select_related("user").order_by("user__username")
    return [{"email": member.user.get_username(), "role": member.role} for member in members]


def _keys(service: Service) -> list[dict[str, Any]]:
    """Return one entry for each name: the key that stands, else that it was revoked."""
    entries: dict[str, dict[str, Any]] = {}
    for api_key in ApiKey.objects.filter(service=service).order_by("revoked_at", "created_at"):
        if api_key.name not in entries or not api_key.is_revoked:
            entries[api_key.name] = _key(api_key)
    return [entries[name] for name in sorted(entries)]


def _key(api_key: ApiKey) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": api_key.name, "type": api_key.type}
    if api_key.scopes is not None:
        entry["scopes"] = list(api_key.scopes)
    return {**entry, "revoked": True} if api_key.is_revoked else entry


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
