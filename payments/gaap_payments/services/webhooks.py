"""The webhooks of the payments contract (part B): how they are signed and repeated, and who has one."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.identifiers import new_base32_id
from gaap.organisations.models import Service
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Subscription
from gaap.webhooks.services.secrets import rotate_secret
from gaap.webhooks.services.subscriptions import change_subscription, create_subscription
from gaap.webhooks.styles.base import Message, Style, styles
from gaap_payments.conf import conf
from gaap_payments.models import GatewayAccount, PaymentWebhook

STYLE = "payments"
SIGNATURE_HEADER = "Pay-Signature"
#: Contract B. ``card_payment_started`` may be asked for and is never sent, as in the contract.
STARTED = "card_payment_started"
SUCCEEDED = "card_payment_succeeded"
CAPTURED = "card_payment_captured"
REFUNDED = "card_payment_refunded"
FAILED = "card_payment_failed"
EXPIRED = "card_payment_expired"
EVENT_TYPES = (STARTED, SUCCEEDED, CAPTURED, REFUNDED, FAILED, EXPIRED)


@styles.register(STYLE)
class PaymentsStyle(Style):
    """Webhooks as part B of the contract has them: an HMAC over the body alone, six tries, no order."""

    timeout_seconds: ClassVar[float] = 3.0
    ladder: ClassVar[Sequence[timedelta]] = (
        timedelta(seconds=60),
        timedelta(minutes=5),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=2),
    )

    def headers(self, message: Message) -> Mapping[str, str]:
        """Return the signature under the newest secret: the header has room for one."""
        return {SIGNATURE_HEADER: sign(message.body, secret=message.secrets[0])}


def sign(body: bytes, *, secret: str) -> str:
    """Return the lower-case hexadecimal HMAC-SHA-256 of ``body`` (contract B)."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def new_secret(*, is_live: bool) -> str:
    """Return a fresh secret in the contract's form: ``webhook_test_`` or ``webhook_live_`` and 26 characters."""
    return f"webhook_{'live' if is_live else 'test'}_{new_base32_id()}"


@transaction.atomic
def create_webhook(
    service: Service,
    *,
    url: str,
    events: Iterable[str],
    is_live: bool,
    by: Actor,
    description: str = "",
    secret: str | None = None,
) -> PaymentWebhook:
    """Tell ``url`` (at most 2,000 characters) of the service's live or test payments.

    ``events`` are names of ``EVENT_TYPES``, at least one; ``secret`` is made when not given. Raises WebhookError.
    """
    check_domain(url, is_live=is_live)
    subscription = create_subscription(
        service,
        url=url,
        events=_checked_events(events),
        description=description,
        secret=secret or new_secret(is_live=is_live),
        style=STYLE,
        by=by,
    )
    return PaymentWebhook.objects.create(subscription=subscription, is_live=is_live)


def change_webhook(webhook: PaymentWebhook, *, by: Actor, **changes: Any) -> bool:
    """Set ``url``, ``events`` or ``description``; returns False when nothing differs. Raises WebhookError."""
    if "url" in changes:
        check_domain(changes["url"], is_live=webhook.is_live)
    if "events" in changes:
        changes["events"] = _checked_events(changes["events"])
    return change_subscription(webhook.subscription, by=by, **changes)


def renew_secret(webhook: PaymentWebhook, *, by: Actor, secret: str | None = None) -> str:
    """Sign with a new secret from now on and return it; the old one ends at once, because one signature is sent."""
    fresh = secret or new_secret(is_live=webhook.is_live)
    rotate_secret(webhook.subscription, overlap=timedelta(), secret=fresh, by=by)
    return fresh


def default_mode(service: Service) -> bool:
    """Tell whether a webhook for which nothing was said is about live payments: when the service can take them."""
    return GatewayAccount.objects.filter(service=service, is_live=True, is_enabled=True).exists()


def webhooks_of(service_id: Any, *, is_live: bool | None = None) -> list[PaymentWebhook]:
    """Return the service's webhooks that are not deleted, newest first; of one kind when ``is_live`` says which."""
    known = Subscription.objects.for_service(service_id).filter(style=STYLE)
    narrowed = {} if is_live is None else {"is_live": is_live}
    webhooks = PaymentWebhook.objects.filter(subscription__in=known, **narrowed).select_related("subscription")
    return list(webhooks.order_by("-subscription__created_at"))


def is_domain_allowed(url: str, *, is_live: bool) -> bool:
    """Tell whether live payments may be told to ``url``; test payments may be told to any address."""
    allowed = conf.live_webhook_domains
    if not is_live or not allowed:
        return True
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in allowed)


def check_domain(url: str, *, is_live: bool) -> None:
    """Raise WebhookError unless the operator of the platform allows live payments to be told to this domain."""
    if not is_domain_allowed(url, is_live=is_live):
        raise WebhookError(_("Webhooks for live payments may not go to this domain."))


def _checked_events(events: Iterable[str]) -> list[str]:
    wanted = set(events)
    unknown = sorted(wanted - set(EVENT_TYPES))
    if unknown:
        raise WebhookError(_("Unknown event type: %s.") % ", ".join(unknown))
    if not wanted:
        raise WebhookError(_("Name at least one event type."))
    return [name for name in EVENT_TYPES if name in wanted]
