"""What a relying party is told about a citizen (contract A.6), and the record of it."""

import copy
from collections.abc import Callable
from typing import Any

from django.db import transaction

from gaap.audit.services import audit_event
from gaap.clock import now
from gaap.rows import read_row
from gaap_identity.conf import conf
from gaap_identity.errors import IdentityError
from gaap_identity.models import AccessToken, Account, CoreIdentity, Power, SignIn
from gaap_identity.models.tokens import token_checksum
from gaap_identity.openid.claims import ADDRESS, CORE_IDENTITY, DRIVING_PERMIT, PASSPORT, RETURN_CODE, claim_address
from gaap_identity.openid.requests import WALLET_SCOPE
from gaap_identity.openid.simulated import DESCRIPTION
from gaap_identity.services.consents import consented, note_release
from gaap_identity.services.core_identities import credential, proven_identity
from gaap_identity.services.known_clients import client_with_key
from gaap_identity.services.sessions import citizen
from gaap_identity.services.simulating import simulation_of
from gaap_identity.services.subjects import persons_in, wallet_subject_of
from gaap_identity.services.tokens import mint_core_identity
from gaap_identity.services.verified_claims import verified_claims


class InvalidTokenError(IdentityError):
    """The access token opens nothing."""

    def __init__(self, description: str, *, code: str = "invalid_token") -> None:
        """Take ``error_description`` and ``error``."""
        super().__init__(description)
        self.description = description
        self.code = code


def read_userinfo(token: str) -> dict[str, Any]:
    """Return the claims that the access token ``token`` opens; raises InvalidTokenError.

    Of somebody who acts for another, ``act`` says what can be told of the one who acts, and the rest is of the other:
    only what that other agreed to share with this service themselves.
    """
    stored = _valid_token(token)
    if stored is None or not stored.sign_in.client.is_active or not _may_act(stored.sign_in):
        raise InvalidTokenError("Invalid Access Token")
    sign_in, account, power = stored.sign_in, stored.user, stored.sign_in.power
    simulated = _simulated_claims(sign_in)
    claims = persons_in(sign_in, account=account)
    if power is None:
        claims.update(_release(account, sign_in=sign_in, by=account))
    else:
        with transaction.atomic():
            claims["act"].update(_release(account, sign_in=sign_in, by=account))
            claims.update(_release_of_represented(power, sign_in=sign_in, by=account))
    return {**claims, **simulated}


def _valid_token(text: str) -> AccessToken | None:
    """Return the token if it was issued here, not revoked and has not expired, with what it is about."""
    stored = read_row(AccessToken, "user", "sign_in", token_checksum=token_checksum(text))
    if stored is None or stored.expires <= now():
        return None
    sign_in = stored.sign_in
    sign_in.client = client = client_with_key(sign_in.client_id)
    if sign_in.service_id == client.service_id:
        sign_in.service = client.service
    if sign_in.power_id is None:
        return stored
    sign_in.power = Power.objects.select_related("giver", "company").filter(pk=sign_in.power_id).first()
    return stored if sign_in.power is not None else None


def _may_act(sign_in: SignIn) -> bool:
    return sign_in.power is None or sign_in.power.is_in_force


def _release_of_represented(power: Power, *, sign_in: SignIn, by: Account) -> dict[str, Any]:
    """Return what can be told of the one acted for; a company is named in the power itself."""
    if power.giver is None:
        return {}
    theirs = copy.copy(sign_in)
    # They say why the one who acts could not prove who they are.
    theirs.return_codes = []
    return _release(power.giver, sign_in=theirs, by=by)


def _release(account: Account, *, sign_in: SignIn, by: Account) -> dict[str, Any]:
    """Return what ``account`` lets the service know of what it asked for, and record that it was told."""
    told = consented(account, service=sign_in.service, names=[*sign_in.scopes, *sign_in.claims])
    narrowed = copy.copy(sign_in)
    narrowed.scopes = [name for name in sign_in.scopes if name in told]
    narrowed.claims = [name for name in sign_in.claims if name in told]
    claims = {
        **_contact_claims(account, scopes=narrowed.scopes),
        **_wallet_claims(account, sign_in=narrowed),
        **_identity_claims(account, sign_in=narrowed),
    }
    names = sorted(["sub", *claims])
    after = {"client": sign_in.client.client_id, "claims": names}
    event = audit_event("claims_released", target=account, service=sign_in.service, by=citizen(by), after=after)
    note_release(account, service=sign_in.service, names=told, event=event)
    return claims


def _simulated_claims(sign_in: SignIn) -> dict[str, Any]:
    """Return the claims that the client's simulation sets; raises InvalidTokenError when it forces an error."""
    simulation = simulation_of(sign_in.client)
    if simulation is None:
        return {}
    if simulation.userinfo_error:
        raise InvalidTokenError(DESCRIPTION, code=simulation.userinfo_error)
    return dict(simulation.claims)


def _contact_claims(account: Account, *, scopes: list[str]) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    if "email" in scopes:
        claims.update(email=account.email, email_verified=True)
    if "phone" in scopes and account.second_factor == Account.SecondFactor.SMS:
        claims.update(phone_number=account.phone, phone_number_verified=True)
    return claims


def _wallet_claims(account: Account, *, sign_in: SignIn) -> dict[str, Any]:
    is_asked = WALLET_SCOPE in sign_in.scopes
    return {"wallet_subject_id": wallet_subject_of(account, client=sign_in.client)} if is_asked else {}


def _identity_claims(account: Account, *, sign_in: SignIn) -> dict[str, Any]:
    """Return what was asked for and can be told; an identity below the levels asked for is not told at all."""
    claims: dict[str, Any] = {}
    if RETURN_CODE in sign_in.claims and sign_in.return_codes:
        claims[claim_address(RETURN_CODE)] = [{"code": code} for code in sign_in.return_codes]
    if not _FACTS.keys() & set(sign_in.claims):
        return claims
    identity = proven_identity(account, service=sign_in.service)
    level = sign_in.requested.met_by(identity.level) if identity else ""
    if identity is None or not level:
        return claims
    for name in sign_in.claims:
        value = _FACTS[name](identity, sign_in, level) if name in _FACTS else None
        if value:
            claims[claim_address(name)] = value
    if conf.trust_framework and CORE_IDENTITY in sign_in.claims:
        claims["verified_claims"] = verified_claims(identity, level=level)
    return claims


def _core_identity(identity: CoreIdentity, sign_in: SignIn, level: str) -> str:
    return mint_core_identity(credential(identity), account=identity.account, client=sign_in.client, level=level)


_FACTS: dict[str, Callable[[CoreIdentity, SignIn, str], Any]] = {
    CORE_IDENTITY: _core_identity,
    ADDRESS: lambda identity, sign_in, level: identity.facts["addresses"],
    PASSPORT: lambda identity, sign_in, level: identity.facts["passports"],
    DRIVING_PERMIT: lambda identity, sign_in, level: identity.facts["driving_permits"],
}
