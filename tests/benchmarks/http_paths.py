"""What the APIs and a citizen's page answer in a second, beside a bare Django view under the same server."""

import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure, Turns
from tests.benchmarks.load import CONNECTIONS, Load, request_bytes, run_load, times_of
from tests.benchmarks.serving import Servers, serving

#: Writes a request, anew for each round: a token of Notify lives for 30 seconds.
Ask = Callable[[], bytes]
#: A round is short, so that a machine which changes its pace meets a figure and its control alike, and there are more.
TURNS = 5
REQUESTS = int(os.environ.get("GAAP_BENCH_REQUESTS", "1200")) // TURNS
FIRST_ROWS = 1000
EMPTY, INSERT, READ, READ_250, READ_20 = (
    "bare: empty view",
    "bare: one insert",
    "bare: one read",
    "bare: 250 rows read",
    "bare: 20 rows read",
)

#: What is measured: name, control, least share of the control that was promised.
PROMISES: tuple[tuple[str, str, float], ...] = (
    ("notify: accept an email", INSERT, 0.45),
    ("notify: accept a text", INSERT, 0.45),
    ("notify: read a message", READ, 0.60),
    ("notify: list 250 messages", READ_250, 0.0),
    ("pay: create a payment", INSERT, 0.30),
    ("pay: read a payment", READ, 0.60),
    ("pay: search, 20 payments", READ_20, 0.0),
    ("pay: the card page", EMPTY, 0.0),
    ("events: read 20", READ_20, 0.0),
)


@dataclass
class Prepared:
    """What the requests name: keys, templates, and one of everything that is read."""

    notify_headers: Callable[[], dict[str, str]]
    headers: dict[str, str]
    email_template: str
    text_template: str
    message: str
    payment: str
    cookies: str
    row: str


@dataclass
class Rate:
    """A measure of how often a request is answered in a second, each time with `status`."""

    address: str
    ask: Ask
    status: int = 200
    requests: int = REQUESTS
    callers: int = CONNECTIONS
    loads: list[Load] = field(default_factory=list)

    def __call__(self) -> float:
        """Ask so often, and return how many were answered in a second."""
        request = self.ask()
        load = run_load(self.address, [request] * self.requests, connections=self.callers)
        if set(load.statuses) != {self.status}:
            raise RuntimeError(f"Asked {request[:80]!r} and was answered {dict(load.statuses)}.")
        self.loads.append(load)
        return load.rate

    def times(self) -> dict[str, float]:
        """Return how long requests took, of all rounds but the first."""
        return times_of(self.loads[1:])


def measure(rounds: int) -> Iterable[Figure]:
    """Yield the figures; Django must be set up on a database of its own."""
    prepared = prepare()
    with TemporaryDirectory() as folder, serving(Path(folder)) as servers:
        asked = {**_controls(servers, prepared), **_notify(servers.suite, prepared), **_pay(servers.suite, prepared)}
        turns = Turns(dict(asked)).run(rounds=rounds * TURNS)
    for name, control, least in PROMISES:
        yield turns.figure(name, control=control, least_ratio=least, **asked[name].times())


def prepare() -> Prepared:
    """Make a live service with what the requests name, and the rows that are listed."""
    from django.db import connection

    from gaap.components import known_limits
    from gaap.keys.services import key_text
    from gaap.limits.services import MOST_CALLS, change_rate_limits
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from tests.api.world import World
    from tests.benchmarks.bare.models import CREATE_TABLE
    from tests.notify.tokens import token_for
    from tests.payments.support import Citizen, create

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
    change_rate_limits(service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
    world = World(service)
    live = world.keys["live"]
    headers = {"Authorization": f"Bearer {key_text(world.keys['test'])}"}
    citizen = Citizen(create(world.test_api))
    citizen.enter()
    row = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(CREATE_TABLE)
        cursor.execute("INSERT INTO bare_row VALUES (%s, now(), %s)", [row, '{"reference": "first"}'])
        cursor.execute(
            "INSERT INTO bare_row SELECT gen_random_uuid(), now(), %s FROM generate_series(1, %s)",
            ['{"template_id": "x", "personalisation": {"name": "Ngoc"}}', FIRST_ROWS],
        )
    return Prepared(
        notify_headers=lambda: {"Authorization": f"Bearer {token_for(live)}"},
        headers=headers,
        email_template=str(world.email_template.pk),
        text_template=str(world.template.pk),
        message=str(world.notification_id),
        payment=citizen.payment_id,
        cookies="; ".join(f"{name}={morsel.value}" for name, morsel in citizen.browser.cookies.items()),
        row=str(row),
    )


def _controls(servers: Servers, prepared: Prepared) -> dict[str, Rate]:
    bare = f"http://{servers.bare}"
    order = {"email_address": "ngoc@example.org", "template_id": prepared.email_template}

    def get(path: str) -> Ask:
        return lambda: request_bytes("GET", bare + path)

    def insert() -> bytes:
        return request_bytes("POST", f"{bare}/rows", document={**order, "personalisation": {"name": "Ngọc"}})

    return {
        EMPTY: Rate(servers.bare, get("/empty")),
        INSERT: Rate(servers.bare, insert, status=201),
        READ: Rate(servers.bare, get(f"/rows/{prepared.row}")),
        READ_250: Rate(servers.bare, get("/first/250"), requests=REQUESTS // 8),
        READ_20: Rate(servers.bare, get("/first/20"), requests=REQUESTS // 2),
    }


def notify_asks(address: str, prepared: Prepared) -> tuple[Ask, Ask]:
    """Return what asks to accept an email, and a text."""

    def accept(channel: str, template: str, **order: str) -> Ask:
        document = {**order, "template_id": template, "personalisation": {"name": "Ngọc"}}
        url = f"http://{address}/v2/notifications/{channel}"
        return lambda: request_bytes("POST", url, headers=prepared.notify_headers(), document=document)

    email = accept("email", prepared.email_template, email_address="ngoc@example.org")
    return email, accept("sms", prepared.text_template, phone_number="07700900123")


def _notify(address: str, prepared: Prepared) -> dict[str, Rate]:
    root = f"http://{address}/v2/notifications"
    email, text = notify_asks(address, prepared)

    def get(url: str) -> Ask:
        return lambda: request_bytes("GET", url, headers=prepared.notify_headers())

    return {
        "notify: accept an email": Rate(address, email, status=201),
        "notify: accept a text": Rate(address, text, status=201),
        "notify: read a message": Rate(address, get(f"{root}/{prepared.message}")),
        "notify: list 250 messages": Rate(address, get(root), requests=REQUESTS // 8),
    }


def _pay(address: str, prepared: Prepared) -> dict[str, Rate]:
    root = f"http://{address}/v1/payments"
    order = {"amount": 1450, "reference": "R1", "description": "A licence", "return_url": "https://service.example/"}

    def get(url: str, headers: dict[str, str] = prepared.headers) -> Ask:
        return lambda: request_bytes("GET", url, headers=headers)

    def create() -> bytes:
        return request_bytes("POST", root, headers=prepared.headers, document=order)

    page = get(f"http://{address}/card_details/{prepared.payment}", {"Cookie": prepared.cookies})
    return {
        "pay: create a payment": Rate(address, create, status=201),
        "pay: read a payment": Rate(address, get(f"{root}/{prepared.payment}")),
        "pay: search, 20 payments": Rate(address, get(f"{root}?display_size=20"), requests=REQUESTS // 2),
        "pay: the card page": Rate(address, page, requests=REQUESTS // 4),
        "events: read 20": Rate(address, get(f"http://{address}/v1/events?limit=20"), requests=REQUESTS // 2),
    }
