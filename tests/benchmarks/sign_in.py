"""Signing in: with a password, and, for somebody who is signed in already, from `/authorize` to `/userinfo`.

A password costs what argon2 costs, on purpose, so its control is argon2 alone on as many threads. The control of a
round trip is three bare inserts, because it too has three requests, of which each writes.

How many round trips can be done in a second is measured by a few callers who ask again as soon as they are answered;
how long one takes, by citizens who arrive at a rate of their own, as they do: at the machine's limit times only grow.
"""

import os
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.benchmarks.figures import Figure, Measure, Turns
from tests.benchmarks.load import CONNECTIONS, Answer, Flow, Load, request_bytes, run_flows, times_of
from tests.benchmarks.serving import Servers, serving

SIGN_INS = int(os.environ.get("GAAP_BENCH_SIGN_INS", "100"))
ROUND_TRIPS = int(os.environ.get("GAAP_BENCH_ROUND_TRIPS", "200"))
ARRIVALS = int(os.environ.get("GAAP_BENCH_ARRIVALS", "500"))
#: What was promised: so many citizens a second, of whom 95 of 100 are back within 100 ms, of which ten fit in a second.
PER_SECOND, LEAST_IN_TURN = 100.0, 10.0
#: So many citizens can be on their way at once; who comes then waits, and the waiting counts.
MOST_AT_ONCE = 32
PROCESSES = 2
CITIZENS = 16
CSRF = "c" * 32
FORM = "application/x-www-form-urlencoded"
PASSWORD_STEP, ARGON2 = "identity: a password", "argon2 alone"
ROUND_TRIP, INSERTS = "identity: authorize, token, userinfo", "bare: three inserts"
ARRIVING, INSERTS_ARRIVING = "identity: a round trip, 100 arrive a second", "bare: the same of three inserts"
TOKEN, INSERT = "identity: token", "bare: one insert"
USERINFO, READ = "identity: userinfo", "bare: one read"


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; Django must be set up on a database of its own."""
    world = _World(rounds + 1)
    with TemporaryDirectory() as folder, serving(Path(folder), processes=PROCESSES) as servers:
        measures = world.measures(servers)
        turns = Turns(measures).run(rounds=rounds)
    yield turns.figure(PASSWORD_STEP, control=ARGON2, least=30)
    yield turns.figure(ROUND_TRIP, control=INSERTS, least=PER_SECOND, **times_of(world.loads[ROUND_TRIP][1:]))
    times = times_of(world.loads[ARRIVING][1:])
    details = tuple(f"{name} {times[name] * 1000:.0f} ms" for name in times)
    yield turns.figure(ARRIVING, control=INSERTS_ARRIVING, least=LEAST_IN_TURN, details=details, **times)
    for name, control in ((TOKEN, INSERT), (USERINFO, READ)):
        yield turns.figure(name, control=control, **times_of(world.loads[name][1:]))


class _World:
    """A service's client, and citizens who have accounts."""

    def __init__(self, turns: int) -> None:
        from django.db import connection

        from gaap.organisations.models import Service
        from gaap.organisations.services import create_organisation, create_service
        from gaap.testing.plugin import TESTER
        from gaap_identity.services.passwords import hash_password
        from tests.benchmarks.bare.models import CREATE_TABLE
        from tests.identity.conftest import RSA, register
        from tests.identity.people import PASSWORD, RelyingParty

        organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
        service = create_service("Renew", organisation=organisation, by=TESTER)
        register(service, "renew-vehicle", rate_limit=10**6)
        # Citizens sign in to live services; those on trial are also asked whether they simulate.
        Service.objects.update(is_live=True)
        self.party = RelyingParty("renew-vehicle", RSA)
        self.password, self.password_hash = PASSWORD, hash_password(PASSWORD)
        self.cookies = [self._signed_in(number) for number in range(CITIZENS)]
        self.emails = iter([self._account(f"p{number}").email for number in range(SIGN_INS * turns)])
        self.loads: dict[str, list[Load]] = defaultdict(list)
        self.row = uuid.uuid4()
        with connection.cursor() as cursor:
            cursor.execute(CREATE_TABLE)
            cursor.execute("INSERT INTO bare_row VALUES (%s, now(), '{}')", [self.row])

    def measures(self, servers: Servers) -> dict[str, Measure]:
        """Return what is measured, the controls first."""
        return {
            ARGON2: self._argon2,
            PASSWORD_STEP: lambda: _all(servers.suite, self._password_steps(servers.suite), 302).rate,
            INSERTS: lambda: _all(servers.bare, [_inserts(servers.bare, 3) for _ in range(ROUND_TRIPS)], 201).rate,
            ROUND_TRIP: lambda: self._noted(ROUND_TRIP, servers.suite, self._asked(servers.suite)),
            INSERTS_ARRIVING: lambda: (
                1 / _arriving(servers.bare, [_inserts(servers.bare, 3) for _ in range(ARRIVALS)], 201).percentile(0.95)
            ),
            ARRIVING: lambda: self._arriving(servers.suite),
            INSERT: lambda: _all(servers.bare, [_inserts(servers.bare, 1) for _ in range(ROUND_TRIPS)], 201).rate,
            TOKEN: lambda: self._noted(TOKEN, servers.suite, self._redeemed(servers.suite)),
            READ: lambda: (
                _all(servers.bare, [_got(servers.bare, f"/rows/{self.row}") for _ in range(ROUND_TRIPS)]).rate
            ),
            USERINFO: lambda: self._noted(USERINFO, servers.suite, self._told(servers.suite)),
        }

    def _noted(self, name: str, address: str, flows: list[Flow]) -> float:
        self.loads[name].append(_all(address, flows))
        return self.loads[name][-1].rate

    def _arriving(self, address: str) -> float:
        """Return how many round trips of the 95th percentile follow each other in a second."""
        load = _arriving(address, self._asked(address, ARRIVALS), 200)
        self.loads[ARRIVING].append(load)
        return 1 / load.percentile(0.95)

    def _asked(self, address: str, times: int = ROUND_TRIPS) -> list[Flow]:
        return [self._round_trip(address, self.cookies[number % CITIZENS]) for number in range(times)]

    def _redeemed(self, address: str) -> list[Flow]:
        """Prepare token requests, for codes that are asked for now."""
        codes: list[str] = []
        asked = [self._authorized(address, self.cookies[number % CITIZENS], codes) for number in range(ROUND_TRIPS)]
        _all(address, asked, 302)
        return [_redeemed(address, self.party.token_form(code), []) for code in codes]

    def _told(self, address: str) -> list[Flow]:
        """Prepare questions about citizens, with tokens that are asked for now."""
        codes, tokens = list[str](), list[str]()
        _all(address, [self._authorized(address, cookie, codes) for cookie in self.cookies], 302)
        _all(address, [_redeemed(address, self.party.token_form(code), tokens) for code in codes])
        return [_got(address, "/userinfo", tokens[number % len(tokens)]) for number in range(ROUND_TRIPS)]

    def _authorized(self, address: str, cookie: str, codes: list[str]) -> Flow:
        there = yield self._authorize(address, cookie)
        codes.append(_code_in(there))

    def _authorize(self, address: str, cookie: str) -> bytes:
        return request_bytes("GET", f"http://{address}{self.party.authorize_path()}", headers={"Cookie": cookie})

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
        return _steps(address, self._authorize(address, cookie), self.party.token_form("CODE"))

    def _account(self, name: str) -> Any:
        from gaap_identity.services.accounts import NewAccount, create_account

        email = f"{name}@example.org"
        return create_account(NewAccount(email=email, password_hash=self.password_hash, second_factor="email"))

    def _signed_in(self, number: int) -> str:
        from gaap_identity.services.sessions import open_session, sign_in_session

        account = self._account(f"c{number}")
        return f"gaap_citizen={sign_in_session(open_session('').session, account=account, vot='Cl.Cm')}"


def _arriving(address: str, flows: list[Flow], status: int) -> Load:
    return _all(address, flows, status, connections=MOST_AT_ONCE, per_second=PER_SECOND)


def _all(address: str, flows: list[Flow], status: int = 200, **how: Any) -> Load:
    load = run_flows(address, flows, **how)
    if set(load.statuses) != {status}:
        raise RuntimeError(f"Expected {status} and was answered {dict(load.statuses)}.")
    return load


def _posted(address: str, **form: str) -> Flow:
    headers = {"Cookie": f"gaap_csrf={CSRF}", "Content-Type": FORM}
    body = _form({**form, "csrfmiddlewaretoken": CSRF})
    yield request_bytes("POST", f"http://{address}/sign-in/password", headers=headers, body=body)


def _inserts(address: str, times: int) -> Flow:
    for number in range(times):
        yield request_bytes("POST", f"http://{address}/rows", document={"number": number, "scope": "openid email"})


def _got(address: str, path: str, token: str = "") -> Flow:
    yield request_bytes("GET", f"http://{address}{path}", headers={"Authorization": f"Bearer {token}"})


def _code_in(there: Answer) -> str:
    return parse_qs(urlsplit(there.header("location")).query)["code"][0]


def _redeemed(address: str, form: dict[str, str], tokens: list[str]) -> Flow:
    answer = yield request_bytes("POST", f"http://{address}/token", headers={"Content-Type": FORM}, body=_form(form))
    tokens.append(answer.document()["access_token"])


def _form(values: dict[str, str]) -> bytes:
    return urlencode(values).encode()


def _steps(address: str, asked: bytes, form: dict[str, str]) -> Flow:
    there = yield asked
    tokens: list[str] = []
    yield from _redeemed(address, {**form, "code": _code_in(there)}, tokens)
    yield from _got(address, "/userinfo", tokens[0])
