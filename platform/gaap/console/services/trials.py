"""Starting a trial service: everything that a team needs for its first call, in one transaction."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.contributions import contributions
from gaap.keys.services import IssuedKey, create_api_key
from gaap.organisations.models import Membership, Organisation, Service
from gaap.organisations.services import create_organisation, create_service, set_membership
from gaap.provisioning.schema import sections

FIRST_KEY = "First key"


@dataclass(frozen=True)
class Trial:
    """A trial service with its first key."""

    service: Service
    key: IssuedKey


@transaction.atomic
def start_trial(name: str, *, organisation: Organisation | str, user: User) -> Trial:
    """Create a trial service for ``user``, who becomes its administrator, with a test key and sandbox providers.

    ``organisation`` is one that exists, or the name of one to be made. Raises IntegrityError when the name is taken.
    """
    by = Actor.for_user(user)
    if isinstance(organisation, str):
        organisation = create_organisation(organisation, type=Organisation.Type.OTHER, by=by)
    service = create_service(name, organisation=organisation, by=by)
    set_membership(user, service=service, role=Membership.Role.ADMIN, by=by)
    _apply_starters(service, by=by)
    return Trial(service, create_api_key(service, name=FIRST_KEY, type="test", by=by))


def _apply_starters(service: Service, *, by: Actor) -> None:
    """Apply each component's starter as if it stood in a provisioning file."""
    modules = sections()
    for contribution in contributions():
        for name, section in contribution.starter(service).items():
            modules[name].apply(service, section, by=by)
