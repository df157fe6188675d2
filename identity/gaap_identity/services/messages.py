"""Sending codes through Notify. The one place that knows whether Notify is there."""

from typing import Literal

from django.apps import apps

from gaap.conf import conf
from gaap_identity.errors import CodesUnavailableError, UnreachableError

Channel = Literal["sms", "email"]
Purpose = Literal["sign_in", "sign_up", "change"]


def can_send_codes() -> bool:
    """Tell whether Notify is installed beside this component."""
    return apps.is_installed("gaap_notify")


def send_code(code: str, *, channel: Channel, recipient: str, language: str, purpose: Purpose) -> None:
    """Send ``code`` to ``recipient``. Call it outside of any transaction.

    Raises CodesUnavailableError without Notify, UnreachableError when Notify sends nothing to this recipient.
    """
    if not can_send_codes():
        raise CodesUnavailableError("Notify is not installed.")
    from gaap_notify import public

    try:
        public.send_code(
            channel=channel,
            recipient=recipient,
            code=code,
            language=language,
            purpose=purpose,
            brand=str(conf.brand["name"]),
        )
    except public.RecipientError as error:
        raise UnreachableError("Notify sends nothing there.") from error
