"""One of everything that the APIs show, made for a service, so that every route has an object to name."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.test import Client

from gaap.clock import now
from gaap.events.placing import place_waiting
from gaap.keys.models import ApiKey
from gaap.keys.services import create_api_key, key_text
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.subscriptions import create_subscription
from gaap_notify.models import Template
from gaap_notify.services.letters.working import work_on_letter
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template
from gaap_payments.services.accounts import save_account, save_settings
from tests.notify.tokens import NotifyClient, token_for
from tests.payments.support import Citizen, create, work
from tests.payments.test_direct_debit import Payer

TYPES = ("live", "team", "test")

MANDATE_ORDER = {"reference": "CT-2026", "return_url": "https://service.example/back"}
DEBIT = {"amount": 12000, "reference": "march", "description": "Council tax"}


@dataclass
class World:
    """What one service has; everything of it was made with its test key."""

    service: Service

    @cached_property
    def keys(self) -> dict[str, ApiKey]:
        """A key of each type, each with every scope."""
        return {kind: create_api_key(self.service, name=kind, type=kind, by=TESTER).api_key for kind in TYPES}

    @cached_property
    def test_api(self) -> Client:
        """A caller of Pay and of the suite's own API with the test key."""
        self.open_accounts()
        return Client(headers={"Authorization": f"Bearer {key_text(self.keys['test'])}"})

    def open_accounts(self) -> None:
        """Let the service take payments, test ones and live ones."""
        for is_live in (False, True):
            save_account(self.service, provider="sandbox", is_live=is_live, by=TESTER)
        save_settings(self.service, by=TESTER, allows_recurring=True, allows_notifications=True)

    @cached_property
    def template(self) -> Template:
        """A template of a text."""
        return create_template(self.service, type="sms", name="Reminder", body="Hello ((name))", by=TESTER)

    @cached_property
    def email_template(self) -> Template:
        """A template of an email."""
        return create_template(self.service, type="email", name="Note", subject="Hello", body="((name))", by=TESTER)

    @cached_property
    def notification_id(self) -> uuid.UUID:
        """A text that was accepted."""
        order = SendOrder(
            service=self.service,
            channel="sms",
            template_id=self.template.pk,
            recipient="07700900123",
            personalisation={"name": "Ngọc"},
            key_type="test",
        )
        return send_notification(order).id

    @property
    def payment(self) -> dict[str, Any]:
        """A new payment, as the API shows it."""
        return create(self.test_api)

    @property
    def capturable(self) -> dict[str, Any]:
        """A new payment that waits for its capture."""
        document = create(self.test_api, delayed_capture=True)
        Citizen(document).pay()
        return document

    @property
    def paid(self) -> dict[str, Any]:
        """A new payment whose money was captured."""
        document = create(self.test_api)
        Citizen(document).pay()
        work()
        return document

    @property
    def refund_path(self) -> str:
        """The address of a new refund of a new payment."""
        path = f"/v1/payments/{self.paid['payment_id']}/refunds"
        answer = self.test_api.post(path, {"amount": 1}, "application/json")
        return f"{path}/{answer.json()['refund_id']}"

    @property
    def agreement_id(self) -> str:
        """A new agreement whose card is kept."""
        order = {"reference": "CT-2026", "description": "Council tax"}
        made = self.test_api.post("/v1/agreements", order, "application/json").json()
        Citizen(create(self.test_api, set_up_agreement=made["agreement_id"])).pay()
        work()
        return str(made["agreement_id"])

    @property
    def mandate_id(self) -> str:
        """A new mandate that the payer agreed to."""
        self.open_accounts()
        made = self.test_api.post("/v1/directdebit/mandates", MANDATE_ORDER, "application/json").json()
        Payer(made).agree()
        return str(made["mandate_id"])

    @cached_property
    def agreed_mandate_id(self) -> str:
        """A mandate that the payer agreed to, always the same one."""
        return self.mandate_id

    @property
    def debits_path(self) -> str:
        """Where payments under a mandate are asked for; there is one to ask under."""
        assert self.agreed_mandate_id
        return "/v1/directdebit/payments"

    @property
    def direct_debit_id(self) -> str:
        """A new payment under a new mandate."""
        order = {**DEBIT, "mandate_id": self.mandate_id}
        return str(self.test_api.post("/v1/directdebit/payments", order, "application/json").json()["payment_id"])

    @property
    def job_id(self) -> str:
        """A spreadsheet that is to be sent in an hour."""
        table = [["phone number", "name"], ["07700900123", "Ngọc"]]
        soon = (now() + timedelta(hours=1)).isoformat()
        body = {"name": "May", "template_id": str(self.template.pk), "rows": table, "scheduled_for": soon}
        client = Client(headers={"Authorization": f"Bearer {token_for(self.keys['test'])}"})
        return str(client.post("/v2/notifications/bulk", body, "application/json").json()["id"])

    @cached_property
    def letter_id(self) -> str:
        """A letter that was set and waits for the printer."""
        change_settings(self.service, permissions=["email", "sms", "letter"], by=TESTER)
        template = create_template(self.service, type="letter", name="Licence", subject="Yours", body="Hi", by=TESTER)
        address = {"address_line_1": "Ngọc", "address_line_2": "12 Long Street", "postcode": "SW1A 1AA"}
        body = {"template_id": str(template.pk), "personalisation": address}
        letter_id = str(NotifyClient(self.keys["test"]).send("letter", body).json()["id"])
        work_on_letter(uuid.UUID(letter_id))
        return letter_id

    @cached_property
    def webhook(self) -> Subscription:
        """A webhook that hears of everything."""
        return create_subscription(self.service, url="http://127.0.0.1:9/", events=["*"], by=TESTER)

    @cached_property
    def event(self) -> OutboxEvent:
        """An event in the service's stream, with a delivery to the webhook."""
        subject = f"webhook/{self.webhook.pk}"
        place_waiting()
        return OutboxEvent.objects.filter(subject=subject).latest("occurred_at")

    @property
    def delivery(self) -> Delivery:
        """The event's delivery."""
        return Delivery.objects.filter(event=self.event).latest("sequence")


def authorization(api_key: ApiKey, *, view: Any) -> dict[str, str]:
    """Return the header with which a client opens ``view``: the contract's token, or the whole key."""
    is_token = any(kind.__name__ == "ServiceTokenAuthentication" for kind in view.authentication_classes)
    return {"Authorization": f"Bearer {token_for(api_key) if is_token else key_text(api_key)}"}
