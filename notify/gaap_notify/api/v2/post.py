"""What the contract shows of letters only (spec A.7, A.13)."""

from typing import Any

from gaap_notify.api.v2.times import show_time
from gaap_notify.models import Notification
from gaap_notify.models.channels import Channel
from gaap_notify.services.letters.calendar import latest_arrival
from gaap_notify.states import PUBLIC_LETTER_STATUSES

_LINES = tuple(f"line_{number}" for number in range(1, 7))


def show_status(notification: Notification) -> str:
    """Return a notification's status; most of a letter's have other names on the wire."""
    if notification.type != Channel.LETTER:
        return notification.status
    return PUBLIC_LETTER_STATUSES.get(notification.status, notification.status)


def show_post(notification: Notification) -> dict[str, Any]:
    """Return address, postage and, for letters, when it should arrive; all empty for other messages."""
    if notification.type != Channel.LETTER:
        return dict.fromkeys((*_LINES, "postcode", "postage"))
    lines = notification.address.splitlines()
    postage = notification.letter.postage
    return {
        **dict.fromkeys(_LINES),
        **dict(zip(_LINES, lines[:-1], strict=False)),
        "postcode": lines[-1] if lines else None,
        "postage": postage,
        "estimated_delivery": show_time(latest_arrival(notification.created_at, postage)),
    }
