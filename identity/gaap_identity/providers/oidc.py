"""Evidence from another identity provider that speaks OpenID Connect: the federated market.

The source is known by its discovery document; what it says is believed only from an ID token that it signed for us,
now, for this very check. It learns nothing of the service: every check goes out in the platform's own name. Set-up,
in the source's options:

- ``issuer``, ``client_id``, and ``scope`` (``openid profile`` when not given);
- ``levels``: what each ``acr`` stands for, e.g. ``{"substantial": {"evidence": [["eid", 4, 2]], "fraud": 1,
  "verification": 2}}``; an answer with any other one identifies nobody;
- ``ask``: the ``acr_values`` to ask for; ``hint``: further parameters of the request.

The source's secret is the client secret (``client_secret_post``).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gaap import http
from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.providers.errors import ProviderError
from gaap.theme.csp import form_source
from gaap_identity import return_codes
from gaap_identity.jose import Token, UnreadableTokenError, verify
from gaap_identity.providers.base import (
    CheckRequest,
    CheckResult,
    EvidenceItem,
    EvidenceProvider,
    Facts,
    Name,
    NamePart,
    Way,
    registry,
)

ALGORITHMS = ("ES256", "PS256", "RS256")
DISCOVERY_SECONDS = 300
CLOCK_SKEW_SECONDS = 30
LONGEST_AGE_SECONDS = 600
#: Errors by which the source says that the citizen, not it, ended the visit (OpenID Connect Core, 3.1.2.6).
LEFT = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})


@registry.register("oidc")
class OidcProvider(EvidenceProvider):
    """An OpenID provider as source of evidence."""

    ways = (Way(needs=frozenset({"account_elsewhere"}), evidence=((4, 2),), fraud=1, verification=2, minutes=2),)

    def begin(self, request: CheckRequest) -> str:
        """Return the address of the source's sign-in; raises ProviderError."""
        query = {
            "response_type": "code",
            "client_id": self._option("client_id"),
            "redirect_uri": request.return_url,
            "scope": self.setup.options.get("scope", "openid profile"),
            "state": request.state,
            "nonce": _nonce(request.state),
            "code_challenge": _challenge(_verifier(request.state)),
            "code_challenge_method": "S256",
            "acr_values": " ".join(self.setup.options.get("ask", self._levels())),
            "ui_locales": request.language,
            **self.setup.options.get("hint", {}),
        }
        return f"{self._discovered('authorization_endpoint')}?{urlencode(query)}"

    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        """Redeem the code and judge the ID token; raises ProviderError when the source lies or does not answer."""
        if parameters.get("iss", self._option("issuer")) != self._option("issuer"):
            raise ProviderError("The answer names another issuer.", permanent=True)
        if "error" in parameters:
            if parameters["error"] in LEFT:
                return CheckResult(return_codes=(return_codes.LEFT,))
            raise ProviderError(f"The source answered {parameters['error'][:40]}.", permanent=False)
        state = parameters.get("state", "")
        answer = self._redeem(parameters.get("code", ""), verifier=_verifier(state))
        claims = self._read(str(answer.get("id_token", "")), nonce=_nonce(state))
        return self._judge({**self._userinfo(answer, subject=claims["sub"]), **claims})

    def page_origins(self) -> tuple[str, ...]:
        """Return the origin of the source's sign-in; raises ProviderError."""
        return (form_source(self._discovered("authorization_endpoint")),)

    def _redeem(self, code: str, *, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.setup.return_url,
            "client_id": self._option("client_id"),
            "client_secret": self.setup.secret,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return _call("POST", self._discovered("token_endpoint"), headers=headers, body=urlencode(form).encode())

    def _read(self, text: str, *, nonce: str) -> Mapping[str, Any]:
        """Return the claims of the ID token once everything about it holds (OpenID Connect Core, 3.1.3.7)."""
        claims = self._verified(text).claims
        audience = claims.get("aud")
        audience = [audience] if isinstance(audience, str) else audience
        mine = self._option("client_id")
        is_ours = audience == [mine] and claims.get("azp", mine) == mine
        if claims.get("iss") != self._option("issuer") or not is_ours or claims.get("nonce") != nonce:
            raise ProviderError("The ID token was made by another issuer, for another client or visit.", permanent=True)
        if not isinstance(claims.get("sub"), str) or not _is_fresh(claims):
            raise ProviderError("The ID token names nobody, or is too old.", permanent=True)
        return claims

    def _verified(self, text: str) -> Token:
        """Return the token if the source signed it; keys that it has changed since are fetched again once."""
        for is_last in (False, True):
            try:
                document: Any = _document(self._discovered("jwks_uri"), is_fresh=is_last)
                keys = KeySet.import_key_set(document)
                return verify(text, keys=keys, algorithms=ALGORITHMS)
            except (UnreadableTokenError, JoseError, ValueError, TypeError, KeyError):
                continue
        raise ProviderError("The ID token is not signed by the source.", permanent=True)

    def _userinfo(self, answer: Mapping[str, Any], *, subject: str) -> dict[str, Any]:
        address = self._discovery().get("userinfo_endpoint")
        if not address:
            return {}
        told = _call("GET", str(address), headers={"Authorization": f"Bearer {answer.get('access_token', '')}"})
        if told.get("sub") != subject:
            raise ProviderError("The source told of somebody else.", permanent=True)
        return told

    def _judge(self, claims: Mapping[str, Any]) -> CheckResult:
        """Turn the source's words into ours: its level into scores, its claims into facts."""
        told = self._levels().get(str(claims.get("acr", "")))
        if told is None:
            return CheckResult(return_codes=(return_codes.NOT_ENOUGH,))
        return CheckResult(
            facts=_facts(claims),
            evidence=tuple(EvidenceItem(*item) for item in told.get("evidence", ())),
            activity=told.get("activity", 0),
            fraud=told.get("fraud", 0),
            verification=told.get("verification", 0),
        )

    def _levels(self) -> Mapping[str, Any]:
        return dict(self.setup.options.get("levels", {}))

    def _option(self, name: str) -> str:
        value = self.setup.options.get(name)
        if not isinstance(value, str) or not value:
            raise ProviderError(f"The source has no {name}.", permanent=True)
        return value

    def _discovered(self, name: str) -> str:
        address = self._discovery().get(name)
        if not isinstance(address, str):
            raise ProviderError(f"The source publishes no {name}.", permanent=True)
        return address

    def _discovery(self) -> dict[str, Any]:
        issuer = self._option("issuer")
        document = _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise ProviderError("The source's discovery document is another issuer's.", permanent=True)
        return document


def _facts(claims: Mapping[str, Any]) -> Facts:
    given, family = str(claims.get("given_name") or ""), str(claims.get("family_name") or "")
    parts = (*_parts(given, "GivenName"), *_parts(family, "FamilyName"))
    return Facts(
        names=(Name(parts=parts),),
        birth_dates=(str(claims["birthdate"]),) if claims.get("birthdate") else (),
    )


def _parts(text: str, kind: Any) -> tuple[NamePart, ...]:
    return (NamePart(kind, text),) if text else ()


def _is_fresh(claims: Mapping[str, Any]) -> bool:
    moment = now().timestamp()
    times = [claims.get("exp"), claims.get("iat")]
    if not all(isinstance(time, int | float) and not isinstance(time, bool) for time in times):
        return False
    expires, issued = float(str(times[0])), float(str(times[1]))
    return expires > moment and moment - LONGEST_AGE_SECONDS < issued <= moment + CLOCK_SKEW_SECONDS


def _nonce(state: str) -> str:
    """Return what the ID token must repeat: nobody who sees the state can work it out."""
    return keyed_digest(state, purpose="identity.oidc.nonce")


def _verifier(state: str) -> str:
    return keyed_digest(state, purpose="identity.oidc.verifier")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _document(address: str, *, is_fresh: bool = False) -> dict[str, Any]:
    key = f"identity.oidc.{hashlib.sha256(address.encode()).hexdigest()}"
    held = None if is_fresh else cache.get(key)
    if held is None:
        held = _call("GET", address)
        cache.set(key, held, DISCOVERY_SECONDS)
    return dict(held)


def _call(method: str, url: str, **options: Any) -> dict[str, Any]:
    """Return the JSON object that one call answers; raises ProviderError."""
    try:
        answer = http.call(method, url, **options)
    except http.OutgoingError as error:
        raise ProviderError(f"The source does not answer: {error}", permanent=False) from error
    if answer.status != HTTPStatus.OK:
        raise ProviderError(f"The source answered {answer.status}.", permanent=answer.status < 500)
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ProviderError("The source answered no JSON.", permanent=True) from error
    if not isinstance(document, dict):
        raise ProviderError("The source answered no JSON object.", permanent=True)
    return document
