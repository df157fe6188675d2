"""Who takes part in the tests of Identity: a relying party, and a citizen with a browser."""

import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

REDIRECT_URI = "https://renew.transport.example/callback"
PASSWORD = "wet paint on seven chairs"
CORE_IDENTITY = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
RETURN_CODE = "https://vocab.account.gov.uk/v1/returnCode"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class RelyingParty:
    """A service that knows nothing but the contract."""

    client_id: str
    key: RSAKey | ECKey
    algorithm: str = "PS256"
    issuer: str = "http://127.0.0.1:8000/"
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def parameters(self, **changes: Any) -> dict[str, str]:
        """A request that holds; a change to None leaves a parameter out."""
        usual = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid email phone",
            "state": self.state,
            "nonce": self.nonce,
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def authorize_path(self, **changes: Any) -> str:
        return f"/authorize?{urlencode(self.parameters(**changes))}"

    def assertion(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        moment = int(time.time())
        usual = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer + "token",
            "iat": moment,
            "exp": moment + 300,
            "jti": secrets.token_hex(8),
        }
        claims = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        head = {"alg": self.algorithm, **(header or {})}
        return jwt.encode(head, claims, self.key, algorithms=[head["alg"]])

    def request_object(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A signed request object (JAR); a change to None leaves a claim out."""
        usual = {
            **self.parameters(),
            "iss": self.client_id,
            "aud": self.issuer + "authorize",
            "exp": int(time.time()) + 300,
            "jti": secrets.token_hex(8),
        }
        claims = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        head = {"alg": self.algorithm, **(header or {})}
        return jwt.encode(head, claims, self.key, algorithms=[head["alg"]])

    def jar_path(self, text: str = "", **changes: Any) -> str:
        """Where a citizen is sent with a request object: one made of `changes`, or `text`."""
        values = {"response_type": "code", "scope": "openid email phone", "client_id": self.client_id}
        return f"/authorize?{urlencode({**values, 'request': text or self.request_object(**changes)})}"

    def token_form(self, code: str, **changes: Any) -> dict[str, str]:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "client_assertion_type": ASSERTION_TYPE,
        }
        form = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        if "client_assertion" not in changes:
            form["client_assertion"] = self.assertion()
        return form


def post_form(browser: Browser, path: str, form: dict[str, str]) -> Any:
    return browser.post(path, urlencode(form), content_type="application/x-www-form-urlencoded")


def answer_of(response: Any) -> dict[str, str]:
    """What a redirect brings back to the service, which always says from whom (RFC 9207)."""
    assert response.status_code == 302, response.content[:500]
    assert response["Location"].startswith(REDIRECT_URI), response["Location"]
    answer = dict(parse_qsl(urlsplit(response["Location"]).query, keep_blank_values=True))
    assert answer.pop("iss") == "http://127.0.0.1:8000/"
    return answer


def read_token(text: str, document: Any) -> Any:
    """Verify a token as a relying party does, with the published keys."""
    return jwt.decode(text, KeySet.import_key_set(document), algorithms=["ES256", "RS256"])


@dataclass
class SentCode:
    """A code that would have been sent."""

    code: str
    channel: str
    recipient: str
    language: str
    purpose: str


class Citizen:
    """A person with a browser, and the codes that reached them."""

    def __init__(self, codes: list[SentCode], *, language: str = "en") -> None:
        self.browser = Browser(headers={"Accept-Language": language})
        self.codes = codes

    def post(self, path: str, **form: str) -> Any:
        return self.browser.post(path, form)

    def create_account(self, email: str, *, phone: str = "", password: str = PASSWORD) -> Any:
        """Go through every page of creating an account and return the last answer."""
        self.post("/sign-in/create", email=email)
        self.post("/sign-in/create/email-code", code=self.codes[-1].code)
        self.post("/sign-in/create/password", password=password)
        if not phone:
            return self.post("/sign-in/create/codes", second_factor="email")
        self.post("/sign-in/create/codes", second_factor="sms")
        self.post("/sign-in/create/phone", phone=phone)
        return self.post("/sign-in/create/phone-code", code=self.codes[-1].code)

    def sign_in(self, email: str, *, password: str = PASSWORD) -> Any:
        self.post("/sign-in/password", email=email, password=password)
        return self.post("/sign-in/code", code=self.codes[-1].code)

    def enter(self, account: Any, *, vot: str = "Cl.Cm") -> None:
        """Be signed in already."""
        from gaap_identity.services.sessions import open_session, sign_in_session

        session = open_session("").session
        self.browser.cookies["gaap_citizen"] = sign_in_session(session, account=account, vot=vot)

    def prove(self, persona: str) -> Any:
        """Prove who they are as a persona and return the answer to the last page."""
        there = self.browser.post("/prove-identity")
        path = there["Location"].removeprefix("http://127.0.0.1:8000")
        back = self.browser.post(path, {"persona": persona})
        assert self.browser.get(back["Location"])["Location"] == "/prove-identity/result"
        return self.browser.post("/prove-identity/result")


def text_of(response: Any) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def claims_parameter(*names: str) -> str:
    return json.dumps({"userinfo": dict.fromkeys(names)})
