"""The receipt door: what providers say about the messages that they took.

1. Store the call raw, before anything in it is believed, and due again in case this process dies.
2. Verify and read it; one event of a provider counts once.
3. Move the notification. A receipt that came before its notification was marked as sent waits for it.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from gaap.actors import Actor
from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap.keys.models import ApiKey
from gaap.observing import tracing
from gaap.providers.registry import UnknownProviderError
from gaap.work import claim
from gaap_notify.conf import conf
from gaap_notify.models import Notification, Receipt, Suppression
from gaap_notify.models.channels import Channel
from gaap_notify.providers import REGISTRIES, make_provider
from gaap_notify.providers.base import COMPLAINT, DeliveryReport, Provider, ReceiptRefusedError
from gaap_notify.services.complaints import take_complaint
from gaap_notify.services.inbound import take_text
from gaap_notify.services.notifications import change_status
from gaap_notify.services.suppressions import suppress
from gaap_notify.states import DELIVERED, FAILURES, PENDING, PERMANENT_FAILURE, TEMPORARY_FAILURE, table_for

logger = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(seconds=30)
LOOKS = 20
#: A notification can move at most so often while a receipt is being applied.
_RACES = 4


Read = TypeVar("Read")


class UnknownDoorError(LookupError):
    """No provider of that channel is configured under that name."""


def receive_receipt(
    channel: str, alias: str, headers: Mapping[str, str], body: str, *, door: str = Receipt.Door.RECEIPTS
) -> Receipt.Outcome:
    """Take a call of the provider ``alias`` and return what became of it. ``door`` says what the call is about.

    Raises UnknownDoorError when there is no such provider.
    """
    provider = _find_provider(channel, alias)
    receipt = Receipt.objects.create(
        door=door,
        channel=channel,
        provider=alias,
        headers=_kept(headers, provider),
        body=body,
        due_at=now() + kernel_conf.work_lease,
    )
    return _process(receipt, provider)


def work_on_receipt(receipt_id: int) -> None:
    """Look at a receipt again that waits; nothing when it is not due or another worker has it."""
    receipt = Receipt.objects.filter(pk=receipt_id).first()
    if receipt is not None and claim(receipt):
        _process(receipt, _find_provider(receipt.channel, receipt.provider))


def _find_provider(channel: str, alias: str) -> Provider[Any]:
    config = conf.providers(channel).get(alias) if channel in REGISTRIES else None
    if config is None:
        raise UnknownDoorError(f"{channel}/{alias}")
    try:
        return make_provider(channel, config)
    except UnknownProviderError as error:
        raise UnknownDoorError(f"{channel}/{alias}") from error


def _kept(headers: Mapping[str, str], provider: Provider[Any]) -> Any:
    """Return the headers that the provider's receipts are verified with, names in lower case."""
    known = {name.lower(): value for name, value in headers.items()}
    return {name: known[name] for name in provider.receipt_headers if name in known}


def _process(receipt: Receipt, provider: Provider[Any]) -> Receipt.Outcome:
    process = _process_text if receipt.door == Receipt.Door.INBOUND else _process_report
    try:
        with tracing.span("notify.receipt", {"gaap.channel": receipt.channel, "gaap.provider": receipt.provider}):
            return process(receipt, provider)
    except ReceiptRefusedError as error:
        logger.warning("Receipt %s of %s refused: %s", receipt.pk, receipt.provider, error)
        return _settle(receipt, Receipt.Outcome.REFUSED, failure=str(error)[:255])


def _process_text(receipt: Receipt, provider: Provider[Any]) -> Receipt.Outcome:
    text = _read(receipt, provider.parse_inbound)
    with transaction.atomic():
        if not _remember_event(receipt, f"text.{text.event_id}"):
            return _settle(receipt, Receipt.Outcome.DUPLICATE)
        kept = take_text(text, provider=provider.alias)
        return _settle(receipt, Receipt.Outcome.APPLIED if kept else Receipt.Outcome.UNMATCHED)


def _process_report(receipt: Receipt, provider: Provider[Any]) -> Receipt.Outcome:
    reports = _read(receipt, provider.parse_receipts)
    if len(reports) != 1:
        return _process_batch(receipt, reports, provider)
    (report,) = reports
    if not _remember_event(receipt, report.event_id):
        return _settle(receipt, Receipt.Outcome.DUPLICATE)
    notification = _find_notification(receipt, report)
    if notification is None:
        return _wait(receipt)
    tracing.follow(notification.pk)
    is_applied = _apply(notification, report, provider)
    outcome = Receipt.Outcome.APPLIED if is_applied else Receipt.Outcome.DUPLICATE
    return _settle(receipt, outcome, notification=notification)


def _process_batch(receipt: Receipt, reports: Sequence[DeliveryReport], provider: Provider[Any]) -> Receipt.Outcome:
    """Apply every report of one call. While one waits for its notification the call is looked at again as a whole.

    A report that was applied already changes nothing: the notification has no such way to go.
    """
    if not reports:
        return _settle(receipt, Receipt.Outcome.UNMATCHED)
    digest = hashlib.sha256("\n".join(report.event_id for report in reports).encode()).hexdigest()
    if not _remember_event(receipt, f"batch.{digest}"):
        return _settle(receipt, Receipt.Outcome.DUPLICATE)
    found = [(report, _find_notification(receipt, report)) for report in reports]
    applied = [_apply(notification, report, provider) for report, notification in found if notification is not None]
    if len(applied) < len(reports):
        return _wait(receipt)
    return _settle(receipt, Receipt.Outcome.APPLIED if any(applied) else Receipt.Outcome.DUPLICATE)


def _read(receipt: Receipt, parse: Callable[[Mapping[str, str], str], Read]) -> Read:
    try:
        return parse(receipt.headers, receipt.body)
    except (ValueError, LookupError, TypeError) as error:
        raise ReceiptRefusedError(f"The receipt cannot be read ({type(error).__name__}).") from error


def _remember_event(receipt: Receipt, event_id: str) -> bool:
    try:
        with transaction.atomic():
            Receipt.objects.filter(pk=receipt.pk).update(event_id=event_id[:255])
    except IntegrityError:
        return False
    return True


def _find_notification(receipt: Receipt, report: DeliveryReport) -> Notification | None:
    rows = Notification.objects.select_related("template_version").filter(type=receipt.channel)
    if report.notification_id is not None:
        return rows.filter(pk=report.notification_id).first()
    return rows.filter(provider=receipt.provider, provider_id=report.provider_id).first()


def _apply(notification: Notification, report: DeliveryReport, provider: Provider[Any]) -> bool:
    """Move the notification; returns False when it has ended already (spec A.13)."""
    if report.status == COMPLAINT:
        _apply(notification, replace(report, status=DELIVERED), provider)
        return take_complaint(notification, event_id=report.event_id)
    with tracing.span("notify.receipt_applied", of=notification.pk):
        return _move(notification, report, provider)


def _move(notification: Notification, report: DeliveryReport, provider: Provider[Any]) -> bool:
    actor = Actor("provider", provider.alias, provider.alias)
    for _ in range(_RACES):
        status = _status_for(notification, report)
        if not table_for(notification.type).can_move(notification.status, status):
            return False
        if change_status(notification, status, by=actor, **_facts(notification, report, provider)):
            _heed_bounce(notification)
            return True
        notification.refresh_from_db()
    return False


def _heed_bounce(notification: Notification) -> None:
    """Send nothing more to an email address that does not exist, whoever wants to."""
    is_real = notification.key_type != ApiKey.Type.TEST and notification.type == Channel.EMAIL
    if is_real and notification.status == PERMANENT_FAILURE:
        reason = Suppression.Reason.BOUNCED
        suppress(notification.address, channel=notification.type, reason=reason, service=None)


def _status_for(notification: Notification, report: DeliveryReport) -> str:
    is_vague = notification.status == PENDING and report.status == PERMANENT_FAILURE and not report.detail
    return TEMPORARY_FAILURE if is_vague else report.status


def _facts(notification: Notification, report: DeliveryReport, provider: Provider[Any]) -> dict[str, Any]:
    return {
        "provider": provider.alias,
        "provider_id": report.provider_id[:255],
        "sent_at": notification.sent_at or now(),
        "failure": report.detail[:255] if report.status in FAILURES else "",
    }


def _wait(receipt: Receipt) -> Receipt.Outcome:
    if receipt.attempts >= LOOKS:
        return _settle(receipt, Receipt.Outcome.UNMATCHED)
    return _settle(receipt, Receipt.Outcome.WAITING, due_at=now() + LOOK_AGAIN_AFTER)


def _settle(receipt: Receipt, outcome: Receipt.Outcome, **changes: Any) -> Receipt.Outcome:
    Receipt.objects.filter(pk=receipt.pk).update(**{"outcome": outcome, "due_at": None, **changes})
    return outcome
