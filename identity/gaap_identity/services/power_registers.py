"""What operators enter about acting for another: what can be granted, companies, and companies' powers."""

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap_identity.models import Company, Power, PowerScope
from gaap_identity.services.powers import NewPower, offer_power_of_company


@transaction.atomic
def save_scope(scope: PowerScope, *, by: Actor) -> None:
    """Store something that can be granted at a service."""
    scope.save()
    facts = {"identifier": scope.identifier, "name": scope.name, "names": scope.names, "is_active": scope.is_active}
    record("power_scope_changed", target=scope, by=by, after=facts)


@transaction.atomic
def save_company(company: Company, *, by: Actor) -> None:
    """Store a company as the register of companies has it."""
    company.save()
    record("company_changed", target=company, by=by, after={"name": company.name, "number": company.number})


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
