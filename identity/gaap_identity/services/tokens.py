"""Minting the tokens of the contract (A.4 and A.5)."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from gaap.clock import now
from gaap_identity.conf import (
    ACCESS_TOKEN_LIFETIME,
    CORE_IDENTITY_LIFETIME,
    ID_TOKEN_LIFETIME,
    LOGOUT_TOKEN_LIFETIME,
)
from gaap_identity.jose import left_half_hash
from gaap_identity.models import Account, Client, SignIn
from gaap_identity.openid import addresses
from gaap_identity.openid.claims import claim_address
from gaap_identity.openid.simulated import spoil_claims, spoil_signature
from gaap_identity.services.signing_keys import CORE_IDENTITY, TOKENS, active_signer
from gaap_identity.services.simulating import faults_of
from gaap_identity.services.subjects import persons_in, subject_of

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def mint_access_token(sign_in: SignIn, *, account: Account) -> str:
    """Return the access token of a sign-in: a JWT, because relying parties read it (A.4)."""
    client = sign_in.client
    claims = {
        **_common(ACCESS_TOKEN_LIFETIME),
        **persons_in(sign_in, account=account),
        "jti": str(uuid.uuid4()),
        "client_id": client.client_id,
        "sid": str(sign_in.pk),
        "scope": list(sign_in.scopes),
        "claims": [claim_address(name) for name in sign_in.claims],
    }
    return active_signer(TOKENS, algorithm=client.algorithm).sign(claims)


def mint_id_token(
    sign_in: SignIn, *, account: Account, access_token: str, jti: uuid.UUID, faults: Collection[str] = ()
) -> str:
    """Return the ID token of a sign-in. Its ``vot`` names the credential level alone, never the identity's (A.5).

    ``faults`` are what is to be wrong with it, because the client simulates.
    """
    client = sign_in.client
    claims = {
        **_common(ID_TOKEN_LIFETIME),
        **persons_in(sign_in, account=account),
        "aud": client.client_id,
        "jti": str(jti),
        "at_hash": left_half_hash(access_token),
        "sid": str(sign_in.pk),
        "vot": sign_in.vot,
        "vtm": addresses.trustmark(),
        "auth_time": _seconds(sign_in.authenticated_at or now()),
        **({"nonce": sign_in.nonce} if sign_in.nonce else {}),
    }
    spoilt = spoil_claims(claims, kind="id_token", faults=faults)
    text = active_signer(TOKENS, algorithm=client.algorithm).sign(spoilt)
    return spoil_signature(text, kind="id_token", faults=faults)


def mint_core_identity(credential: dict[str, Any], *, account: Account, client: Client, level: str) -> str:
    """Return the core identity as a signed token for ``client``; its key stands in the DID document (A.6)."""
    claims = {
        **_common(CORE_IDENTITY_LIFETIME),
        "sub": subject_of(account, client=client),
        "aud": client.client_id,
        "nbf": _seconds(now()),
        "vot": level,
        "vtm": addresses.trustmark(),
        "vc": credential,
    }
    signer = active_signer(CORE_IDENTITY, algorithm="ES256")
    faults = faults_of(client)
    spoilt = spoil_claims(claims, kind="core_identity", faults=faults)
    text = signer.sign(spoilt, kid=f"{addresses.did()}#{signer.kid}")
    return spoil_signature(text, kind="core_identity", faults=faults)


def mint_logout_token(client: Client, *, subject: str, jti: str, actor_subject: str = "") -> str:
    """Return the token that tells ``client`` that ``subject`` signed out everywhere, so without ``sid`` (A.7).

    ``actor_subject`` says who acted for them, when it is that somebody who signed out.
    """
    moment = now()
    claims = {
        "iss": addresses.issuer(),
        "sub": subject,
        "aud": client.client_id,
        "iat": _seconds(moment),
        "exp": _seconds(moment + LOGOUT_TOKEN_LIFETIME),
        "jti": jti,
        "events": {LOGOUT_EVENT: {}},
        **({"act": {"sub": actor_subject}} if actor_subject else {}),
    }
    return active_signer(TOKENS, algorithm="ES256").sign(claims, typ="logout+jwt")


def mint_security_event(client: Client, *, subject: str, jti: str, happened_at: datetime, event: dict[str, Any]) -> str:
    """Return the token that tells ``client`` what happened to ``subject`` (RFC 8417; the subject as in RFC 9493).

    It has no ``exp``, as RFC 8417 (2.2) advises, and no ``sub``, so that nothing can take it for an ID token.
    """
    issuer = addresses.issuer()
    claims = {
        "iss": issuer,
        "aud": client.client_id,
        "iat": _seconds(happened_at),
        "jti": jti,
        "sub_id": {"format": "iss_sub", "iss": issuer, "sub": subject},
        "events": event,
    }
    return active_signer(TOKENS, algorithm="ES256").sign(claims, typ="secevent+jwt")


def _common(lifetime: timedelta) -> dict[str, Any]:
    moment = now()
    return {"iss": addresses.issuer(), "iat": _seconds(moment), "exp": _seconds(moment + lifetime)}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
