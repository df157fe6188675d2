"""A small Stripe: as much of its API as the adapter uses, over HTTP on loopback, with the refusals that matter.

It keeps what a PaymentIntent may become, replays idempotent requests, refuses to give back more than was taken, knows
the cards of Stripe's own test table, and can fail, or lose its answer after the work is done. What a citizen's browser
would do with Stripe's script is done by calling ``pay`` and ``authenticate``.
"""

import hashlib
import hmac
import itertools
import json
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.loopback import QuietHandler, serve
from tests.payments.stripe_bacs_peer import BacsBooks, Document

#: Card number: (code, decline code) of the refusal. Every other number is authorised.
DECLINES = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000009987": ("card_declined", "lost_card"),
    "4000000000009979": ("card_declined", "stolen_card"),
    "4000000000000069": ("expired_card", "expired_card"),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc"),
    "4000000000000119": ("processing_error", "processing_error"),
    "4000000000006975": ("card_declined", "card_velocity_exceeded"),
}
ASKS_FOR_PROOF = frozenset({"4000002500003155", "4000000000003220"})
FEE = 20


class PeerError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error)
        self.status, self.error = status, error


def refused(message: str, *, code: str = "", status: int = 400) -> PeerError:
    return PeerError(status, type="invalid_request_error", message=message, code=code)


class StripePeer(BacsBooks):
    """The books, and what happens to them."""

    def __init__(self) -> None:
        self.objects: dict[str, Document] = {}
        self.requests: list[tuple[str, str]] = []
        self.replies: dict[str, tuple[str, int, Document]] = {}
        self.failures: list[int] = []
        self.lost_answers = 0
        self.lost_posts = 0
        self.address = ""
        self.lock = RLock()
        self._numbers = itertools.count(1)

    # What the browser, the bank and time do.

    def pay(self, intent_id: str, card: str = "4242424242424242", *, wallet: str = "") -> Document:
        """Confirm an intent as Stripe's script does in the citizen's browser."""
        with self.lock:
            intent = self.objects[intent_id]
            if intent["status"] != "requires_payment_method":
                raise refused("The intent is not payable.", code="payment_intent_unexpected_state")
            intent["payment_method"] = self._method(card, wallet)["id"]
            return self._confirm(intent, is_off_session=False)

    def authenticate(self, intent_id: str, *, succeeds: bool) -> Document:
        """End a challenge as the citizen's bank does."""
        with self.lock:
            intent = self.objects[intent_id]
            assert intent["status"] == "requires_action"
            if succeeds:
                return self._authorise(intent, is_challenged=True)
            return self._decline(intent, "payment_intent_authentication_failure", "", raises=False)

    def keep_card(self, card: str) -> str:
        """Return ``customer/payment method`` of a card that was kept."""
        return f"{self._new('cus', object='customer')['id']}/{self._method(card, '')['id']}"

    def dispute(self, intent_id: str, *, reason: str = "fraudulent", status: str = "needs_response") -> Document:
        """Have the payer's bank want the money back."""
        intent = self.objects[intent_id]
        charge = self.objects[intent["latest_charge"]]
        dispute = self._new(
            "dp",
            object="dispute",
            amount=charge["amount"],
            reason=reason,
            status=status,
            payment_intent=intent_id,
            charge=charge["id"],
            evidence_details={"due_by": int(time.time()) + 9 * 86400},
            balance_transactions=[],
            submissions=0,
            metadata={},
        )
        dispute["balance_transactions"].append(self._move("adjustment", -charge["amount"], dispute["id"], fee=2000))
        return dispute

    def pay_out(self, status: str = "paid") -> Document:
        """Transfer everything that was not paid out yet."""
        loose = [one for one in self._all("balance_transaction") if not one["payout"] and one["type"] != "payout"]
        payout = self._new(
            "po",
            object="payout",
            amount=sum(one["net"] for one in loose),
            currency="gbp",
            status=status,
            arrival_date=int(time.time()),
        )
        for one in loose:
            one["payout"] = payout["id"]
        return payout

    def event(self, kind: str, about: Document, *, is_live: bool = False) -> Document:
        """Return an event as Stripe would send it; it is not sent."""
        return {
            "id": self._name("evt"),
            "object": "event",
            "type": kind,
            "livemode": is_live,
            "created": int(time.time()),
            "data": {"object": json.loads(json.dumps(about))},
        }

    # What the API does.

    def answer(self, method: str, path: str, form: Document, key: str) -> tuple[int, Document]:
        """Answer one request, or replay the answer to the one that had the same key."""
        with self.lock:
            self.requests.append((method, path))
            if self.failures:
                return self.failures.pop(0), {"error": {"type": "api_error", "message": "Broken."}}
            digest = json.dumps([method, path, form], sort_keys=True)
            if key and key in self.replies:
                known, status, document = self.replies[key]
                if known != digest:
                    return 400, {"error": {"type": "idempotency_error", "message": "Other parameters."}}
                return status, document
            try:
                status, document = 200, json.loads(json.dumps(self._do(method, path, form)))
            except PeerError as error:
                status, document = error.status, {"error": error.error}
            if key:
                self.replies[key] = digest, status, document
            return status, document

    def _do(self, method: str, path: str, form: Document) -> Document:
        noun, *rest = path.removeprefix("/v1/").replace("checkout/sessions", "checkout_sessions").split("/")
        verb = rest[1] if len(rest) > 1 else ""
        name = f"{method.lower()}_{noun}" + ("_one" if rest else "") + (f"_{verb}" if verb else "")
        handler = getattr(self, name, None)
        if handler is None:
            raise refused(f"Unrecognized request URL ({method}: {path}).", status=404)
        if rest and rest[0] not in self.objects:
            raise refused("No such object.", code="resource_missing", status=404)
        return handler(self.objects[rest[0]], form) if rest else handler(form)  # type: ignore[no-any-return]

    def post_customers(self, form: Document) -> Document:
        return self._new("cus", object="customer", metadata=form.get("metadata", {}))

    def post_payment_intents(self, form: Document) -> Document:
        amount = int(form["amount"])
        if form["currency"] == "gbp" and amount < 30:
            raise refused("Amount must be at least 30 pence.", code="amount_too_small")
        intent = self._new(
            "pi",
            object="payment_intent",
            amount=amount,
            currency=form["currency"],
            capture_method=form.get("capture_method", "automatic"),
            status="requires_payment_method",
            metadata=form.get("metadata", {}),
            customer=form.get("customer"),
            setup_future_usage=form.get("setup_future_usage"),
            payment_method=None,
            latest_charge=None,
            last_payment_error=None,
        )
        intent["client_secret"] = f"{intent['id']}_secret_x"
        if "bacs_debit" in form.get("payment_method_types", {}).values():
            return self._collect(intent, form)
        return intent

    def _collect(self, intent: Document, form: Document) -> Document:
        if intent["currency"] != "gbp" or self.mandate_of(form["payment_method"])["status"] != "active":
            del self.objects[intent["id"]]
            raise refused("The mandate is not usable.", code="payment_intent_mandate_invalid")
        return self.ask_bank(intent, form)

    def get_payment_intents(self, form: Document) -> Document:
        return self._page("payment_intent", form, "customer")

    def get_payment_intents_one(self, intent: Document, form: Document) -> Document:
        return self._expanded(intent)

    def post_payment_intents_one(self, intent: Document, form: Document) -> Document:
        intent["customer"] = form.get("customer", intent["customer"])
        return intent

    def post_payment_intents_one_confirm(self, intent: Document, form: Document) -> Document:
        intent["payment_method"] = form["payment_method"]
        return self._confirm(intent, is_off_session="off_session" in form)

    def post_payment_intents_one_capture(self, intent: Document, form: Document) -> Document:
        if intent["status"] != "requires_capture":
            raise refused("Not capturable.", code="payment_intent_unexpected_state")
        charge = self.objects[intent["latest_charge"]]
        charge["balance_transaction"] = self._move("charge", intent["amount"], charge["id"], fee=FEE)["id"]
        charge["captured"], intent["status"] = True, "succeeded"
        return self._expanded(intent)

    def post_payment_intents_one_cancel(self, intent: Document, form: Document) -> Document:
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise refused("Not cancellable.", code="payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return intent

    def post_refunds(self, form: Document) -> Document:
        intent = self.objects.get(form["payment_intent"], {})
        charge = self.objects.get(intent.get("latest_charge") or "")
        if charge is None or not charge["captured"]:
            raise refused("Nothing was captured.", code="charge_not_captured")
        amount = int(form["amount"])
        if amount > charge["amount"] - charge["amount_refunded"]:
            raise refused("Refund amount is greater than unrefunded amount.", code="charge_already_refunded")
        charge["amount_refunded"] += amount
        refund = self._new(
            "re",
            object="refund",
            amount=amount,
            status="succeeded",
            payment_intent=intent["id"],
            metadata=form.get("metadata", {}),
            failure_reason=None,
        )
        self._move("refund", -amount, refund["id"])
        return refund

    def get_refunds_one(self, refund: Document, form: Document) -> Document:
        return refund

    def get_refunds(self, form: Document) -> Document:
        return self._page("refund", form, "payment_intent")

    def get_disputes(self, form: Document) -> Document:
        return self._page("dispute", form, "payment_intent")

    def post_files(self, form: Document) -> Document:
        return self._new("file", object="file", **form)

    def post_disputes_one(self, dispute: Document, form: Document) -> Document:
        if dispute["status"] != "needs_response":
            raise refused("This dispute is already closed.", code="dispute_closed")
        dispute["evidence"] = dict(form["evidence"])
        dispute["submissions"] += 1
        dispute["status"] = "under_review"
        return dispute

    def get_payouts(self, form: Document) -> Document:
        return self._page("payout", form)

    def get_balance_transactions(self, form: Document) -> Document:
        page = self._page("balance_transaction", form, "payout")
        page["data"] = [{**one, "source": self.objects[one["source"]]} for one in page["data"]]
        return page

    # How it does it.

    def _confirm(self, intent: Document, *, is_off_session: bool) -> Document:
        card = self.objects[intent["payment_method"]]["number"]
        if card in DECLINES:
            return self._decline(intent, *DECLINES[card], raises=is_off_session)
        if card in ASKS_FOR_PROOF and is_off_session:
            return self._decline(intent, "authentication_required", "authentication_required", raises=True)
        if card in ASKS_FOR_PROOF:
            intent["status"] = "requires_action"
            return intent
        return self._authorise(intent, is_challenged=False)

    def _authorise(self, intent: Document, *, is_challenged: bool) -> Document:
        method = self.objects[intent["payment_method"]]
        charge = self._charge(intent, method, is_challenged=is_challenged)
        intent.update(status="requires_capture", latest_charge=charge["id"], last_payment_error=None)
        return intent

    def _decline(self, intent: Document, code: str, decline_code: str, *, raises: bool) -> Document:
        error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "Declined."}
        charge = self._charge(intent, self.objects[intent["payment_method"]], is_challenged=False)
        intent.update(status="requires_payment_method", last_payment_error=error, latest_charge=charge["id"])
        if raises:
            raise PeerError(402, **error)
        return intent

    def _charge(self, intent: Document, method: Document, *, is_challenged: bool) -> Document:
        card = {
            "brand": "visa",
            "funding": "credit",
            "last4": method["number"][-4:],
            "exp_month": 12,
            "exp_year": 2039,
            "wallet": {"type": method["wallet"]} if method["wallet"] else None,
            "three_d_secure": {"result": "authenticated"} if is_challenged else None,
        }
        return self._new(
            "ch",
            object="charge",
            amount=intent["amount"],
            amount_refunded=0,
            captured=False,
            payment_intent=intent["id"],
            balance_transaction=None,
            metadata=intent["metadata"],
            payment_method_details={"type": "card", "card": card},
        )

    def _method(self, card: str, wallet: str) -> Document:
        return self._new("pm", object="payment_method", number=card, wallet=wallet)

    def _move(self, kind: str, amount: int, source: str, *, fee: int = 0) -> Document:
        return self._new(
            "txn",
            object="balance_transaction",
            type=kind,
            amount=amount,
            fee=fee,
            net=amount - fee,
            source=source,
            payout="",
        )

    def _expanded(self, intent: Document) -> Document:
        if not intent["latest_charge"]:
            return intent
        charge = self.objects[intent["latest_charge"]]
        movement = self.objects.get(charge["balance_transaction"] or "")
        return {**intent, "latest_charge": {**charge, "balance_transaction": movement}}

    def _page(self, noun: str, form: Document, *filters: str) -> Document:
        """Return at most two at once, so that paging is walked."""
        found = [one for one in self._all(noun) if all(form.get(name) in (None, one[name]) for name in filters)]
        names = [one["id"] for one in found]
        start = names.index(form["starting_after"]) + 1 if "starting_after" in form else 0
        size = min(int(form.get("limit", 10)), 2)
        return {
            "object": "list",
            "url": f"/v1/{noun}s",
            "data": found[start : start + size],
            "has_more": start + size < len(found),
        }

    def _all(self, noun: str) -> list[Document]:
        return [one for one in self.objects.values() if one["object"] == noun]

    def _new(self, prefix: str, **values: Any) -> Document:
        name = self._name(prefix)
        self.objects[name] = {"id": name, "created": int(time.time()), "livemode": False, **values}
        return self.objects[name]

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06}"


def sign(body: bytes, *, secret: str, at: float | None = None) -> str:
    """Return the header ``Stripe-Signature`` of a body."""
    seconds = int(at or time.time())
    digest = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def nested(text: str) -> Document:
    """Return a form whose names may be ``a[b]``."""
    form: Document = {}
    for name, value in parse_qsl(text):
        outer, _, inner = name.partition("[")
        if inner and inner != "]":
            form.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            form[outer] = value
    return form


def uploaded(kind: str, body: bytes) -> Document:
    """Return a form that came with a file; the file's content as base64 beside its name."""
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    form: Document = {}
    for part in message.get_payload():
        content: Any = part.get_payload(decode=True)  # type: ignore[union-attr]
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        if filename := part.get_filename():  # type: ignore[union-attr]
            form |= {"filename": filename, "content": b64encode(content).decode()}
        else:
            form[str(name)] = content.decode()
    return form


class Handler(QuietHandler):
    """One request to the peer."""

    peer: StripePeer

    def do_GET(self) -> None:
        self._serve("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        body = self.read_body()
        kind = self.headers.get("Content-Type", "")
        self._serve("POST", uploaded(kind, body) if kind.startswith("multipart/") else body.decode())

    def _serve(self, method: str, text: str | Document) -> None:
        if not self.headers.get("Authorization", "").startswith("Bearer sk_test_"):
            self.send_json(401, {"error": {"type": "invalid_request_error", "message": "No such key."}})
            return
        key = self.headers.get("Idempotency-Key", "") if method == "POST" else ""
        status, document = self.peer.answer(
            method, urlsplit(self.path).path, nested(text) if isinstance(text, str) else text, key
        )
        if self.peer.lost_answers:
            self.peer.lost_answers -= 1
            self.close_connection = True
            return
        if method == "POST" and self.peer.lost_posts:
            self.peer.lost_posts -= 1
            self.close_connection = True
            return
        self.send_json(status, document)


@contextmanager
def running_peer() -> Iterator[StripePeer]:
    """Run a peer on a free port of loopback; its ``address`` says which."""
    peer = StripePeer()
    with serve(Handler, peer=peer) as peer.address:
        yield peer
