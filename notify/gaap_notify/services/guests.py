"""The guest list, one person at a time: whom a service on trial, and team keys, reach besides the team."""

from typing import Literal
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import GuestListEntry
from gaap_notify.services.recipients import normalise_recipient
from gaap_notify.services.service_settings import recipient_digest, settings_of
from gaap_notify.services.setup import lock_setup

#: So many addresses, and so many numbers (spec C.1).
MOST_GUESTS = 5


class GuestError(Exception):
    """Nobody can be added so: ``code`` is ``taken`` or ``full``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def guests_of(service_id: UUID) -> list[GuestListEntry]:
    """Return the guest list, addresses before numbers."""
    rows = GuestListEntry.objects.filter(service_id=service_id)
    return sorted(rows, key=lambda row: ("@" not in row.recipient, row.recipient))


def find_guest(service_id: UUID, guest_id: int) -> GuestListEntry:
    """Return one of the service's guests; raises NoResultFoundError."""
    found = GuestListEntry.objects.filter(service_id=service_id, pk=guest_id).select_related("service").first()
    if found is None:
        raise NoResultFoundError
    return found


@transaction.atomic
def add_guest(service: Service, recipient: str, *, by: Actor) -> GuestListEntry:
    """Put an address or a number on the guest list; raises RecipientError or GuestError."""
    channel: Literal["sms", "email"] = "email" if "@" in recipient else "sms"
    address = normalise_recipient(recipient, channel=channel, default_region=settings_of(service.pk).default_region)
    lock_setup(service)
    present = guests_of(service.pk)
    if address in {guest.recipient for guest in present}:
        raise GuestError("taken")
    if sum(("@" in guest.recipient) == ("@" in address) for guest in present) >= MOST_GUESTS:
        raise GuestError("full")
    guest = GuestListEntry.objects.create(
        service=service, recipient=address, recipient_digest=recipient_digest(address)
    )
    record("guest_added", target=service, service=service, by=by, after={"entries": len(present) + 1})
    return guest


@transaction.atomic
def remove_guest(guest: GuestListEntry, *, by: Actor) -> bool:
    """Take somebody off the guest list; returns False when they are off it already."""
    if not GuestListEntry.objects.filter(pk=guest.pk).delete()[0]:
        return False
    left = GuestListEntry.objects.filter(service=guest.service_id).count()
    record("guest_removed", target=guest.service, service=guest.service, by=by, after={"entries": left})
    return True
