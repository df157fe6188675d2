"""What a message costs, as the contract shows it (spec A.7)."""

from collections.abc import Callable, Mapping
from typing import Any

from gaap.keys.models import ApiKey
from gaap_notify.conf import conf
from gaap_notify.models import Notification
from gaap_notify.models.channels import Channel
from gaap_notify.states import CREATED, PENDING_VIRUS_CHECK

_NOT_READY: Mapping[str, Any] = {"cost_details": {}, "cost_in_pounds": None, "is_cost_data_ready": False}


def show_cost(notification: Notification) -> dict[str, Any]:
    """Return the price and what it is made of; test keys cost nothing, nor does what was never sent."""
    return _COSTS[notification.type](notification)


def _cost_of_email(_: Notification) -> dict[str, Any]:
    return {"cost_details": {}, "cost_in_pounds": 0.0, "is_cost_data_ready": True}


def _cost_of_sms(notification: Notification) -> dict[str, Any]:
    if notification.status == CREATED:
        return dict(_NOT_READY)
    fragments = notification.fragments if _is_charged(notification) else 0
    return {
        "cost_details": {
            "billable_sms_fragments": fragments,
            "international_rate_multiplier": notification.rate_multiplier,
            "sms_rate": conf.sms_rate,
        },
        "cost_in_pounds": round(fragments * notification.rate_multiplier * conf.sms_rate, 6),
        "is_cost_data_ready": True,
    }


def _cost_of_letter(notification: Notification) -> dict[str, Any]:
    if notification.status in (CREATED, PENDING_VIRUS_CHECK):
        return dict(_NOT_READY)
    letter = notification.letter
    sheets = letter.sheets if _is_charged(notification) else 0
    return {
        "cost_details": {"billable_sheets_of_paper": sheets, "postage": letter.postage},
        "cost_in_pounds": conf.letter_rate(letter.postage, sheets),
        "is_cost_data_ready": True,
    }


def _is_charged(notification: Notification) -> bool:
    return notification.sent_at is not None and notification.key_type != ApiKey.Type.TEST


_COSTS: Mapping[str, Callable[[Notification], dict[str, Any]]] = {
    Channel.EMAIL: _cost_of_email,
    Channel.SMS: _cost_of_sms,
    Channel.LETTER: _cost_of_letter,
}
