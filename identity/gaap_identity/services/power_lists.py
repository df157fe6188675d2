"""What the citizen's page of powers shows: offers, powers held and given, and every use."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.audit.models import AuditEvent
from gaap_identity.models import Account, Company, Power, PowerScope
from gaap_identity.models.powers import today
from gaap_identity.services.company_officers import powers_seen
from gaap_identity.services.core_identities import NO_LEVEL, display_name

#: How many powers and uses are shown at most, the newest first.
LONGEST = 100
MOST_USES = 500
STATUSES: dict[str, Promise | str] = {
    "offered": _("Waiting for an answer"),
    "accepted": _("Accepted"),
    "declined": _("Turned down"),
    "ended": _("Ended"),
}


@dataclass(frozen=True)
class ShownPower:
    """One power as a citizen reads it. ``person`` is the other side; ``uses`` are the newest first."""

    power: Power
    person: str
    scopes: list[str]
    status: Promise | str
    can_end: bool
    uses: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class PowerLists:
    """All of a citizen's powers."""

    offers: list[ShownPower]
    held: list[ShownPower]
    given: list[ShownPower]


def name_of(power: Power) -> str:
    """Return whom ``power`` acts for: the company, the person's proven name, or else their email address."""
    if power.giver is None:
        return str(power.company)
    identity = getattr(power.giver, "core_identity", None)
    return display_name(identity) if identity is not None and identity.level != NO_LEVEL else power.giver.email


def powers_of(account: Account) -> PowerLists:
    """Return the powers of ``account``, in a number of queries that does not grow with them."""
    offers = list(Power.objects.offered_to(account).exclude(giver=account).with_people()[:LONGEST])
    held = list(Power.objects.filter(actor=account).with_people()[:LONGEST])
    given = list(Power.objects.filter(giver=account).with_people()[:LONGEST])
    words, uses = scope_words([*offers, *held, *given]), _uses([*held, *given])
    return PowerLists(
        offers=[_shown(power, person=name_of(power), words=words) for power in offers],
        held=[_shown(power, person=name_of(power), words=words, uses=uses) for power in held],
        given=[_shown(power, person=power.email, words=words, uses=uses) for power in given],
    )


def powers_of_company(company: Company, *, account: Account) -> list[ShownPower]:
    """Return the powers of ``company`` that its officer ``account`` sees."""
    powers = list(powers_seen(company, account=account).with_people()[:LONGEST])
    words, uses = scope_words(powers), _uses(powers)
    return [_shown(power, person=power.email, words=words, uses=uses) for power in powers]


Words = dict[tuple[object, str], str]
Uses = dict[str, list[datetime]]


def scope_words(powers: Iterable[Power]) -> Words:
    """Return what each scope of ``powers`` is called, by service and identifier."""
    scopes = PowerScope.objects.filter(service__in={power.service_id for power in powers})
    return {(scope.service_id, scope.identifier): scope.words for scope in scopes}


def _uses(powers: list[Power]) -> Uses:
    keys = [str(power.pk) for power in powers]
    events = AuditEvent.objects.filter(
        action="power_used", target_type=Power._meta.label_lower, target_id__in=keys
    ).order_by("-occurred_at")[:MOST_USES]
    found: Uses = defaultdict(list)
    for event in events:
        found[event.target_id].append(event.occurred_at)
    return found


def _shown(power: Power, *, person: str, words: Words, uses: Uses | None = None) -> ShownPower:
    is_over = power.ends_on < today()
    return ShownPower(
        power=power,
        person=person,
        scopes=[words.get((power.service_id, name), name) for name in power.scopes],
        status=_("Ran out") if is_over and power.status in ("offered", "accepted") else STATUSES[power.status],
        can_end=power.status in ("offered", "accepted") and not is_over,
        uses=(uses or {}).get(str(power.pk), []),
    )
