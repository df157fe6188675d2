"""Who may take payments by telephone, in the ``payments`` section of a provisioning file: members by their address."""

from collections.abc import Iterator
from typing import Any

from gaap.actors import Actor
from gaap.organisations.models import Membership, Service
from gaap.provisioning.finding import find_service
from gaap_payments.services.telephone import permit_members, permitted_ids

SCHEMA = {"type": "array", "items": {"type": "string", "format": "email", "maxLength": 150}}


def faults(addresses: list[str], *, service: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the list: only members of the team, in the file or before it, can be on it."""
    known = {member["email"].lower() for member in service.get("members", [])}
    if (found := find_service(service)) is not None:
        known |= _members(found).keys()
    yield from (f"{address} is not a member of the team." for address in addresses if address.lower() not in known)


def apply(service: Service, addresses: list[str], *, by: Actor) -> None:
    """Let exactly these members take payments by telephone; administrators may anyway."""
    members = _members(service)
    permit_members(service, membership_ids={members[address.lower()] for address in addresses}, by=by)


def export(service: Service) -> list[str]:
    """Return the addresses of the members who may."""
    permitted = permitted_ids(service)
    return sorted(address for address, key in _members(service).items() if key in permitted)


def _members(service: Service) -> dict[str, int]:
    rows = Membership.objects.filter(service=service).select_related("user")
    return {row.user.get_username().lower(): row.pk for row in rows}
