"""A small load that goes on through a fault, as a service's own program makes it, and that program's book of it.

Every order bears an ``Idempotency-Key`` and is given again until it is accepted, as the API tells callers to. What the
caller has heard, and nothing else, stands in its book; whether the suite kept its word is judged in ``books``.
"""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.notify.tokens import make_token

TEXT, EMAIL, PAYMENT = "text", "email", "payment"
KINDS = (TEXT, EMAIL, PAYMENT)
CALLERS_OF_EACH = 2
#: Between two orders of one caller: at most four a second in all, which one small worker can do on a busy machine.
PAUSE_SECONDS = {TEXT: 1.0, EMAIL: 1.5, PAYMENT: 2.0}
READ_EVERY_SECONDS = 0.5
AGAIN_AFTER_SECONDS = 0.25
ANSWER_SECONDS = 10
#: So long an order is given again that was begun before the load ended.
PATIENCE_SECONDS = 60
#: Nothing was done, or it is not known: to be asked again. A token of Notify is refused while the clocks differ.
ASK_AGAIN = frozenset({403, 429, 500, 502, 503, 504})
CARD = {"card_number": "4242424242424242", "cvc": "123", "expiry_date": "12/39", "cardholder_name": "A Person"}
AMOUNT = 1450


@dataclass
class Item:
    """One order that was accepted; the times are the monotonic clock's.

    ``is_paid`` says that the caller heard that the card was charged, ``is_ended`` that the caller asks no more.
    """

    kind: str
    reference: str
    began: float
    id: str = ""
    recipient: str = ""
    accepted: float = 0.0
    is_paid: bool = False
    is_ended: bool = False


@dataclass(frozen=True)
class Address:
    """Where the services call, with what, and what time it is there."""

    base_url: str
    text_key: str
    text_template: str
    key: str
    email_template: str
    now: Callable[[], float]

    def notify_headers(self, key: str) -> dict[str, str]:
        """Return what a message of a service is sent under."""
        token = make_token(key[-36:], {"iss": key[-73:-37], "iat": int(self.now())})
        return {"Authorization": f"Bearer {token}"}

    @property
    def bearer(self) -> dict[str, str]:
        """What every other call is made under."""
        return {"Authorization": f"Bearer {self.key}"}


#: No two orders of a run have one number, so that every book tells them apart.
_numbers = itertools.count(100)


@dataclass
class Load:
    """Callers that order and read until they are told to stop."""

    address: Address
    items: list[Item] = field(default_factory=list)
    #: When each read began that was answered.
    reads: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _ends: float = float("inf")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Order and read within the block; afterwards every order is accepted or was given up."""
        callers = [self._order(kind) for kind in KINDS for _ in range(CALLERS_OF_EACH)]
        threads = [threading.Thread(target=self._call, args=(caller,)) for caller in (*callers, self._read)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ends = time.monotonic() + PATIENCE_SECONDS
            self._is_over.set()
            for thread in threads:
                thread.join()

    def accepted(self) -> list[Item]:
        """Return what was accepted so far."""
        return list(self.items)

    def _call(self, act: Callable[[httpx.Client], float]) -> None:
        with httpx.Client(base_url=self.address.base_url, timeout=ANSWER_SECONDS, trust_env=False) as client:
            while not self._is_over.is_set():
                self._is_over.wait(act(client))

    def _read(self, client: httpx.Client) -> float:
        began = time.monotonic()
        found = self._ask(client, "GET", "/v1/payments?display_size=5", self.address.bearer)
        if found is not None and found.status_code == httpx.codes.OK:
            self.reads.append(began)
        return READ_EVERY_SECONDS

    def _order(self, kind: str) -> Callable[[httpx.Client], float]:
        order = {TEXT: self._text, EMAIL: self._email, PAYMENT: self._payment}[kind]

        def act(client: httpx.Client) -> float:
            order(client, Item(kind, f"{kind}-{next(_numbers)}", time.monotonic()))
            return PAUSE_SECONDS[kind]

        return act

    def _text(self, client: httpx.Client, item: Item) -> None:
        item.recipient = f"07400{int(item.reference.partition('-')[2]):06d}"
        body = {"phone_number": item.recipient, "template_id": self.address.text_template}
        self._send(client, item, "sms", self.address.text_key, body)

    def _email(self, client: httpx.Client, item: Item) -> None:
        item.recipient = f"{item.reference}@example.org"
        body = {"email_address": item.recipient, "template_id": self.address.email_template}
        self._send(client, item, "email", self.address.key, body)

    def _send(self, client: httpx.Client, item: Item, channel: str, key: str, body: Mapping[str, str]) -> None:
        order = {**body, "reference": item.reference, "personalisation": {"number": item.reference}}
        path = f"/v2/notifications/{channel}"
        made = self._give(client, item, path, lambda: self.address.notify_headers(key), order)
        if made is not None:
            self._note(item, made["id"])
            item.is_ended = True

    def _payment(self, client: httpx.Client, item: Item) -> None:
        order = {
            "amount": AMOUNT,
            "reference": item.reference,
            "description": "A licence",
            "authorisation_mode": "moto_api",
        }
        made = self._give(client, item, "/v1/payments", lambda: self.address.bearer, order)
        if made is not None:
            self._note(item, made["payment_id"])
            item.is_paid = self._pay(client, made["_links"]["auth_url_post"]["params"]["one_time_token"])
            item.is_ended = True

    def _pay(self, client: httpx.Client, token: str) -> bool:
        """Send the card until the suite has said something about it; says whether that was yes.

        A call that broke off may have used the token up: then the next one is refused, and the caller never hears
        what came of the first.
        """
        while time.monotonic() < self._ends:
            found = self._ask(client, "POST", "/v1/auth", {}, {"one_time_token": token, **CARD})
            if found is not None and found.status_code not in ASK_AGAIN:
                return found.status_code == httpx.codes.NO_CONTENT
            time.sleep(AGAIN_AFTER_SECONDS)
        return False

    def _note(self, item: Item, made: str) -> None:
        item.id, item.accepted = made, time.monotonic()
        self.items.append(item)

    def _give(
        self,
        client: httpx.Client,
        item: Item,
        path: str,
        headers: Callable[[], dict[str, str]],
        order: Mapping[str, Any],
    ) -> Any:
        """Give an order until it is accepted, and return the answer; None when the load is over before that."""
        while time.monotonic() < self._ends:
            found = self._ask(client, "POST", path, {**headers(), "Idempotency-Key": item.reference}, order)
            if found is not None and found.is_success:  # 201, or 200 for a payment that is there already
                return found.json()
            if found is not None and found.status_code not in ASK_AGAIN:
                self.failures.append(f"{path} {found.status_code}: {found.text[:500]}")
                return None
            time.sleep(AGAIN_AFTER_SECONDS)
        return None

    def _ask(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response | None:
        """Ask once; None when no answer came."""
        name = f"{method} {path.partition('?')[0]}"
        try:
            found = client.request(method, path, headers=headers, json=body)
        except httpx.TransportError as error:
            self.answers[f"{name} {type(error).__name__}"] += 1
            return None
        self.answers[f"{name} {found.status_code}"] += 1
        return found
