"""What operators enter about acting for another: what can be granted, companies, and companies' powers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_identity.models import Company, Power, PowerScope
from gaap_identity.services.powers import NewPower, offer_power_of_company

#: What the audit keeps of something that can be granted.
SCOPE_FACTS = ("identifier", "name", "names", "is_active")


@transaction.atomic
def set_scope(service: Service, *, identifier: str, facts: Mapping[str, Any], by: Actor) -> PowerScope:
    """Declare, or change to hold ``facts`` (columns), what can be granted at ``service`` under ``identifier``."""
    stored = PowerScope.objects.filter(service=service, identifier=identifier).first()
    scope = stored or PowerScope(service=service, identifier=identifier)
    for name, value in facts.items():
        setattr(scope, name, value)
    save_scope(scope, by=by)
    return scope


@transaction.atomic
def save_scope(scope: PowerScope, *, by: Actor) -> None:
    """Store something that can be granted at a service, and record it; nothing happens when it stands so already."""
    stored = PowerScope.objects.filter(pk=scope.pk).first()
    before, after = (_facts(stored) if stored else None), _facts(scope)
    if before == after and stored is not None and stored.service_id == scope.service_id:
        return
    scope.save()
    record("power_scope_changed", target=scope, by=by, before=before, after=after)


@transaction.atomic
def save_company(company: Company, *, by: Actor) -> None:
    """Store a company as the register of companies has it."""
    company.save()
    facts = {"name": company.name, "country": company.country, "number": company.number}
    record("company_changed", target=company, by=by, after=facts)


def offer_entered(entered: Power, *, by: Actor) -> None:
    """Offer the power of a company that an operator entered, and give ``entered`` its key.

    Raises PowerRefusedError, TypeError for one without a company.
    """
    if entered.company is None:
        raise TypeError("Operators enter powers of companies only.")
    new = NewPower(
        service=entered.service,
        email=entered.email,
        scopes=entered.scopes,
        starts_on=entered.starts_on,
        ends_on=entered.ends_on,
    )
    stored = offer_power_of_company(new, company=entered.company, by=by)
    entered.pk, entered._state.adding = stored.pk, False


def _facts(scope: PowerScope) -> dict[str, Any]:
    return {name: getattr(scope, name) for name in SCOPE_FACTS}
