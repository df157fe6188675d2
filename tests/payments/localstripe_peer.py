"""localstripe, a Stripe written by others, as a program beside the tests, and a relay that speaks its dialect.

localstripe is of API version 2017-08-15 and knows less than today's Stripe. Our adapter is not changed for it; the
relay stands between and does no more than this:

- leaves out ``description``, and keeps ``setup_future_usage`` as metadata, both of which localstripe refuses;
- names the payment method before a confirmation, which localstripe takes no parameters with;
- adds to answers what Stripe always sends and localstripe never: ``setup_future_usage``, a refund's
  ``failure_reason`` and the charge's ``payment_method_details``, read from localstripe's own payment method;
- says that there are no disputes, which localstripe does not know.

Statuses, declines, charges, movements, refunds and signed events are localstripe's own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.loopback import QuietHandler, serve
from tests.processes import Program, free_port, listens, wait_until

Document = dict[str, Any]

KEY = "sk_test_example"
STARTING_SECONDS = 60
#: What Stripe sends of every card and localstripe does not know.
UNKNOWN = {"wallet": None, "three_d_secure": None}
EVENTS = ["payment_intent.succeeded", "payment_intent.payment_failed"]
INTENTS = "/v1/payment_intents"
FUTURE_USE = "setup_future_usage"


@dataclass
class LocalStripe:
    """localstripe at ``root``, and the relay at ``address``."""

    root: str
    address: str = ""

    def ask(self, method: str, path: str, **form: Any) -> httpx.Response:
        """Ask localstripe itself."""
        return httpx.request(
            method,
            f"{self.root}{path}",
            **{"params" if method == "GET" else "data": form},  # type: ignore[arg-type]
            headers={"Authorization": f"Bearer {KEY}"},
            trust_env=False,
        )

    def intent(self, intent_id: str) -> Document:
        """Return an intent as localstripe has it."""
        return dict(self.ask("GET", f"{INTENTS}/{intent_id}").json())

    def card(self, number: str) -> str:
        """Return a new payment method."""
        card = {"number": number, "exp_month": "12", "exp_year": "2039", "cvc": "123"}
        form = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
        return str(self.ask("POST", "/v1/payment_methods", **form).json()["id"])

    def keep_card(self, number: str) -> str:
        """Return ``customer/payment method`` of a card that was kept."""
        customer, method = self.ask("POST", "/v1/customers").json()["id"], self.card(number)
        assert self.ask("POST", f"/v1/payment_methods/{method}/attach", customer=customer).is_success
        return f"{customer}/{method}"

    def pay(self, intent_id: str, number: str = "4242424242424242") -> httpx.Response:
        """Enter a card and confirm, as Stripe's script does in the citizen's browser."""
        named = self.ask("POST", f"{INTENTS}/{intent_id}", payment_method=self.card(number))
        assert named.is_success, named.text
        return self.ask("POST", f"{INTENTS}/{intent_id}/confirm")

    def authenticate(self, intent_id: str, *, succeeds: bool) -> httpx.Response:
        """End a challenge as the citizen's bank does."""
        secret = self.intent(intent_id)["client_secret"]
        word = "true" if succeeds else "false"
        return self.ask("POST", f"{INTENTS}/{intent_id}/_authenticate", client_secret=secret, success=word)

    def send_events_to(self, url: str, *, secret: str) -> None:
        """Have the events of payments delivered, signed."""
        wanted = {"url": url, "secret": secret, "events": EVENTS}
        assert httpx.post(f"{self.root}/_config/webhooks/ours", json=wanted, trust_env=False).is_success

    def relay(self, method: str, path: str, form: Document) -> httpx.Response:
        """Ask on the adapter's behalf, in localstripe's dialect."""
        if path == "/v1/disputes":
            return httpx.Response(200, json={"object": "list", "url": path, "data": [], "has_more": False})
        form.pop("description", None)
        if usage := form.pop(FUTURE_USE, ""):
            form[f"metadata[{FUTURE_USE}]"] = usage
        if path.endswith("/confirm"):
            named = self.ask("POST", path.removesuffix("/confirm"), payment_method=form["payment_method"])
            return self.ask(method, path) if named.is_success else named
        return self.ask(method, path, **form)

    def completed(self, document: Document) -> Document:
        """Return an answer with what today's Stripe would say besides."""
        if document.get("object") == "list":
            document["data"] = [self.completed(one) for one in document["data"]]
        if document.get("object") == "refund":
            document["failure_reason"] = None
        if document.get("object") == "payment_intent":
            document[FUTURE_USE] = document["metadata"].get(FUTURE_USE)
            if charge := document["latest_charge"]:
                charge["payment_method_details"] = self._details(charge["payment_method"])
        return document

    def _details(self, method_id: str) -> Document:
        method = self.ask("GET", f"/v1/payment_methods/{method_id}").json()
        return {"type": "card", "card": {**method["card"], **UNKNOWN}}


class Relay(QuietHandler):
    """One request on its way."""

    local: LocalStripe

    def do_GET(self) -> None:
        self._pass_on("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._pass_on("POST", self.read_body().decode())

    def _pass_on(self, method: str, text: str) -> None:
        answer = self.local.relay(method, urlsplit(self.path).path, dict(parse_qsl(text)))
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        document = answer.json() if is_json else {"error": {"type": "api_error", "message": answer.text}}
        self.send_json(answer.status_code, self.local.completed(document))


@contextmanager
def running_localstripe(folder: Path) -> Iterator[LocalStripe]:
    """Run localstripe and the relay on free ports of loopback; what localstripe prints goes to a file in `folder`."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("localstripe_program.py")), str(port)]
    local = LocalStripe(f"http://127.0.0.1:{port}")
    with Program(command, environ={}, log=folder / "localstripe.log", cwd=folder) as program:
        wait_until(lambda: listens(port), seconds=STARTING_SECONDS, what="localstripe", program=program)
        with serve(Relay, local=local) as local.address:
            yield local
