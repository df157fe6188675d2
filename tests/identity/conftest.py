"""People, clients and codes for the tests of Identity."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from gaap.testing.plugin import TESTER
from tests.identity.people import PASSWORD, REDIRECT_URI, Citizen, RelyingParty, SentCode

if TYPE_CHECKING:
    from tests.identity.world import Suite, World

RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[SentCode]:
    """The codes that were handed to Notify, oldest first."""
    sent: list[SentCode] = []

    def keep(code: str, **about: str) -> None:
        sent.append(SentCode(code=code, **about))

    monkeypatch.setattr("gaap_identity.services.codes.send_code", keep)
    return sent


@pytest.fixture
def citizen(db: None, codes: list[SentCode]) -> Citizen:
    """A person with a browser and no account."""
    return Citizen(codes)


def register(service: Any, client_id: str, *, secret: str = "", **facts: Any) -> Any:
    """Register a client of `service`, or change it."""
    from gaap_identity.services.clients import set_client

    usual = {
        "name": "Renew a vehicle",
        "redirect_uris": REDIRECT_URI,
        "post_logout_redirect_uris": "https://renew.transport.example/bye",
        "public_key": "" if secret else RSA.as_pem(private=False).decode(),
        "auth_method": "client_secret_post" if secret else "private_key_jwt",
        "scopes": ["openid", "email", "phone"],
        "claims": ["coreIdentityJWT", "address", "passport", "returnCode"],
        "levels": ["P0", "P1", "P2"],
    }
    return set_client(client_id, service=service, facts={**usual, **facts}, by=TESTER, secret=secret)


def open_account(email: str = "harriet@example.org", *, phone: str = "+447700900123") -> Any:
    """Create an account as if its pages had been gone through."""
    from gaap_identity.services.accounts import NewAccount, create_account
    from gaap_identity.services.passwords import hash_password

    factor = "sms" if phone else "email"
    return create_account(
        NewAccount(email=email, password_hash=hash_password(PASSWORD), second_factor=factor, phone=phone)
    )


@pytest.fixture
def make_client(trial_service: Any) -> Callable[..., Any]:
    """Register a client of the trial service."""

    def make(client_id: str = "renew-vehicle", **facts: Any) -> Any:
        return register(trial_service, client_id, **facts)

    return make


@pytest.fixture
def client_row(make_client: Callable[..., Any]) -> Any:
    """The client that most tests are about."""
    return make_client()


@pytest.fixture
def rp(client_row: Any) -> RelyingParty:
    """The service behind it."""
    return RelyingParty(client_id=client_row.client_id, key=RSA)


@pytest.fixture
def make_account(db: None) -> Callable[..., Any]:
    """Create accounts as if their pages had been gone through."""
    return open_account


@pytest.fixture
def account(make_account: Callable[..., Any]) -> Any:
    """A citizen's account with a phone."""
    return make_account()


@pytest.fixture
def signed_in(citizen: Citizen, account: Any) -> Citizen:
    """A citizen who is signed in with a second factor."""
    citizen.enter(account)
    return citizen


class Clock:
    """The suite's clock, which a test moves."""

    offset = timedelta()

    def advance(self, change: timedelta) -> None:
        self.offset += change


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The suite's idea of now, standing at the machine's time until it is moved."""
    moved = Clock()
    monkeypatch.setattr("gaap.clock.offset", lambda: moved.offset)
    return moved


@pytest.fixture(scope="module")
def suite(django_db_setup: None, django_db_blocker: Any) -> Iterator["Suite"]:
    """The suite, listening. What a module's tests do to it stays until the module ends: emptying it takes long."""
    from django.core.management import call_command
    from pytest_django.live_server_helper import LiveServer

    from tests.identity.world import Suite

    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        try:
            yield Suite(f"{server.url}/", open_account())
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def world(suite: "Suite", settings: Any, codes: list[SentCode]) -> Iterator["World"]:
    """The suite as it is seen from outside, by nobody in particular and by a citizen who is signed in."""
    from tests.identity.world import World

    settings.GAAP_BASE_URL = suite.root
    cookie = suite.prepare()
    with (
        httpx.Client(base_url=suite.root, timeout=30) as anonymous,
        httpx.Client(base_url=suite.root, timeout=30, cookies={"gaap_citizen": cookie}) as signed_in,
    ):
        yield World(suite, anonymous, signed_in)
