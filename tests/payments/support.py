"""A service's payments and a citizen's way through the pages, without a network."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from gaap_payments.models import Payment
from gaap_payments.tasks import sweep_payments, sweep_provider_events, sweep_refunds, sweep_sandbox_events

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
ERROR_CARD = "4000000000000119"

ORDER: dict[str, Any] = {
    "amount": 2000,
    "reference": "VRM-000123",
    "description": "Renew a vehicle registration",
    "return_url": "https://service.example/done?order=7",
}

ANSWERS = {
    "card_no": GOOD_CARD,
    "expiry_month": "12",
    "expiry_year": "39",
    "cardholder_name": "Nguyễn Thị Ngọc",
    "cvc": "123",
    "address_country": "VN",
    "address_line_1": "36 Hàng Bạc",
    "address_line_2": "",
    "address_city": "Hà Nội",
    "address_postcode": "100000",
    "email": "ngoc@example.org",
}


def create(api: Client, **changes: Any) -> dict[str, Any]:
    """Create a payment as a service does and return the API's answer; a change to None leaves the attribute out."""
    order = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
    answer = api.post("/v1/payments", order, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()  # type: ignore[no-any-return]


def get(api: Client, payment_id: str) -> dict[str, Any]:
    """Return the payment as the API shows it."""
    return api.get(f"/v1/payments/{payment_id}").json()  # type: ignore[no-any-return]


def stored(document: dict[str, Any]) -> Payment:
    """Return the row behind an answer of the API."""
    return Payment.objects.select_related("gateway_account").get(pk=document["payment_id"])


class Citizen:
    """A citizen with a browser that holds one payment."""

    def __init__(self, document: dict[str, Any], *, browser: Client | None = None) -> None:
        self.browser = browser or Client()
        self.payment_id = document["payment_id"]
        self.entry = urlsplit(document["_links"]["next_url"]["href"]).path

    def enter(self) -> HttpResponse:
        """Follow ``next_url`` to the page that fits."""
        return self.browser.get(self.entry, follow=True)  # type: ignore[return-value]

    def get(self, stage: str = "") -> HttpResponse:
        """Ask for a page of the payment."""
        return self.browser.get(self.path(stage))  # type: ignore[return-value]

    def post(self, stage: str = "", **answers: Any) -> HttpResponse:
        """Send a form of the payment, without following."""
        return self.browser.post(self.path(stage), answers)  # type: ignore[return-value]

    def send_card(self, **changes: Any) -> HttpResponse:
        """Fill in and send the card page."""
        return self.post(**{**ANSWERS, **changes})

    def pay(self, **changes: Any) -> HttpResponse:
        """Go from ``next_url`` to the service's own page again."""
        self.enter()
        self.send_card(**changes)
        return self.post("confirm")

    def path(self, stage: str = "") -> str:
        """Return the address of a page of the payment."""
        return f"/card_details/{self.payment_id}" + (f"/{stage}" if stage else "")


def work() -> None:
    """Do what workers and scheduler would do until nothing is due."""
    for _ in range(4):
        sweep_payments()
        sweep_refunds()
        sweep_sandbox_events()
        sweep_provider_events()
