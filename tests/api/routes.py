"""How each route of an API is called: a path to an object of the service, and a body that is accepted.

A route of the URL map that is missing here fails the tests that go through all of them, with its name. A new route is
one line: ``Call("POST", "v1/things/<str:thing_id>/close", lambda world: f"/v1/things/{world.thing.pk}/close")``.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from rest_framework.views import APIView

from gaap.keys.permissions import HasScope
from gaap.webhooks.models import Delivery, Subscription, WebhookSecret
from gaap_notify.models import Notification
from gaap_notify.models.jobs import Job
from gaap_payments.models import Agreement, DirectDebit, Mandate, Payment, PaymentEvent, Refund
from tests.api.world import DEBIT, MANDATE_ORDER, World
from tests.architecture.urls import Address, addresses
from tests.payments.support import ORDER
from tests.payments.test_told_payments import TOLD

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Count = Callable[[World], int]


@dataclass(frozen=True)
class Call:
    """One operation of a route on an object of a world.

    ``body`` gives what is sent; ``count`` counts what one POST adds one of; ``sees`` are the types of key which see the
    object, all of which the test key made.
    """

    method: str
    route: str
    path: Callable[[World], str]
    body: Callable[[World], Any] | None = None
    count: Count | None = None
    sees: tuple[str, ...] = ("live", "team", "test")

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def address(self) -> Address:
        """The route's entry in the URL map."""
        return next(address for address in guarded_addresses() if address.route == self.route)

    @property
    def names_an_object(self) -> bool:
        """True when the path names something that belongs to a service; where messages are sent, it names a channel."""
        return "<" in self.route and (self.method, self.route) != ("POST", NOTIFY)

    @property
    def unknown_path(self) -> str:
        """A path of this route that names nothing."""
        unknown = "0" * 26 if self.route.startswith(BASE32) else "00000000-0000-4000-8000-000000000000"
        return "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<str:\w+>", unknown, self.route))

    def make(self, world: World, *, headers: Mapping[str, str], path: str = "") -> HttpResponse:
        """Send the call, to another path than its own if one is given, and return the answer."""
        body = self.body(world) if self.body else {}
        data = b"" if self.method == "GET" else json.dumps(body).encode()
        where = path or self.path(world)
        client = Client(headers=headers)
        return client.generic(self.method, where, data, content_type="application/json")  # type: ignore[return-value]


def guarded_addresses() -> list[Address]:
    """Return every address of the site that an API key opens, but those that only say that there is nothing."""
    return [address for address in addresses() if _is_guarded(address.view) and not address.route.startswith("^")]


def operations() -> list[tuple[str, str]]:
    """Return method and route of everything that an API key opens."""
    return [
        (method, address.route)
        for address in guarded_addresses()
        for method in METHODS
        if hasattr(address.view, method.lower())
    ]


def _is_guarded(view: Any) -> bool:
    return isinstance(view, type) and issubclass(view, APIView) and HasScope in view.permission_classes


def _rows(manager: Any, field: str) -> Count:
    return lambda world: int(manager.filter(**{field: world.service}).count())


PAY_SEES = ("team", "test")
NOTIFICATIONS = _rows(Notification.objects, "service")
DELIVERIES = _rows(Delivery.objects, "subscription__service_id")


def _steps(status: str) -> Count:
    found = PaymentEvent.objects.filter(status=status)
    return lambda world: found.filter(payment__gateway_account__service=world.service).count()


def _text(world: World) -> dict[str, Any]:
    return {
        "phone_number": "07700900123",
        "template_id": str(world.template.pk),
        "personalisation": {"name": "Ngọc"},
    }


def _email(world: World) -> dict[str, Any]:
    return {
        "email_address": "ngoc@example.org",
        "template_id": str(world.email_template.pk),
        "personalisation": {"name": "Ngọc"},
    }


def _webhook(world: World) -> dict[str, Any]:
    return {"url": "http://127.0.0.1:9/new", "events": ["*"]}


def _order(world: World) -> dict[str, Any]:
    world.open_accounts()
    return ORDER


def _agreement(world: World) -> dict[str, Any]:
    world.open_accounts()
    return {"reference": "CT-2026", "description": "Council tax"}


def _told(world: World) -> dict[str, Any]:
    world.open_accounts()
    return TOLD


def _table(world: World) -> dict[str, Any]:
    rows = [["phone number", "name"], ["07700900123", "Ngọc"]]
    return {"name": "May", "template_id": str(world.template.pk), "rows": rows}


def _mandate(world: World) -> dict[str, Any]:
    world.open_accounts()
    return MANDATE_ORDER


AGREEMENT = "v1/agreements/<str:agreement_id>"
MANDATE = "v1/directdebit/mandates/<str:mandate_id>"
DIRECT_DEBIT = "v1/directdebit/payments/<str:payment_id>"
BULK = "v2/notifications/bulk/<str:job_id>"
LETTER = "v2/notifications/<str:notification_id>/pdf"
NOTIFY = "v2/notifications/<str:name>"
PAYMENT = "v1/payments/<str:payment_id>"
#: Routes whose ids have 26 letters and digits.
BASE32 = (PAYMENT, AGREEMENT, MANDATE, DIRECT_DEBIT)
WEBHOOK = "v1/webhooks/<str:webhook_id>"

CALLS = [
    Call("GET", "v1/events", lambda world: "/v1/events"),
    Call("GET", "v1/events/<str:event_id>", lambda world: f"/v1/events/{world.event.id}"),
    Call("GET", "v1/webhooks", lambda world: "/v1/webhooks"),
    Call("POST", "v1/webhooks", lambda world: "/v1/webhooks", _webhook, _rows(Subscription.objects, "service_id")),
    Call("GET", WEBHOOK, lambda world: f"/v1/webhooks/{world.webhook.pk}"),
    Call("PATCH", WEBHOOK, lambda world: f"/v1/webhooks/{world.webhook.pk}", lambda world: {"description": "New"}),
    Call("GET", f"{WEBHOOK}/deliveries", lambda world: f"/v1/webhooks/{world.webhook.pk}/deliveries"),
    Call("POST", f"{WEBHOOK}/test", lambda world: f"/v1/webhooks/{world.webhook.pk}/test", None, DELIVERIES),
    Call(
        "POST",
        f"{WEBHOOK}/replay",
        lambda world: f"/v1/webhooks/{world.webhook.pk}/replay",
        lambda world: {"delivery_id": str(world.delivery.id)},
        DELIVERIES,
    ),
    Call(
        "POST",
        f"{WEBHOOK}/rotate-secret",
        lambda world: f"/v1/webhooks/{world.webhook.pk}/rotate-secret",
        lambda world: {"overlap_hours": 1},
        _rows(WebhookSecret.objects, "subscription__service_id"),
    ),
    Call("DELETE", WEBHOOK, lambda world: f"/v1/webhooks/{world.webhook.pk}"),
    Call("GET", "v1/payments", lambda world: "/v1/payments"),
    Call(
        "POST",
        "v1/payments",
        lambda world: "/v1/payments",
        _order,
        _rows(Payment.objects, "gateway_account__service"),
    ),
    Call("GET", PAYMENT, lambda world: f"/v1/payments/{world.payment['payment_id']}", sees=PAY_SEES),
    Call("GET", f"{PAYMENT}/events", lambda world: f"/v1/payments/{world.payment['payment_id']}/events", sees=PAY_SEES),
    Call(
        "POST",
        f"{PAYMENT}/cancel",
        lambda world: f"/v1/payments/{world.payment['payment_id']}/cancel",
        None,
        _steps("cancelled_by_service"),
        PAY_SEES,
    ),
    Call(
        "POST",
        f"{PAYMENT}/capture",
        lambda world: f"/v1/payments/{world.capturable['payment_id']}/capture",
        None,
        _steps("capture_approved"),
        PAY_SEES,
    ),
    Call("GET", f"{PAYMENT}/refunds", lambda world: f"/v1/payments/{world.paid['payment_id']}/refunds", sees=PAY_SEES),
    Call(
        "POST",
        f"{PAYMENT}/refunds",
        lambda world: f"/v1/payments/{world.paid['payment_id']}/refunds",
        lambda world: {"amount": 1},
        _rows(Refund.objects, "payment__gateway_account__service"),
        PAY_SEES,
    ),
    Call("GET", f"{PAYMENT}/refunds/<str:refund_id>", lambda world: world.refund_path, sees=PAY_SEES),
    Call("GET", "v1/refunds", lambda world: "/v1/refunds"),
    Call("GET", "v1/disputes", lambda world: "/v1/disputes"),
    Call("GET", "v1/agreements", lambda world: "/v1/agreements"),
    Call(
        "POST",
        "v1/agreements",
        lambda world: "/v1/agreements",
        _agreement,
        _rows(Agreement.objects, "gateway_account__service"),
    ),
    Call("GET", AGREEMENT, lambda world: f"/v1/agreements/{world.agreement_id}", sees=PAY_SEES),
    Call(
        "POST",
        f"{AGREEMENT}/cancel",
        lambda world: f"/v1/agreements/{world.agreement_id}/cancel",
        None,
        _rows(Agreement.objects.filter(status="cancelled"), "gateway_account__service"),
        PAY_SEES,
    ),
    Call("GET", "v1/directdebit/mandates", lambda world: "/v1/directdebit/mandates"),
    Call(
        "POST",
        "v1/directdebit/mandates",
        lambda world: "/v1/directdebit/mandates",
        _mandate,
        _rows(Mandate.objects, "gateway_account__service"),
    ),
    Call("GET", MANDATE, lambda world: f"/v1/directdebit/mandates/{world.mandate_id}", sees=PAY_SEES),
    Call("GET", "v1/directdebit/payments", lambda world: "/v1/directdebit/payments"),
    Call(
        "POST",
        "v1/directdebit/payments",
        lambda world: world.debits_path,
        lambda world: {**DEBIT, "mandate_id": world.agreed_mandate_id},
        _rows(DirectDebit.objects, "service"),
        PAY_SEES,
    ),
    Call("GET", DIRECT_DEBIT, lambda world: f"/v1/directdebit/payments/{world.direct_debit_id}", sees=PAY_SEES),
    Call(
        "POST",
        "v1/payment_notification",
        lambda world: "/v1/payment_notification",
        _told,
        _rows(Payment.objects, "gateway_account__service"),
    ),
    Call(
        "POST",
        "v2/notifications/bulk",
        lambda world: "/v2/notifications/bulk",
        _table,
        _rows(Job.objects, "service"),
    ),
    Call("GET", BULK, lambda world: f"/v2/notifications/bulk/{world.job_id}"),
    Call("DELETE", BULK, lambda world: f"/v2/notifications/bulk/{world.job_id}"),
    Call("GET", "v2/notifications", lambda world: "/v2/notifications"),
    Call("GET", NOTIFY, lambda world: f"/v2/notifications/{world.notification_id}"),
    Call("GET", LETTER, lambda world: f"/v2/notifications/{world.letter_id}/pdf"),
    Call("POST", NOTIFY, lambda world: "/v2/notifications/sms", _text, NOTIFICATIONS),
    Call("POST", NOTIFY, lambda world: "/v2/notifications/email", _email, NOTIFICATIONS),
    Call("GET", "v2/received-text-messages", lambda world: "/v2/received-text-messages"),
    Call("GET", "v2/templates", lambda world: "/v2/templates"),
    Call("GET", "v2/template/<str:template_id>", lambda world: f"/v2/template/{world.template.pk}"),
    Call(
        "GET",
        "v2/template/<str:template_id>/version/<int:number>",
        lambda world: f"/v2/template/{world.template.pk}/version/1",
    ),
    Call(
        "POST",
        "v2/template/<str:template_id>/preview",
        lambda world: f"/v2/template/{world.template.pk}/preview",
        lambda world: {"personalisation": {"name": "Ngọc"}},
        lambda world: 0,
    ),
]
