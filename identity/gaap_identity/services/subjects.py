"""What a client knows a citizen, or a company, by."""

from typing import Any

from gaap_identity.models import Account, Client, Company, Power, SignIn
from gaap_identity.openid.subjects import subject_for, wallet_subject_for


def subject_of(holder: Account | Company, *, client: Client) -> str:
    """Return the ``sub`` of ``holder`` for ``client``: one for each sector, or one for all public clients."""
    sector = client.sector_host if client.subject_type == Client.SubjectType.PAIRWISE else ""
    return subject_for(sector, subject=holder.subject, salt=holder.subject_salt)


def wallet_subject_of(account: Account, *, client: Client) -> str:
    """Return the ``wallet_subject_id`` of ``account`` for ``client``, which credentials are bound to."""
    return wallet_subject_for(client.sector_host, subject=account.subject)


def persons_in(sign_in: SignIn, *, account: Account) -> dict[str, Any]:
    """Return the claims that say who ``sign_in`` is about: ``sub``, and who acts for them with what power.

    ``account`` is who signed in. When they act for another, that other is ``sub`` and they are ``act`` (RFC 8693, 4.1).
    """
    client, power = sign_in.client, sign_in.power
    own = subject_of(account, client=client)
    if power is None:
        return {"sub": own}
    return {"sub": subject_of(power.represented, client=client), "act": {"sub": own}, "power": _power_claim(power)}


def _power_claim(power: Power) -> dict[str, Any]:
    claim = {"id": str(power.pk), "scopes": power.scopes, "ends_on": power.ends_on.isoformat()}
    if power.company is None:
        return claim
    company = power.company
    country = {"country": company.country} if company.country else {}
    return {**claim, "company": {"name": company.name, **country, "number": company.number}}
