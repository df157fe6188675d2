"""The keyed paths: each yields what is to be measured, ready to be called, on rows from all over the past."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.growth.stored import Stored

if TYPE_CHECKING:
    from django.test import Client

Step = Callable[[], object]
#: Yields so many steps; they are made ready before the first of them is measured.
Path = Callable[[Stored, int], Iterable[Step]]
NOTIFICATIONS, PAYMENTS = "/v2/notifications", "/v1/payments"
BATCH = 100
_events, _receipts = count(), count(1)


def _answered(call: Callable[[], Any], status: int) -> Step:
    def step() -> None:
        answer = call()
        if answer.status_code != status:
            raise RuntimeError(f"Expected {status} and was answered {answer.status_code}: {answer.content[:200]!r}")

    return step


def _notify(stored: Stored) -> Any:
    from tests.notify.tokens import NotifyClient

    return NotifyClient(stored.live)


def _accept(stored: Stored, times: int, channel: str, **order: str) -> Iterator[Step]:
    api = _notify(stored)
    body = {**order, "personalisation": {"name": "Ngọc"}}
    return (_answered(partial(api.send, channel, body), 201) for _ in range(times))


def accept_email(stored: Stored, times: int) -> Iterator[Step]:
    """Take an email to send."""
    template = str(stored.world.email_template.pk)
    return _accept(stored, times, "email", email_address="ngoc@example.org", template_id=template)


def accept_text(stored: Stored, times: int) -> Iterator[Step]:
    """Take a text to send."""
    return _accept(stored, times, "sms", phone_number="07700900123", template_id=str(stored.world.template.pk))


def read_message(stored: Stored, times: int) -> Iterator[Step]:
    """Read a message that is still kept."""
    keys = stored.some(stored.kept, "id", times)
    return _read(_notify(stored), [f"{NOTIFICATIONS}/{key}" for key in keys])


def list_first(stored: Stored, times: int) -> Iterator[Step]:
    """List the newest messages."""
    return _read(_notify(stored), [NOTIFICATIONS] * times)


def list_after(stored: Stored, times: int) -> Iterator[Step]:
    """List what comes after a message on its way."""
    keys = stored.some(stored.sending, "id", times)
    return _read(_notify(stored), [f"{NOTIFICATIONS}?older_than={key}" for key in keys])


def list_end(stored: Stored, times: int) -> Iterator[Step]:
    """Find that nothing comes after the oldest message that is kept."""
    (oldest,) = stored.kept.names("id", [1])
    return _read(_notify(stored), [f"{NOTIFICATIONS}?older_than={oldest}"] * times)


def list_reference(stored: Stored, times: int) -> Iterator[Step]:
    """Find a message by the service's reference."""
    references = stored.some(stored.kept, "reference", times)
    return _read(_notify(stored), [f"{NOTIFICATIONS}?reference={reference}" for reference in references])


def console_first(stored: Stored, times: int) -> Iterator[Step]:
    """List the newest messages as the console does."""
    from gaap_notify.services.results import search_messages

    return ((lambda: list(search_messages(stored.service.pk)[:51])) for _ in range(times))


def claim_batch(stored: Stored, times: int) -> Iterator[Step]:
    """Lock a hundred due messages, and let them go again."""
    from django.db import transaction

    from gaap_notify.services.claiming import lock_due

    def step() -> None:
        with transaction.atomic():
            taken = lock_due(BATCH)
            transaction.set_rollback(True)
        if len(taken) < BATCH:
            raise RuntimeError(f"Only {len(taken)} messages were due.")

    return (step for _ in range(times))


def receive_report(stored: Stored, times: int) -> Iterator[Step]:
    """Hear from a provider, which knows the message by its own id, what became of one."""
    from gaap_notify.services.receipts import receive_receipt

    def applied(provider_id: str) -> Step:
        body = json.dumps({"event": f"{provider_id}.delivered", "message": provider_id, "status": "delivered"})

        def step() -> None:
            if (outcome := receive_receipt("sms", "null", {}, body)) != "applied":
                raise RuntimeError(f"The receipt was {outcome}.")

        return step

    numbers = [next(_receipts) for _ in range(times)]
    return (applied(key) for key in stored.sending.names("provider_id", numbers))


def publish_events(stored: Stored, times: int) -> Iterator[Step]:
    """Give a hundred events their places, and publish them."""
    from django.db import transaction

    from gaap.events.placing import place_waiting
    from gaap.outbox.relay import relay_waiting
    from gaap.outbox.services import emit_alike

    while place_waiting() + relay_waiting():
        pass
    for _ in range(times):
        subjects = [f"notification/{next(_events)}" for _ in range(BATCH)]
        with transaction.atomic():
            emit_alike(
                "notification_delivered",
                service_id=stored.service.pk,
                subjects=subjects,
                data={
                    "type": "sms",
                    "status": "delivered",
                    "reference": None,
                    "template_id": "x",
                    "template_version": 1,
                },
            )
    return ((lambda: (place_waiting(BATCH), relay_waiting(BATCH))) for _ in range(times))


def read_events(stored: Stored, times: int) -> Iterator[Step]:
    """Read twenty events from somewhere in the stream."""
    from gaap.events.cursors import to_cursor

    service = stored.service.pk
    places = [to_cursor(stored.random.randint(1, stored.count), service_id=service) for _ in range(times)]
    return _read(stored.world.test_api, [f"/v1/events?limit=20&after={place}" for place in places])


def create_payment(stored: Stored, times: int) -> Iterator[Step]:
    """Ask for a payment."""
    from tests.payments.support import create

    return (partial(create, stored.world.test_api) for _ in range(times))


def read_payment(stored: Stored, times: int) -> Iterator[Step]:
    """Read a payment."""
    return _read(stored.world.test_api, [f"{PAYMENTS}/{key}" for key in stored.some(stored.payments, "id", times)])


def find_payment(stored: Stored, times: int) -> Iterator[Step]:
    """Find a payment by the service's reference."""
    references = stored.some(stored.payments, "reference", times)
    return _read(stored.world.test_api, [f"{PAYMENTS}?reference={reference}" for reference in references])


def find_account(stored: Stored, times: int) -> Iterator[Step]:
    """Find an account by its email address and check its password; what argon2 takes is left out."""
    from gaap_identity.services import accounts
    from tests.identity.people import PASSWORD

    def step(email: str) -> None:
        with patch.object(accounts, "verify_password", lambda *_, **__: True):
            accounts.check_password(email, password=PASSWORD)

    emails = [stored.random.choice(stored.known).email for _ in range(times)]
    return (partial(step, email) for email in emails)


def find_session(stored: Stored, times: int) -> Iterator[Step]:
    """Find the session of a citizen's browser."""
    from gaap_identity.services.sessions import open_session

    tokens = [_session_token(stored.random.choice(stored.known)) for _ in range(times)]
    return (partial(open_session, token) for token in tokens)


def sign_in(stored: Stored, times: int) -> Iterator[Step]:
    """Bring a citizen who is signed in already back to the service, and give it its tokens."""
    browsers = [signed_in(account) for account in _strangers(stored, times)]
    return (partial(round_trip, stored, browser) for browser in browsers)


def userinfo(stored: Stored, times: int) -> Iterator[Step]:
    """Tell a service about a citizen."""
    tokens = [round_trip(stored, signed_in(account)) for account in _strangers(stored, times)]
    return _read_as(tokens, "/userinfo")


def insert_bare(_: Stored, times: int) -> Iterator[Step]:
    """Write one row, and no more: the control of what writes."""
    from tests.benchmarks.bare.models import Row

    return (partial(Row.objects.create, body={"reference": "R"}) for _ in range(times))


def read_bare(stored: Stored, times: int) -> Iterator[Step]:
    """Read one row, and no more: the control of what reads."""
    from tests.benchmarks.bare.models import Row

    keys = stored.some(stored.bare, "id", times)
    return (partial(Row.objects.get, pk=key) for key in keys)


def _read(api: "Client", paths: Iterable[str]) -> Iterator[Step]:
    return (_answered(partial(api.get, path), 200) for path in paths)


def _read_as(tokens: Iterable[str], path: str) -> Iterator[Step]:
    from django.test import Client

    for token in tokens:
        yield from _read(Client(headers={"Authorization": f"Bearer {token}"}), [path])


def _strangers(stored: Stored, count: int) -> list[Any]:
    """Return accounts from all over the past."""
    from gaap_identity.models import Account

    return [Account.objects.get(pk=key) for key in stored.some(stored.accounts, "id", count)]


def _session_token(account: Any) -> str:
    from gaap_identity.services.sessions import open_session, sign_in_session

    return sign_in_session(open_session("").session, account=account, vot="Cl.Cm")


def signed_in(account: Any) -> "Client":
    """Return the browser of a citizen who is signed in."""
    from django.test import Client

    browser = Client()
    browser.cookies["gaap_citizen"] = _session_token(account)
    return browser


def round_trip(stored: Stored, browser: "Client") -> str:
    """Go from the service to Identity and back, and return the access token that it came to."""
    from tests.identity.people import post_form

    back = browser.get(stored.party.authorize_path())
    code = parse_qs(urlsplit(back["Location"]).query)["code"][0]
    return str(post_form(browser, "/token", stored.party.token_form(code)).json()["access_token"])


#: Name, path, how many calls are one measure.
PATHS: tuple[tuple[str, Path, int], ...] = (
    ("notify: accept an email", accept_email, 60),
    ("notify: accept a text", accept_text, 60),
    ("notify: read a message", read_message, 80),
    ("notify: list, first page", list_first, 8),
    ("notify: list, a later page", list_after, 8),
    ("notify: list, past the last", list_end, 20),
    ("notify: list, by reference", list_reference, 60),
    ("notify: the console's list", console_first, 10),
    ("notify: claim a hundred", claim_batch, 10),
    ("notify: a receipt", receive_report, 40),
    ("events: publish a hundred", publish_events, 4),
    ("events: read 20", read_events, 20),
    ("pay: create a payment", create_payment, 40),
    ("pay: read a payment", read_payment, 80),
    ("pay: find by reference", find_payment, 40),
    ("identity: account by email", find_account, 40),
    ("identity: session", find_session, 200),
    ("identity: authorize and token", sign_in, 20),
    ("identity: userinfo", userinfo, 20),
)
CONTROLS: tuple[tuple[str, Path, int], ...] = (
    ("bare: one insert", insert_bare, 200),
    ("bare: one read", read_bare, 200),
)
