"""Everybody signs in at once: they queue, come in as they came, and all of them are signed in, each as themselves.

The real processes on PostgreSQL with the waiting page and the gate in front, and citizens whose browsers have no
JavaScript. By default a hundred; all of a spike with ``GAAP_TEST_SPIKE_SIGN_INS=5000``, with nothing else beside it.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey

from gaap.surge.queue import Pace
from gaap_site.celery import queue_names
from tests.benchmarks.load import Answer, request_bytes
from tests.faults.crowd import FORM, Crowd, Part, Plain, Seen, Way, served
from tests.faults.suite import Suite, database_of_its_own, delete_queues
from tests.identity.people import PASSWORD, REDIRECT_URI, RelyingParty

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq]

SIGN_INS = int(os.environ.get("GAAP_TEST_SPIKE_SIGN_INS", "100"))
PACE = Pace(1200 if SIGN_INS >= 1000 else 300)
ARRIVING_SECONDS = min(20.0, SIGN_INS / 100)
#: Ten times what the queue alone takes, and never less than two minutes: a bound, and no promise.
PATIENCE_SECONDS = 120 + 10 * SIGN_INS / PACE.per_second
CONNECTIONS = 64
KEY = ECKey.generate_key("P-256")
LEVEL = '["Cl"]'
SESSIONS = """
SELECT count(*), count(DISTINCT account_id) FROM gaap_identity_browsersession WHERE account_id IS NOT NULL
"""
ACCOUNTS = """
from gaap_identity.services.accounts import NewAccount, create_account
from gaap_identity.services.passwords import hash_password
kept = hash_password({password!r})
for number in range({number}):
    create_account(NewAccount(email=f"citizen{{number}}@example.org", password_hash=kept, second_factor="email"))
"""


def document() -> dict[str, Any]:
    """Declare the service that everybody wants to go to."""
    client = {
        "client_id": "gift",
        "redirect_uris": [REDIRECT_URI],
        "public_key": KEY.as_pem(private=False).decode(),
        "scopes": ["openid", "email", "phone"],
    }
    service = {"organisation": "Treasury", "name": "Gift", "mode": "trial", "identity": {"clients": [client]}}
    return {"organisations": [{"name": "Treasury", "type": "central"}], "services": [service]}


@pytest.fixture
def suite(tmp_path: Path, postgresql_url: str, broker_url: str) -> Iterator[Suite]:
    name = f"gaap_spike_{uuid4().hex[:12]}"
    with database_of_its_own(postgresql_url, name) as database_url:
        suite = Suite(
            tmp_path,
            database_url=database_url,
            broker_url=broker_url,
            name=name,
            environ={"WEB_CONCURRENCY": "2", "GAAP_SURGE_PER_MINUTE": str(PACE.per_minute)},
            serving=("--config", "python:gaap_site.web_server"),
        )
        yield suite
        delete_queues(broker_url, [suite.queue_prefix + queue for queue in queue_names()])


class Watched(Plain):
    """A browser off which one reads its last number in the queue, 0 when it never had one."""

    place = 0

    def _keep_cookies(self, answer: Answer) -> None:
        super()._keep_cookies(answer)
        ticket = self.cookies.get("gaap_queue", "").partition(":")[0]
        if ticket:
            known = json.loads(base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4)))
            self.place = known["number"] or self.place


@dataclass
class Citizen:
    """Somebody with an account: when they were let in, and whom the service was told that they are."""

    email: str
    browser: Watched
    party: RelyingParty
    came_in: float = 0.0
    told: list[str] = field(default_factory=list)

    def sign_in(self) -> Way:
        """Go to the service, wait in the queue, and sign in."""
        there = yield from self.browser.get(self.party.authorize_path(vtr=LEVEL))
        self.came_in = time.monotonic()
        assert urlsplit(there.header("Location")).path == "/sign-in", there.head
        yield from self.browser.get("/sign-in/password")
        yield from self._go_back(
            (yield from self.browser.post("/sign-in/password", email=self.email, password=PASSWORD))
        )

    def come_again(self) -> Way:
        """Go to the service, which asks that they be signed in already."""
        back = yield from self.browser.get(self.party.authorize_path(vtr=LEVEL, prompt="none"))
        yield from self._go_back(back)

    def _go_back(self, back: Answer) -> Way:
        """Have the service ask who it is that comes back."""
        answer = parse_qs(urlsplit(back.header("Location")).query)
        assert "code" in answer, back.head
        form = urlencode(self.party.token_form(answer["code"][0])).encode()
        given = yield from self._ask("POST", "/token", {"Content-Type": FORM}, form)
        bearer = {"Authorization": f"Bearer {given.document()['access_token']}"}
        claims = yield from self._ask("GET", "/userinfo", bearer)
        self.told.append(claims.document()["email"])

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Part:
        request = request_bytes(method, self.browser.base_url + path, headers=headers, body=body)
        return served(request, seen=self.browser.seen)


def test_everybody_is_signed_in_at_last(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    suite.set_up(document())
    suite.run_code(ACCOUNTS.format(password=PASSWORD, number=SIGN_INS))
    seen, party = Seen(), RelyingParty("gift", KEY, "ES256", issuer=f"{suite.base_url}/")
    citizens = [
        Citizen(f"citizen{number}@example.org", Watched(suite.base_url, seen), party) for number in range(SIGN_INS)
    ]
    with suite.running():
        began = time.monotonic()
        crowd = Crowd(suite.base_url, patience=PATIENCE_SECONDS)
        left = crowd.go([citizen.sign_in() for citizen in citizens], within=ARRIVING_SECONDS, connections=CONNECTIONS)
        lasted = time.monotonic() - began
        assert (left, crowd.faults) == (0, []), f"all are signed in after {lasted:.0f} s; {seen}"
        back = Crowd(suite.base_url, patience=PATIENCE_SECONDS)
        left = back.go([citizen.come_again() for citizen in citizens], within=SIGN_INS / 20, connections=CONNECTIONS)
        assert (left, back.faults) == (0, []), f"no session was lost; {seen}"
    with capsys.disabled():
        sys.stdout.write(f"\n{SIGN_INS} signed in within {lasted:.0f} s, {SIGN_INS / lasted:.0f} a second; {seen}\n")
    assert set(seen.statuses) <= {200, 302, 503}, "nothing but answers and deliberate refusals"
    assert seen.without_a_time == 0
    assert seen.waiting_pages, "who came too soon has queued"
    assert [citizen.told for citizen in citizens] == [[citizen.email] * 2 for citizen in citizens]
    check_order(citizens, began)
    signed_in = (
        "SELECT count(*), count(DISTINCT account_id) FROM gaap_identity_browsersession WHERE account_id IS NOT NULL"
    )
    assert suite.query(signed_in) == [(SIGN_INS, SIGN_INS)]


def check_order(citizens: list[Citizen], began: float) -> None:
    """Nobody shares a number, and nobody came in before theirs can have been called."""
    placed = [citizen for citizen in citizens if citizen.browser.place]
    assert len({citizen.browser.place for citizen in placed}) == len(placed) > 0
    for citizen in placed:
        turn = (citizen.browser.place - PACE.ahead) / PACE.per_second
        assert citizen.came_in - began >= turn, f"number {citizen.browser.place} came in too early"
