"""Two client libraries that services use, as they are published, behind one face for the tests."""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.identity.conftest import RSA
from tests.identity.people import RelyingParty
from tests.node import modules

CALLBACK = "http://127.0.0.1:1/callback"
GOODBYE = "http://127.0.0.1:1/goodbye"
SECONDS = 20


@dataclass(frozen=True)
class Result:
    """What came of a sign-in: an error, or what the service knows now."""

    error: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    id_token: str = ""


class Party(Protocol):
    """A service built on one of the libraries."""

    def begin(self, *, manner: str = "plain", **parameters: Any) -> str:
        """Return where the citizen is sent; ``manner`` is ``plain``, ``signed`` or ``pushed``."""
        ...

    def finish(self, arrived: str) -> Result:
        """Redeem what the citizen came back with, and check it as the library does."""
        ...

    def logout(self, id_token: str) -> str:
        """Return where the citizen is sent to sign out."""
        ...

    def signed_out(self, logout_token: str) -> dict[str, Any]:
        """Return the claims of a logout token, checked."""
        ...


def texts_of(parameters: dict[str, Any]) -> dict[str, str]:
    """Return the parameters as they stand in a query: what is no text as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}


@dataclass
class NodeParty:
    """npm's openid-client."""

    root: str
    client_id: str
    algorithm: str = "PS256"
    id_token_algorithm: str = "ES256"
    checks: dict[str, Any] = field(default_factory=dict)

    def begin(self, *, manner: str = "plain", **parameters: Any) -> str:
        """Let the library build the address."""
        answer = self._run("begin", manner=manner, redirectUri=CALLBACK, parameters=texts_of(parameters))
        self.checks = answer["checks"]
        return str(answer["url"])

    def finish(self, arrived: str) -> Result:
        """Let the library check and redeem the answer."""
        answer = self._run("finish", arrived=arrived, checks=self.checks)
        return Result(
            answer.get("error", ""), answer.get("claims", {}), answer.get("told", {}), answer.get("idToken", "")
        )

    def logout(self, id_token: str) -> str:
        """Let the library build the address."""
        return str(self._run("logout", idToken=id_token, goodbye=GOODBYE)["url"])

    def signed_out(self, logout_token: str) -> dict[str, Any]:
        """Let jose, on which the library stands, check the token."""
        return dict(self._run("signedOut", logoutToken=logout_token)["claims"])

    def _run(self, step: str, **values: Any) -> dict[str, Any]:
        about = {
            "issuer": self.root,
            "clientId": self.client_id,
            "algorithm": self.algorithm,
            "idTokenAlgorithm": self.id_token_algorithm,
            "key": RSA.as_dict(private=True),
        }
        return modules.run("openid_client.mjs", {"step": step, **about, **values})


class AuthlibParty:
    """PyPI's Authlib, with joserfc, on which it stands, for request objects and logout tokens."""

    def __init__(self, root: str, client_id: str, algorithm: str = "PS256", id_token_algorithm: str = "ES256") -> None:
        self.metadata = requests.get(f"{root}.well-known/openid-configuration", timeout=SECONDS).json()
        self.client_id, self.algorithm, self.id_token_algorithm = client_id, algorithm, id_token_algorithm
        self.nonce, self.verifier = "n-0S6_WzA2Mj", "v" * 64
        self.session = OAuth2Session(
            client_id,
            RSA.as_pem(private=True).decode(),
            scope="openid email phone",
            redirect_uri=CALLBACK,
            token_endpoint_auth_method="private_key_jwt",
            code_challenge_method="S256",
        )
        self.session.register_client_auth_method(PrivateKeyJWT(self.metadata["token_endpoint"], alg=algorithm))

    def begin(self, *, manner: str = "plain", **parameters: Any) -> str:
        """Let the library build the address."""
        address, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"],
            nonce=self.nonce,
            code_verifier=self.verifier,
            **texts_of(parameters),
        )
        values = dict(parse_qsl(urlsplit(address).query))
        if manner == "signed":
            beside = {name: values[name] for name in ("response_type", "scope", "client_id")}
            signed = RelyingParty(self.client_id, RSA, self.algorithm, self.metadata["issuer"])
            values = {**beside, "request": signed.request_object(**values)}
        if manner == "pushed":
            values = {"client_id": self.client_id, "request_uri": self._push(values)}
        return f"{self.metadata['authorization_endpoint']}?{urlencode(values)}"

    def finish(self, arrived: str) -> Result:
        """Let the library check and redeem the answer."""
        answer = dict(parse_qsl(urlsplit(arrived).query))
        assert (answer["state"], answer["iss"]) == (self.state, self.metadata["issuer"])
        if "error" in answer:
            return Result(error=answer["error"])
        token = self.session.fetch_token(
            self.metadata["token_endpoint"], authorization_response=arrived, code_verifier=self.verifier
        )
        decoded = jwt.decode(token["id_token"], self._keys(), algorithms=[self.id_token_algorithm])
        options = {"iss": {"value": self.metadata["issuer"]}, "aud": {"value": self.client_id}}
        known = {"nonce": self.nonce, "access_token": token["access_token"]}
        claims = CodeIDToken(decoded.claims, decoded.header, options, known)
        claims.validate()
        told = self.session.get(self.metadata["userinfo_endpoint"], timeout=SECONDS).json()
        return Result(claims=dict(claims), told=told, id_token=token["id_token"])

    def logout(self, id_token: str) -> str:
        """Return the address as the standard has it; the library builds none."""
        values = {"id_token_hint": id_token, "post_logout_redirect_uri": GOODBYE, "state": "s-1"}
        return f"{self.metadata['end_session_endpoint']}?{urlencode(values)}"

    def signed_out(self, logout_token: str) -> dict[str, Any]:
        """Check the token as the standard says."""
        token = jwt.decode(logout_token, self._keys(), algorithms=["ES256"])
        assert token.header["typ"] == "logout+jwt"
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.metadata["issuer"]},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
        ).validate(token.claims)
        return dict(token.claims)

    def _push(self, values: dict[str, str]) -> str:
        signed = RelyingParty(self.client_id, RSA, self.algorithm, self.metadata["issuer"])
        proof = signed.token_form("")
        proof = {name: value for name, value in proof.items() if name.startswith("client_assertion")}
        address = self.metadata["pushed_authorization_request_endpoint"]
        return str(requests.post(address, {**values, **proof}, timeout=SECONDS).json()["request_uri"])

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=SECONDS).json())
