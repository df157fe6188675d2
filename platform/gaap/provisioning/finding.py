"""What a file's entries mean among what stands: by id where one is given, else by name."""

from typing import Any
from uuid import UUID

from gaap.keys.models import ApiKey
from gaap.organisations.models import Organisation, Service

Entry = dict[str, Any]


def find_organisation(entry: Entry) -> Organisation | None:
    """Return the organisation that ``entry`` means."""
    known = Organisation.objects.filter(pk=UUID(entry["id"])).first() if "id" in entry else None
    return known or Organisation.objects.filter(name=entry["name"]).first()


def find_service(entry: Entry) -> Service | None:
    """Return the service that ``entry`` means, with its organisation; an id given means that one or none."""
    rows = Service.objects.select_related("organisation")
    if "id" in entry:
        return rows.filter(pk=UUID(entry["id"])).first()
    return rows.filter(organisation__name=entry["organisation"], name=entry["name"]).first()


def find_key(service: Service, name: str) -> ApiKey | None:
    """Return the service's key of this name: the one that stands, else the newest that was revoked."""
    found = ApiKey.objects.filter(service=service, name=name)
    return found.filter(revoked_at__isnull=True).first() or found.order_by("-created_at").first()


def mode_of(entry: Entry, found: Service | None) -> str:
    """Return ``trial`` or ``live``: what the file says, else what the service is already."""
    standing = "live" if found is not None and found.is_live else "trial"
    return str(entry.get("mode", standing))
