"""A running suite to be looked at from outside, over HTTP alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

from gaap.testing.plugin import TESTER
from tests.identity.conftest import RSA, register
from tests.identity.people import RelyingParty

Result = TypeVar("Result")
SECRET = "a secret of some length"

CLIENTS: dict[str, dict[str, Any]] = {
    "renew-vehicle": {},
    "by-secret": {"secret": SECRET},
    "signing-in-only": {"levels": ["P0"], "claims": []},
    "switched-off": {"is_active": False},
    "closed": {"rate_limit": 0},
    "with-jar": {"is_jar_required": True},
    "with-pkce": {"is_pkce_required": True},
    "with-max-age": {"is_max_age_allowed": True},
    "without-nonce": {"is_nonce_required": False},
    "standard": {"is_standard": True},
}


def beside(act: Callable[[], Result]) -> Result:
    """Run ``act`` outside of the test's transaction, so that the server sees what it did."""
    from django.db import connection, connections

    def run() -> Result:
        try:
            return act()
        finally:
            connections.close_all()

    if connection.vendor == "sqlite":  # One connection for the test and the server.
        return act()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


class Suite:
    """A running suite with one citizen's account and the clients above."""

    def __init__(self, root: str, account: Any) -> None:
        from gaap.organisations.services import create_organisation, create_service

        self.root, self.account = root, account
        organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
        self.service = create_service("Report a pothole", organisation=organisation, by=TESTER)

    def prepare(self) -> str:
        """Set every client and limit back, and return the cookie of a browser in which the citizen is signed in."""
        from gaap_identity.models import TryCounter
        from gaap_identity.services.sessions import open_session, sign_in_session

        def set_back() -> str:
            TryCounter.objects.all().delete()
            for client_id, facts in CLIENTS.items():
                register(self.service, client_id, **facts)
            return sign_in_session(open_session("").session, account=self.account, vot="Cl.Cm")

        return beside(set_back)


@dataclass
class World:
    """A running suite, a browser of nobody's, and one of a citizen who is signed in."""

    suite: Suite
    anonymous: httpx.Client
    signed_in: httpx.Client

    @property
    def root(self) -> str:
        return self.suite.root

    def register(self, client_id: str, **facts: Any) -> Any:
        return beside(lambda: register(self.suite.service, client_id, **facts))

    def rp(self, client: str) -> RelyingParty:
        return RelyingParty(client, RSA, issuer=self.root)

    def browser(self, is_signed_in: bool) -> httpx.Client:
        if is_signed_in:
            return self.signed_in
        self.anonymous.cookies.clear()
        return self.anonymous

    def ask(self, rp: RelyingParty, row: Any, *, is_signed: bool) -> httpx.Response:
        path = rp.jar_path(**row.changes) if is_signed else rp.authorize_path(**row.changes)
        return self.browser(getattr(row, "is_signed_in", False)).get(path)

    def redeem(self, rp: RelyingParty, code: str, **changes: Any) -> httpx.Response:
        return self.anonymous.post("/token", data=rp.token_form(code, **changes))

    def tokens(self, rp: RelyingParty, **asked: Any) -> dict[str, Any]:
        """Sign the citizen in and return the tokens."""
        answer = self.redeem(rp, self.code(rp, **asked))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def told(self, access_token: str) -> httpx.Response:
        return self.anonymous.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def answer(self, response: httpx.Response) -> dict[str, str]:
        """What the service is told by a redirect to its address."""
        assert response.status_code == 302, response.text
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query, keep_blank_values=True))

    def code(self, rp: RelyingParty, **asked: Any) -> str:
        answer = self.signed_in.get(rp.authorize_path(**asked))
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
