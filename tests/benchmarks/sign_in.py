"""Signing in: with a password, and, for somebody who is signed in already, from `/authorize` to `/userinfo`.

A password costs what argon2 costs, on purpose, so its control is argon2 alone on as many threads. The control of a
round trip is three bare inserts, because it too has three requests, of which each writes.
"""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.benchmarks.figures import Figure, Measure, Turns
from tests.benchmarks.load import CONNECTIONS, Flow, Load, request_bytes, run_flows
from tests.benchmarks.serving import Servers, serving

SIGN_INS = int(os.environ.get("GAAP_BENCH_SIGN_INS", "100"))
ROUND_TRIPS = int(os.environ.get("GAAP_BENCH_ROUND_TRIPS", "200"))
PROCESSES = 2
CITIZENS = 16
CSRF = "c" * 32
FORM = "application/x-www-form-urlencoded"
PASSWORD_STEP, ARGON2 = "identity: a password", "argon2 alone"
ROUND_TRIP, INSERTS = "identity: authorize, token, userinfo", "bare: three inserts"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; Django must be set up on a database of its own."""
    world = _World(rounds + 1)
    with TemporaryDirectory() as folder, serving(Path(folder), processes=PROCESSES) as servers:
        measures = world.measures(servers)
        turns = Turns(measures).run(rounds=rounds)
    slowest = max(load.percentile(0.95) for load in world.round_trips[1:])
    details = (f"95th percentile {slowest * 1000:.0f} ms",)
    yield turns.figure(PASSWORD_STEP, control=ARGON2, least=30)
    yield turns.figure(ROUND_TRIP, control=INSERTS, least=100, details=details)


class _World:
    """A service's client, and citizens who have accounts."""

    def __init__(self, turns: int) -> None:
        from django.db import connection

        from gaap.organisations.services import create_organisation, create_service
        from gaap.testing.plugin import TESTER
        from gaap_identity.services.passwords import hash_password
        from tests.benchmarks.bare.models import CREATE_TABLE
        from tests.identity.conftest import RSA, register
        from tests.identity.people import PASSWORD, RelyingParty

        organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
        service = create_service("Renew", organisation=organisation, by=TESTER)
        register(service, "renew-vehicle", rate_limit=10**6)
        self.party = RelyingParty("renew-vehicle", RSA)
        self.password, self.password_hash = PASSWORD, hash_password(PASSWORD)
        self.cookies = [self._signed_in(number) for number in range(CITIZENS)]
        self.emails = iter([self._account(f"p{number}").email for number in range(SIGN_INS * turns)])
        self.round_trips: list[Load] = []
        with connection.cursor() as cursor:
            cursor.execute(CREATE_TABLE)

    def measures(self, servers: Servers) -> dict[str, Measure]:
        """Return what is measured, the controls first."""
        return {
            ARGON2: self._argon2,
            PASSWORD_STEP: lambda: _all(servers.suite, self._password_steps(servers.suite), 302).rate,
            INSERTS: lambda: _all(servers.bare, [_three_inserts(servers.bare) for _ in range(ROUND_TRIPS)], 201).rate,
            ROUND_TRIP: lambda: self._round_trips(servers.suite),
        }

    def _round_trips(self, address: str) -> float:
        flows = [self._round_trip(address, self.cookies[number % CITIZENS]) for number in range(ROUND_TRIPS)]
        self.round_trips.append(_all(address, flows, 200))
        return self.round_trips[-1].rate

    def _argon2(self) -> float:
        from gaap_identity.services.passwords import verify_password

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            began = time.perf_counter()
            list(pool.map(lambda _: verify_password(self.password, stored=self.password_hash), range(SIGN_INS)))
            return SIGN_INS / (time.perf_counter() - began)

    def _password_steps(self, address: str) -> list[Flow]:
        return [_posted(address, email=next(self.emails), password=self.password) for _ in range(SIGN_INS)]

    def _round_trip(self, address: str, cookie: str) -> Flow:
        """Prepare a sign-in of somebody who is signed in; what costs the service's own time is done beforehand."""
        asked = request_bytes("GET", f"http://{address}{self.party.authorize_path()}", headers={"Cookie": cookie})
        return _steps(address, asked, self.party.token_form("CODE"))

    def _account(self, name: str) -> Any:
        from gaap_identity.services.accounts import NewAccount, create_account

        email = f"{name}@example.org"
        return create_account(NewAccount(email=email, password_hash=self.password_hash, second_factor="email"))

    def _signed_in(self, number: int) -> str:
        from gaap_identity.services.sessions import open_session, sign_in_session

        account = self._account(f"c{number}")
        return f"gaap_citizen={sign_in_session(open_session('').session, account=account, vot='Cl.Cm')}"


def _all(address: str, flows: list[Flow], status: int) -> Load:
    load = run_flows(address, flows)
    if set(load.statuses) != {status}:
        raise RuntimeError(f"Expected {status} and was answered {dict(load.statuses)}.")
    return load


def _posted(address: str, **form: str) -> Flow:
    headers = {"Cookie": f"gaap_csrf={CSRF}", "Content-Type": FORM}
    body = urlencode({**form, "csrfmiddlewaretoken": CSRF}).encode()
    yield request_bytes("POST", f"http://{address}/sign-in/password", headers=headers, body=body)


def _three_inserts(address: str) -> Flow:
    for number in range(3):
        yield request_bytes("POST", f"http://{address}/rows", document={"number": number, "scope": "openid email"})


def _steps(address: str, asked: bytes, form: dict[str, str]) -> Flow:
    there = yield asked
    code = parse_qs(urlsplit(there.header("location")).query)["code"][0]
    body = urlencode({**form, "code": code}).encode()
    tokens = yield request_bytes("POST", f"http://{address}/token", headers={"Content-Type": FORM}, body=body)
    bearer = {"Authorization": f"Bearer {tokens.document()['access_token']}"}
    yield request_bytes("GET", f"http://{address}/userinfo", headers=bearer)
