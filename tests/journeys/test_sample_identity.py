"""The sample service believes a signed identity only when every check of it holds."""

import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.journeys.conftest import SUITE

DID = "did:web:suite.example"
NAMES = [
    {"validUntil": "2016-01-01", "nameParts": [{"type": "GivenName", "value": "Old"}]},
    {"nameParts": [{"type": "GivenName", "value": "Harriet"}, {"type": "FamilyName", "value": "Clarke"}]},
]
GOOD = {"iss": SUITE, "aud": "renew-vehicle", "sub": "sub-1", "vot": "P2", "vc": {"credentialSubject": {"name": NAMES}}}


@pytest.fixture
def sign(sample: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return ``sign(kid=..., **claims)``: a core identity as the platform makes it, but for what is changed."""
    key, stranger = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    keys = {f"{DID}#now": key, f"{DID}#strange": stranger, "did:web:other.example#now": stranger}
    methods = [{"id": f"{DID}#now", "controller": DID, "publicKeyJwk": key.as_dict(private=False)}]
    methods.append(
        {"id": f"{DID}#other", "controller": "did:web:other.example", "publicKeyJwk": methods[0]["publicKeyJwk"]}
    )
    document = {"id": DID, "assertionMethod": methods}
    monkeypatch.setattr(sample.requests, "get", lambda url, timeout: SimpleNamespace(json=lambda: document))

    def make(*, kid: str = f"{DID}#now", signed_by: str = "", exp: float = 60, **changes: object) -> str:
        claims: dict[str, Any] = {**GOOD, "exp": int(time.time() + exp), **changes}
        return jwt.encode({"alg": "ES256", "kid": kid}, claims, keys.get(signed_by or kid, key))

    return make


def test_the_present_name_is_read(sample: ModuleType, sign: Callable[..., str]) -> None:
    assert sample.read_verified_name(sign(), sub="sub-1") == "Harriet Clarke"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "http://elsewhere.example/"},
        {"aud": "another-service"},
        {"sub": "somebody-else"},
        {"vot": "P1"},
        {"vot": None},
        {"exp": -60},
        {"kid": f"{DID}#unknown"},
        {"kid": f"{DID}#other"},
        {"kid": "did:web:other.example#now"},
        {"signed_by": f"{DID}#strange"},
    ],
    ids=str,
)
def test_an_identity_that_does_not_fit_is_refused(
    sample: ModuleType, sign: Callable[..., str], change: dict[str, Any]
) -> None:
    with pytest.raises(JoseError):
        sample.read_verified_name(sign(**change), sub="sub-1")


def test_no_identity_is_refused(sample: ModuleType) -> None:
    with pytest.raises(JoseError):
        sample.read_verified_name("", sub="sub-1")


def test_a_sign_in_that_did_not_begin_here_is_explained(sample: ModuleType) -> None:
    page = sample.app.test_client().get("/signed-in?code=stolen&state=unknown")
    assert page.status_code == 403
    assert sample.WORDS["en"]["not_verified_title"] in page.text
