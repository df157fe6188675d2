"""The part of the small Stripe that knows Bacs Direct Debit: sessions that set up, mandates, and slow payments."""

from typing import Any

Document = dict[str, Any]


class BacsBooks:
    """What the payer, the bank and time do with mandates, and what the API answers about them."""

    objects: dict[str, Document]

    def _new(self, prefix: str, **values: Any) -> Document:
        raise NotImplementedError

    def _move(self, kind: str, amount: int, source: str, *, fee: int = 0) -> Document:
        raise NotImplementedError

    # What the payer and the bank do.

    def agree(self, session_id: str, *, name: str = "Sam Lee", email: str = "sam@example.org") -> Document:
        """Fill in the page of a Checkout Session, and return the mandate that comes of it."""
        session = self.objects[session_id]
        assert session["status"] == "open"
        billing = {"name": name, "email": email}
        bank = {"last4": "2345", "sort_code": "108800"}
        method = self._new("pm", object="payment_method", type="bacs_debit", billing_details=billing, bacs_debit=bank)
        bacs = {"network_status": "pending", "reference": "HBV1DPF7QX", "revocation_reason": None}
        mandate = self._new(
            "mandate",
            object="mandate",
            status="active",
            payment_method=method["id"],
            payment_method_details={"type": "bacs_debit", "bacs_debit": bacs},
        )
        intent = self._new(
            "seti",
            object="setup_intent",
            status="succeeded",
            customer=session["customer"],
            mandate=mandate["id"],
            payment_method=method["id"],
        )
        session.update(status="complete", setup_intent=intent["id"])
        return mandate

    def bank_says(self, mandate_id: str, network_status: str) -> Document:
        """Have the payer's bank accept, refuse or end a mandate."""
        mandate = self.objects[mandate_id]
        mandate["payment_method_details"]["bacs_debit"]["network_status"] = network_status
        if network_status in ("refused", "revoked"):
            mandate["status"] = "inactive"
        return mandate

    def lapse(self, mandate_id: str) -> Document:
        """Let a mandate end that was not used for a long time."""
        self.objects[mandate_id]["status"] = "inactive"
        return self.objects[mandate_id]

    def clear(self, intent_id: str) -> Document:
        """Let the payer's bank pay, days later."""
        intent = self.objects[intent_id]
        assert intent["status"] == "processing"
        charge = self.objects[intent["latest_charge"]]
        movement = self._move("payment", intent["amount"], charge["id"], fee=20)
        movement["status"] = "pending"
        charge.update(captured=True, balance_transaction=movement["id"])
        intent["status"] = "succeeded"
        return intent

    def make_available(self, intent_id: str) -> Document:
        """Let the money join the next payout."""
        charge = self.objects[self.objects[intent_id]["latest_charge"]]
        self.objects[charge["balance_transaction"]]["status"] = "available"
        return self.objects[intent_id]

    def bounce(self, intent_id: str, code: str = "insufficient_funds") -> Document:
        """Let the payer's bank refuse to pay."""
        error = {"type": "invalid_request_error", "code": code, "message": "Not paid."}
        self.objects[intent_id].update(status="requires_payment_method", last_payment_error=error)
        return self.objects[intent_id]

    # What the API does.

    def post_checkout_sessions(self, form: Document) -> Document:
        session = self._new(
            "cs",
            object="checkout.session",
            mode=form["mode"],
            status="open",
            customer=form["customer"],
            methods=list(form["payment_method_types"].values()),
            success_url=form["success_url"],
            locale=form["locale"],
            metadata=form.get("metadata", {}),
            setup_intent=None,
            payment_intent=None,
        )
        session["url"] = f"https://checkout.stripe.example/{session['id']}"
        return session

    def get_checkout_sessions_one(self, session: Document, form: Document) -> Document:
        if not session["setup_intent"]:
            return session
        intent = self.objects[session["setup_intent"]]
        expanded = {name: self.objects[intent[name]] for name in ("mandate", "payment_method")}
        return {**session, "setup_intent": {**intent, **expanded}}

    def ask_bank(self, intent: Document, form: Document) -> Document:
        """Confirm an intent that pays by Bacs; the bank takes days."""
        method = self.objects[form["payment_method"]]
        charge = self._new(
            "ch",
            object="charge",
            amount=intent["amount"],
            amount_refunded=0,
            captured=False,
            payment_intent=intent["id"],
            balance_transaction=None,
            metadata=intent["metadata"],
            payment_method_details={"type": "bacs_debit", "bacs_debit": dict(method["bacs_debit"])},
        )
        intent.update(status="processing", payment_method=method["id"], latest_charge=charge["id"])
        return intent

    def mandate_of(self, method_id: str) -> Document:
        """Return the mandate under which a method may be asked."""
        mandates = (one for one in self.objects.values() if one["object"] == "mandate")
        return next(one for one in mandates if one["payment_method"] == method_id)
