"""Changing a service's team, which always keeps somebody who may look after it."""

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Membership, Service
from gaap.organisations.services import set_membership


class LastAdministratorError(ValueError):
    """The change would leave the service without an administrator."""


@transaction.atomic
def change_role(membership: Membership, *, role: str, by: Actor) -> Membership:
    """Give a member another role; raises LastAdministratorError."""
    if role != Membership.Role.ADMIN:
        _keep_an_administrator(membership)
    return set_membership(membership.user, service=membership.service, role=role, by=by)


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor) -> bool:
    """Take a person out of the team; returns False when they are out already. Raises LastAdministratorError."""
    _keep_an_administrator(membership)
    removed, _ = Membership.objects.filter(pk=membership.pk).delete()
    if removed:
        record("membership_removed", target=membership, service=membership.service, by=by, before=membership.summary)
    return bool(removed)


def _keep_an_administrator(membership: Membership) -> None:
    """Hold the service's row, so that two administrators cannot remove each other at once."""
    Service.objects.select_for_update().get(pk=membership.service_id)
    administrators = Membership.objects.filter(service_id=membership.service_id, role=Membership.Role.ADMIN)
    if not administrators.exclude(pk=membership.pk).exists():
        raise LastAdministratorError
