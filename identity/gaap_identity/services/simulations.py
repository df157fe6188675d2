"""Simulator mode: a client of a trial service gets its answers without any page, as its team set them."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap_identity import return_codes
from gaap_identity.errors import AccessDeniedError, AccountExistsError, AuthorizationError, IdentityError
from gaap_identity.models import Account, BrowserSession, Client, Company, Power, SignIn, Simulation
from gaap_identity.models.powers import today
from gaap_identity.openid.claims import RETURN_CODE
from gaap_identity.openid.simulated import DESCRIPTION
from gaap_identity.providers.company_registers import SANDBOX_COMPANIES
from gaap_identity.providers.personas import BY_IDENTIFIER
from gaap_identity.services.accounts import NewAccount, create_account
from gaap_identity.services.checks import prove_with_persona
from gaap_identity.services.core_identities import level_held
from gaap_identity.services.passwords import hash_password
from gaap_identity.services.powers import scopes_of
from gaap_identity.services.sign_ins import complete_sign_in, refuse_sign_in
from gaap_identity.services.simulating import simulation_of

SIMULATED_PHONE = "+447700900000"
NOBODY = "somebody"


class SimulationRefusedError(IdentityError):
    """Nothing is simulated for a live service, nor in production."""


class ForcedError(AuthorizationError):
    """The error that a simulation sends back."""

    def __init__(self, code: str) -> None:
        """Take the ``error``."""
        super().__init__(DESCRIPTION)
        self.code = code


@transaction.atomic
def set_simulation(client: Client, *, facts: Mapping[str, Any], by: Actor) -> Simulation:
    """Let ``client`` be answered as ``facts`` (columns of the model) say; what they leave out goes back to nothing.

    Raises SimulationRefusedError.
    """
    if client.service.is_live or kernel_conf.is_production:
        raise SimulationRefusedError("Nothing is simulated for a live service.")
    clean: dict[str, Any] = {
        "persona": "",
        "company": "",
        "authorize_error": "",
        "token_error": "",
        "userinfo_error": "",
    }
    values = {"is_on": False, "faults": [], "claims": {}, **clean, **facts}
    simulation, _ = Simulation.objects.update_or_create(client=client, defaults=values)
    told = {name: value for name, value in facts.items() if name != "claims"}
    record("simulation_changed", target=client, by=by, after={**told, "claims": sorted(simulation.claims)})
    return simulation


def simulate(sign_in: SignIn) -> str | None:
    """Return where the browser goes at once when the client simulates; None when it does not."""
    simulation = simulation_of(sign_in.client)
    if simulation is None:
        return None
    session = BrowserSession(account=_citizen(simulation), vot=sign_in.credential_level, authenticated_at=now())
    try:
        if simulation.authorize_error:
            raise ForcedError(simulation.authorize_error)
        _check_identity(sign_in, simulation=simulation, session=session)
        _choose_company(sign_in, simulation=simulation, session=session)
        return complete_sign_in(sign_in, session=session)
    except AuthorizationError as error:
        return refuse_sign_in(sign_in, error=error, session=session)


def _check_identity(sign_in: SignIn, *, simulation: Simulation, session: BrowserSession) -> None:
    """Do what the pages about proving do: nothing when the level is held, else give the reasons or refuse."""
    if session.account is None or not sign_in.requested.needs_identity:
        return
    if sign_in.requested.met_by(level_held(session.account, service=sign_in.service)):
        return
    if RETURN_CODE not in sign_in.claims:
        raise AccessDeniedError("Identity could not be proven")
    persona = BY_IDENTIFIER.get(simulation.persona)
    codes = list(persona.result.return_codes) if persona else [return_codes.NO_EVIDENCE]
    sign_in.return_codes = codes or [return_codes.NOT_ENOUGH]
    SignIn.objects.filter(pk=sign_in.pk).update(return_codes=sign_in.return_codes)


def _choose_company(sign_in: SignIn, *, simulation: Simulation, session: BrowserSession) -> None:
    """Let the simulated citizen act for the company that the team set, if the client takes such people."""
    if not simulation.company or not sign_in.client.takes_powers or session.account is None:
        return
    sign_in.power, sign_in.is_person_chosen = _power(simulation, account=session.account), True
    SignIn.objects.filter(pk=sign_in.pk).update(power=sign_in.power, is_person_chosen=True)


def _power(simulation: Simulation, *, account: Account) -> Power:
    """Return a power of the company that counts today and allows all that can be granted at the service."""
    service = simulation.client.service
    (country, number), entry = next(
        (key, entry) for key, entry in SANDBOX_COMPANIES.items() if key[1] == simulation.company
    )
    company, _is_new = Company.objects.get_or_create(
        country=country, number=number, is_sandbox=True, defaults={"name": entry.name}
    )
    scopes = [scope.identifier for scope in scopes_of(service)]
    held = Power.objects.in_force().filter(actor=account, company=company, service=service, scopes=scopes)
    return held.with_people().first() or Power.objects.create(
        service=service,
        company=company,
        actor=account,
        email=account.email,
        email_digest=account.email_digest,
        scopes=scopes,
        starts_on=today(),
        ends_on=today() + timedelta(days=1),
        status="accepted",
    )


def _citizen(simulation: Simulation) -> Account:
    """Return the account of the persona for this client; nobody can sign in to it."""
    client = simulation.client
    email = f"{simulation.persona or NOBODY}.{client.pk}@simulator.invalid"
    account = Account.objects.with_email(email).first() or _create(email)
    persona = BY_IDENTIFIER.get(simulation.persona)
    if persona is not None and persona.result.facts is not None:
        prove_with_persona(account, service=client.service, persona=persona.identifier)
    return account


def _create(email: str) -> Account:
    password_hash = hash_password(secrets.token_urlsafe(32))
    new = NewAccount(email=email, password_hash=password_hash, second_factor="sms", phone=SIMULATED_PHONE)
    try:
        return create_account(new)
    except AccountExistsError:
        return Account.objects.with_email(email).get()
