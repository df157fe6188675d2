"""Clients whose keys stand at an address (contract A.4)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from joserfc.jwk import ECKey, RSAKey

from gaap.http import Answer, OutgoingError
from tests.identity.conftest import RSA
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form

pytestmark = pytest.mark.django_db

ADDRESS = "https://renew.transport.example/jwks.json"
NEW = RSAKey.generate_key(2048)


def published(**keys: RSAKey | ECKey) -> bytes:
    return json.dumps({"keys": [{**key.as_dict(private=False), "kid": kid} for kid, key in keys.items()]}).encode()


class KeyServer:
    """What stands at the address."""

    def __init__(self) -> None:
        self.status, self.body = 200, published(first=RSA)
        self.calls: list[str] = []

    def call(self, method: str, url: str, *, timeout: float) -> Answer:
        self.calls.append(f"{method} {url}")
        if self.status == 0:
            raise OutgoingError("nothing there")
        return Answer(self.status, {}, self.body)


@pytest.fixture
def key_server(monkeypatch: pytest.MonkeyPatch) -> KeyServer:
    """The client's own server."""
    server = KeyServer()
    monkeypatch.setattr("gaap_identity.services.client_keys.http.call", server.call)
    cache.clear()
    return server


@pytest.fixture
def rp(make_client: Callable[..., Any]) -> RelyingParty:
    """A service whose keys stand at an address."""
    make_client(public_key="", jwks_uri=ADDRESS)
    return RelyingParty("renew-vehicle", RSA)


def redeem(citizen: Citizen, rp: RelyingParty, kid: str | None) -> tuple[int, Any]:
    code = answer_of(citizen.browser.get(rp.authorize_path()))["code"]
    assertion = rp.assertion(header={"kid": kid} if kid else {})
    response = post_form(citizen.browser, "/token", rp.token_form(code, client_assertion=assertion))
    return response.status_code, response.json().get("error_description")


WRONG = (400, "Invalid signature in private_key_jwt")


def test_keys_are_fetched_once(signed_in: Citizen, rp: RelyingParty, key_server: KeyServer) -> None:
    for _ in range(3):
        assert redeem(signed_in, rp, "first")[0] == 200
    assert key_server.calls == [f"GET {ADDRESS}"]


def test_a_new_key_is_found(
    signed_in: Citizen, rp: RelyingParty, key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaap_identity.services.client_keys.REFETCH_SECONDS", 0)
    assert redeem(signed_in, rp, "first")[0] == 200
    key_server.body = published(first=RSA, second=NEW)
    rp.key = NEW
    assert redeem(signed_in, rp, "second")[0] == 200
    assert len(key_server.calls) == 2


def test_made_up_key_ids_do_not_make_us_call(signed_in: Citizen, rp: RelyingParty, key_server: KeyServer) -> None:
    for number in range(5):
        assert redeem(signed_in, rp, f"made-up-{number}") == WRONG
    assert len(key_server.calls) == 1
    assert redeem(signed_in, rp, "first")[0] == 200


def test_a_key_id_is_needed(signed_in: Citizen, rp: RelyingParty, key_server: KeyServer) -> None:
    assert redeem(signed_in, rp, None) == WRONG
    assert key_server.calls == []


def test_the_key_must_be_the_one_named(signed_in: Citizen, rp: RelyingParty, key_server: KeyServer) -> None:
    key_server.body = published(first=NEW, second=RSA)
    assert redeem(signed_in, rp, "first") == WRONG
    assert redeem(signed_in, rp, "second")[0] == 200


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (0, b""),
        (404, b"{}"),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"keys": 1}'),
        (200, b'{"keys": [1, {"kid": "first"}]}'),
        (200, b'{"keys": [{"kid": "first", "kty": "oct", "k": "AAAA"}]}'),
        (200, b'{"keys": [{"kid": "first", "kty": "RSA", "n": 1}]}'),
        (200, b"\xff"),
        (200, b"[" * 100_000),
    ],
)
def test_what_is_no_key_set(
    signed_in: Citizen, rp: RelyingParty, key_server: KeyServer, status: int, body: bytes
) -> None:
    key_server.status, key_server.body = status, body
    assert redeem(signed_in, rp, "first") == WRONG


def test_a_key_for_encryption_signs_nothing(signed_in: Citizen, rp: RelyingParty, key_server: KeyServer) -> None:
    key = {**RSA.as_dict(private=False), "kid": "first", "use": "enc"}
    key_server.body = json.dumps({"keys": [key]}).encode()
    assert redeem(signed_in, rp, "first") == WRONG
