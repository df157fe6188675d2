"""Every row of the contract's A.4 and A.5: what is sent, in which surroundings, and the whole answer.

``call`` and ``code`` name the row of A.4; ``scene`` names a function of ``error_scenes``. ``{payment}`` and the like in
a path or a body stand for what the scene made. ``leaves`` is the payment's public state where the answer tells of a
change, as a declined card does; everywhere else nothing may change.
"""

from dataclasses import dataclass, field
from typing import Any

CREATE, PAYMENT, SEARCH = "POST /v1/payments", "GET /v1/payments/{payment}", "GET /v1/payments"
EVENTS, CANCEL = "GET /v1/payments/{payment}/events", "POST /v1/payments/{payment}/cancel"
CAPTURE, REFUND = "POST /v1/payments/{payment}/capture", "POST /v1/payments/{payment}/refunds"
REFUNDS, ONE_REFUND = "GET /v1/payments/{payment}/refunds", "GET /v1/payments/{payment}/refunds/{refund}"
SEARCH_REFUNDS, DISPUTES = "GET /v1/refunds", "GET /v1/disputes"
AGREE, AGREEMENTS, AGREEMENT = "POST /v1/agreements", "GET /v1/agreements", "GET /v1/agreements/{agreement}"
END, AUTH, TELL = "POST /v1/agreements/{agreement}/cancel", "POST /v1/auth", "POST /v1/payment_notification"
FIREWALL = "POST /request-denied"

#: The rows with errors of A.4, to each of which A.1, A.2 and A.5 add the last lines.
PUBLISHED = {
    CREATE: "P0101 P0103 P0104 P0105 P0197 P0930 P0940 P0941 P0191 P0102 P0195 P0196 P0920 P0942 P0900 P0198 P0199",
    PAYMENT: "P0200 P0298",
    SEARCH: "P0402 P0401 P0498",
    EVENTS: "P0300 P0398",
    CANCEL: "P0500 P0501 P0502 P0598",
    CAPTURE: "P1000 P1001 P1003 P1098",
    REFUND: "P0601 P0603 P0697 P0941 P0600 P0604 P0602 P0698",
    REFUNDS: "P0800 P0898",
    ONE_REFUND: "P0700 P0798",
    SEARCH_REFUNDS: "P1100 P1101 P1898",
    DISPUTES: "P0402 P0401 P0498",
    AGREE: "P2101 P2197 P2102 P0942 P2198",
    AGREEMENTS: "P2401 P2402 P2498",
    AGREEMENT: "P2200 P2298",
    END: "P2500 P2501 P2598",
    AUTH: "P1211 P1212 P0010 P0101 P0102 P0050",
    TELL: "P0930 P0102",
    FIREWALL: "P0920",
}

HELP = "Contact support with your error code."
SEE = "See Public API documentation for the correct data formats"
NOT_FOUND, NO_PAGE, FAULT = "Not found", "Page not found", "Downstream system error"
NUMERIC, STRING = "Must be a valid numeric format", "Must be a valid string format"
A_26 = "a" * 26
CARD = "4242424242424242"
ORDER: dict[str, Any] = {
    "amount": 2000,
    "reference": "VRM-000123",
    "description": "Renew a vehicle registration",
    "return_url": "https://service.example/done",
}
BY_AGREEMENT = {
    "amount": 1,
    "reference": "r",
    "description": "d",
    "authorisation_mode": "agreement",
    "agreement_id": A_26,
}
AGREED = {"reference": "CT-2026", "description": "Council tax"}
SENT = {
    "one_time_token": "{token}",
    "card_number": CARD,
    "cvc": "123",
    "expiry_date": "12/39",
    "cardholder_name": "Siân",
}
TOLD: dict[str, Any] = {
    "amount": 1,
    "reference": "r",
    "description": "d",
    "processor_id": "p",
    "provider_id": "q",
    "payment_outcome": {"status": "success"},
}


@dataclass(frozen=True)
class Row:
    """One refusal. ``body`` is sent as JSON, or as it is when it is bytes."""

    call: str
    status: int
    code: str
    description: str
    named: str = ""
    body: Any = None
    query: str = ""
    header: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    scene: str = "account"
    leaves: str = ""

    def __str__(self) -> str:
        about = self.named or self.header or self.query or self.description.rpartition(": ")[2]
        return f"{self.call} {self.status} {self.code} {about}"

    @property
    def answer(self) -> dict[str, str]:
        """The whole body of the answer: ``field`` and ``header`` only where they say something."""
        whole = {"field": self.named, "header": self.header, "code": self.code, "description": self.description}
        return {name: value for name, value in whole.items() if value}


def missing(
    call: str, code: str, name: str, whole: dict[str, Any], *, status: int = 400, scene: str = "account"
) -> Row:
    body = {key: value for key, value in whole.items() if key != name}
    return Row(call, status, code, f"Missing mandatory attribute: {name}", name, body, scene=scene)


def wrong(
    call: str,
    status: int,
    code: str,
    name: str,
    reason: str,
    whole: dict[str, Any],
    value: Any,
    *,
    scene: str = "account",
    named: str = "",
) -> Row:
    described = f"Invalid attribute value: {named or name}. {reason}"
    return Row(call, status, code, described, named or name, {**whole, name: value}, scene=scene)


def unexpected(name: str, whole: dict[str, Any]) -> Row:
    return Row(CREATE, 400, "P0104", f"Unexpected attribute: {name}", name, whole)


def refused(call: str, code: str, names: str, query: str, *, status: int = 422) -> Row:
    return Row(call, status, code, f"Invalid parameters: {names}. {SEE}", query=query)


def longer(limit: int) -> str:
    return f"Must be less than or equal to {limit} characters length"


KEY = "Header [Idempotency-Key] can"
USED = "The `Idempotency-Key` you sent in the request header has already been used to create a payment."
NO_RECURRING = f"Recurring card payments are currently disabled for this service. {HELP}"
DISABLED = f"GOV.UK Pay has disabled payment and refund creation on this account. {HELP}"
NO_ACCESS = f"Access to this resource is not enabled for this account. {HELP}"
BLOCKED = "Request blocked by security rules. Please consult API documentation for more information."
INSECURE = "Invalid attribute value: return_url. Must begin with https:// for a live gateway account"
UNKNOWN_AGREEMENT = "Invalid attribute value: set_up_agreement. Agreement ID does not exist"
STRIPE_MINIMUM = "Must be greater than or equal to 30. Refer to the documentation of this API."
UNPARSED = "Unable to parse JSON"
