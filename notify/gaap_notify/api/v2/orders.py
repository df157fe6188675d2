"""From a request's body to what is to be sent."""

from typing import Any, Literal
from uuid import UUID

from gaap.keys.authentication import ApiCaller
from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.files import check_files
from gaap_notify.api.v2.validation import optional_uuid, validate
from gaap_notify.services.letters.accepting import LetterOrder
from gaap_notify.services.sending import SendOrder


def letter_order(caller: ApiCaller, body: Any) -> LetterOrder:
    """Return the letter from a template that ``body`` asks for; raises ValidationError (spec A.6)."""
    data = validate(body, schemas.SEND_LETTER)
    check_files(data["personalisation"])
    return LetterOrder(
        service=caller.service,
        api_key=caller.api_key,
        key_type=caller.api_key.type,
        template_id=UUID(data["template_id"]),
        personalisation=data["personalisation"],
        reference=data.get("reference", ""),
    )


def precompiled_order(caller: ApiCaller, body: Any) -> LetterOrder:
    """Return the letter that ``body`` brings ready to print; raises ValidationError (spec A.6)."""
    data = validate(body, schemas.SEND_PRECOMPILED_LETTER)
    return LetterOrder(
        service=caller.service,
        api_key=caller.api_key,
        key_type=caller.api_key.type,
        reference=data["reference"],
        content=data["content"],
        postage=data.get("postage", ""),
    )


def sms_order(caller: ApiCaller, body: Any) -> SendOrder:
    """Return the text message that ``body`` asks for; raises ValidationError (spec A.4)."""
    data = validate(body, schemas.SEND_SMS)
    return _order(caller, data, "sms", data["phone_number"], sender_id=optional_uuid(data, "sms_sender_id"))


def email_order(caller: ApiCaller, body: Any) -> SendOrder:
    """Return the email that ``body`` asks for; raises ValidationError (spec A.5)."""
    data = validate(body, schemas.SEND_EMAIL)
    return _order(
        caller,
        data,
        "email",
        data["email_address"],
        sender_id=optional_uuid(data, "email_reply_to_id"),
        unsubscribe_url=data.get("one_click_unsubscribe_url", ""),
        sanitise_content_for=data.get("sanitise_content_for") or (),
    )


def _order(
    caller: ApiCaller, data: dict[str, Any], channel: Literal["sms", "email"], recipient: str, **details: Any
) -> SendOrder:
    check_files(data.get("personalisation", {}))
    return SendOrder(
        service=caller.service,
        api_key=caller.api_key,
        key_type=caller.api_key.type,
        channel=channel,
        recipient=recipient,
        template_id=UUID(data["template_id"]),
        personalisation=data.get("personalisation", {}),
        reference=data.get("reference", ""),
        **details,
    )
