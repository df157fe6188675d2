"""Which limits a service is held to: the platform's, or those that an operator set for it."""

from collections.abc import Mapping

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.components import known_limits
from gaap.limits.bucket import Policy
from gaap.organisations.models import Service

MOST_CALLS = 1_000_000


def policy_for(service: Service, name: str) -> Policy:
    """Return what ``service`` is held to under the limit called ``name``; raises KeyError for an unknown one."""
    return known_limits()[name].policy(service.rate_limits.get(name))


@transaction.atomic
def change_rate_limits(service: Service, *, calls: Mapping[str, int | None], by: Actor) -> bool:
    """Allow ``service`` other numbers of calls, by name of the limit; returns False when nothing differs.

    A number is 1 to 1,000,000 calls in the limit's own period; None goes back to what every service has. Limits that
    are not named stay. It holds at once, on every process. Raises ValueError for an unknown limit or number.
    """
    _check(calls)
    locked = Service.objects.select_for_update().get(pk=service.pk)
    before = dict(locked.rate_limits)
    after = {name: number for name, number in {**before, **calls}.items() if number is not None}
    if before == after:
        return False
    service.rate_limits = after
    Service.objects.filter(pk=service.pk).update(rate_limits=after)
    record("rate_limits_changed", target=service, service=service, by=by, before=before, after=after)
    return True


def _check(calls: Mapping[str, int | None]) -> None:
    if unknown := sorted(set(calls) - set(known_limits())):
        raise ValueError(f"Unknown limits: {', '.join(unknown)}.")
    for name, number in calls.items():
        if number is not None and not 1 <= number <= MOST_CALLS:
            raise ValueError(f"{name}: a limit is 1 to {MOST_CALLS} calls, not {number}.")
