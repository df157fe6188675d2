"""The identity that a citizen has proven: kept, and told to the services that may know it (contract A.6)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.rows import read_row
from gaap_identity.matching import is_same_person
from gaap_identity.models import Account, CoreIdentity, IdentityCheck
from gaap_identity.openid.levels import IDENTITY_LEVELS
from gaap_identity.providers.base import Facts
from gaap_identity.services.assessments import judge_again

NO_LEVEL = IDENTITY_LEVELS[0]
DOCUMENTS = ("addresses", "passports", "driving_permits")


def proven_identity(account: Account, *, service: Service | None = None) -> CoreIdentity | None:
    """Return who ``account`` has proven to be, at a level that holds today; None when it holds none.

    Judges the identity anew when something it stands on has run out since. To a live ``service`` whoever was invented
    in the sandbox is nobody; without one it is the citizen who looks.
    """
    identity = read_row(CoreIdentity, account_id=account.pk)
    if identity is None or identity.level == NO_LEVEL or is_nobody_to(service, identity):
        return None
    if identity.expires_at is not None and identity.expires_at <= now():
        judge_again(identity.pk)
        identity.refresh_from_db()
    return None if identity.level == NO_LEVEL else identity


def is_nobody_to(service: Service | None, identity: CoreIdentity) -> bool:
    """Tell whether the identity was invented and ``service`` serves people in earnest."""
    return identity.is_sandbox and service is not None and service.is_live


def level_held(account: Account, *, service: Service | None = None) -> str:
    """Return the level of identity that ``account`` has proven and that still holds; ``P0`` when none.

    For ``service`` see ``proven_identity``.
    """
    identity = proven_identity(account, service=service)
    return identity.level if identity else NO_LEVEL


def take_facts(
    identity: CoreIdentity | None, *, check: IdentityCheck, facts: Facts, is_sandbox: bool
) -> CoreIdentity | None:
    """Return the account's identity with ``facts`` taken in, not yet judged; None when they are of somebody else.

    An identity that never reached a level is nobody yet, so other facts replace it. What the sandbox tells
    (``is_sandbox``) never changes whom somebody has really proven to be, and whoever was invented ends when a live
    service asks in earnest.
    In a transaction that holds the account.
    """
    told: Any = asdict(facts)
    if identity is None:
        return CoreIdentity.objects.create(
            account=check.account, identity_check=check, level=NO_LEVEL, facts=told, is_sandbox=is_sandbox
        )
    if is_sandbox and not identity.is_sandbox:
        return None
    is_over = is_nobody_to(check.service, identity)
    if is_over or not is_same_person(identity.facts, told):
        if identity.level != NO_LEVEL and not is_over:
            return None
        _forget_proofs(check.account)
        identity.facts, identity.is_sandbox = told, is_sandbox
    identity.facts = _merge(identity.facts, told)
    identity.identity_check = check
    identity.proven_at = now()
    identity.save(update_fields=["facts", "identity_check", "proven_at", "is_sandbox"])
    return identity


def _merge(held: Mapping[str, Any], told: Mapping[str, Any]) -> Any:
    """Return what was told last, with the addresses and documents that it says nothing of kept from before."""
    return {**told, **{name: told[name] or held.get(name, ()) for name in DOCUMENTS}}


def _forget_proofs(account: Account) -> None:
    account.evidence.all().delete()
    account.corroborations.all().delete()
    account.doubts.filter(is_sandbox=True).delete()


def display_name(identity: CoreIdentity) -> str:
    """Return the citizen's present name as it is written."""
    present = [name for name in identity.facts["names"] if not name["valid_until"]]
    return " ".join(part["value"] for part in present[0]["parts"])


def credential(identity: CoreIdentity) -> dict[str, Any]:
    """Return the verifiable credential of names and date of birth that the core identity token holds."""
    return {
        "type": ["VerifiableCredential", "VerifiableIdentityCredential"],
        "credentialSubject": {
            "name": [_name(name) for name in identity.facts["names"]],
            "birthDate": [{"value": value} for value in identity.facts["birth_dates"]],
        },
    }


def _name(name: dict[str, Any]) -> dict[str, Any]:
    dates = {"validFrom": name["valid_from"], "validUntil": name["valid_until"]}
    return {**{key: value for key, value in dates.items() if value}, "nameParts": list(name["parts"])}
