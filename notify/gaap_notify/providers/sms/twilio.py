"""Text messages through Twilio Programmable Messaging.

Options: ``account_sid`` and ``auth_token``; ``api_key`` and ``api_secret`` to call with instead of the token, which
then only verifies; ``messaging_service_sid`` to let Twilio choose the sender; ``base_url`` to call another host.

Twilio knows no idempotency key for messages. A call that broke off is settled by looking for the message among those
that went to the same number since.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from gaap.conf import conf
from gaap.providers.errors import ProviderError
from gaap_notify.providers.base import (
    Accepted,
    DeliveryReport,
    InboundText,
    ReceiptRefusedError,
    RecipientRejectedError,
)
from gaap_notify.providers.sms.base import SmsMessage, SmsProvider, sms_providers
from gaap_notify.providers.sms.twilio_codes import BAD_RECIPIENT, OPERATOR_CAN_MEND, TOO_MANY, failure_status

TIMEOUT_SECONDS = 15
SIGNATURE = "x-twilio-signature"
THEIR_HOST = "https://api.twilio.com"
#: Clocks differ by a little.
SKEW = timedelta(seconds=30)
#: So many messages to one number are looked at when a broken call is settled.
LOOKED_AT = 50
PAUSE = timedelta(seconds=5)

#: Their words for messages that have not failed, and ours. What is only on its way changes nothing.
STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "sending"),
    **dict.fromkeys(("delivered", "read", "partially_delivered"), "delivered"),
}
FAILED = frozenset({"failed", "undelivered", "canceled"})


@sms_providers.register("twilio")
class TwilioProvider(SmsProvider):
    """Hands text messages to Twilio, reads its status callbacks and what people answer."""

    settled_by: ClassVar[Literal["repeating", "asking", "nothing"]] = "asking"
    concurrency = 16
    receipt_headers: ClassVar[tuple[str, ...]] = (SIGNATURE,)

    def send(self, message: SmsMessage) -> Accepted:
        """Create the message at Twilio and return its SID."""
        service = self.options.get("messaging_service_sid")
        sender = {"messaging_service_sid": service} if service else {"from_": _written(message.sender)}
        try:
            made = self._client().messages.create(
                to=f"+{message.to}", body=message.body, status_callback=self._address("receipts"), **sender
            )
        except TwilioException as error:
            raise _as_ours(error) from None
        except requests.RequestException as error:
            raise _unreachable(error) from None
        return Accepted(str(made.sid))

    def find_sent(self, message: SmsMessage, *, since: datetime) -> list[Accepted]:
        """Return the messages with this text that went to this number since then."""
        try:
            found = self._client().messages.list(to=f"+{message.to}", limit=LOOKED_AT)
        except TwilioException as error:
            raise _as_ours(error) from None
        except requests.RequestException as error:
            raise _unreachable(error) from None
        return [
            Accepted(str(one.sid))
            for one in found
            if one.body == message.body and one.date_created and one.date_created >= since - SKEW
        ]

    def parse_receipt(self, headers: Mapping[str, str], body: str) -> DeliveryReport:
        """Verify and read a status callback."""
        fields = self._verified(headers, body, door="receipts")
        status, code = fields["MessageStatus"], fields.get("ErrorCode", "")
        return DeliveryReport(
            event_id=f"{fields['MessageSid']}.{status}",
            provider_id=fields["MessageSid"],
            status=failure_status(code) if status in FAILED else STATUSES[status],
            detail=code,
        )

    def parse_inbound(self, headers: Mapping[str, str], body: str) -> InboundText:
        """Verify and read a text message that somebody sent to a number of ours."""
        fields = self._verified(headers, body, door="inbound")
        return InboundText(
            event_id=fields["MessageSid"],
            sender=fields["From"].removeprefix("+"),
            recipient=fields["To"].removeprefix("+"),
            text=fields.get("Body", ""),
        )

    def check(self) -> Iterable[str]:
        """Yield which option is missing."""
        for name in ("account_sid", "auth_token"):
            if not self.options.get(name):
                yield f"The option {name} is missing."

    def _verified(self, headers: Mapping[str, str], body: str, *, door: str) -> dict[str, str]:
        fields = dict(parse_qsl(body, keep_blank_values=True))
        validator = RequestValidator(str(self.options["auth_token"]))
        if not validator.validate(self._address(door), fields, headers.get(SIGNATURE, "")):
            raise ReceiptRefusedError("The signature is missing or wrong.")
        return fields

    def _address(self, door: str) -> str:
        return f"{conf.base_url}providers/notify/sms/{self.alias}/{door}"

    def _client(self) -> Client:
        account, token = self.options["account_sid"], self.options["auth_token"]
        name, secret = self.options.get("api_key", account), self.options.get("api_secret", token)
        return Client(name, secret, account_sid=account, http_client=_Door(self.options.get("base_url", THEIR_HOST)))


class _Door(TwilioHttpClient):  # type: ignore[misc]
    """Calls the host that the options name, and says how long Twilio wants to be left alone."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._base_url = base_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        answer = super().request(method, url.replace(THEIR_HOST, self._base_url, 1), *args, **kwargs)
        if answer.status_code == requests.codes.too_many_requests:
            raise ProviderError("Twilio answered 429.", permanent=False, pause=_pause(answer))
        return answer


def _pause(answer: Response) -> timedelta:
    seconds = str((answer.headers or {}).get("Retry-After", ""))
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else PAUSE


def _written(sender: str) -> str:
    """Return a sender as Twilio wants it: whole numbers with a plus, names and short codes as they are."""
    is_whole_number = sender.isdecimal() and len(sender) > 6
    return f"+{sender}" if is_whole_number else sender


def _as_ours(error: TwilioException) -> ProviderError:
    if not isinstance(error, TwilioRestException):
        return ProviderError(f"Twilio's library failed ({type(error).__name__}).", permanent=False, is_unknown=True)
    text = f"Twilio answered {error.status}, code {error.code}."
    if error.code in BAD_RECIPIENT:
        return RecipientRejectedError(text)
    if error.code in TOO_MANY:
        return ProviderError(text, permanent=False, pause=PAUSE)
    is_their_fault = error.status >= requests.codes.server_error
    # A fault of theirs may come after they took the message.
    return ProviderError(
        text, permanent=not is_their_fault and error.code not in OPERATOR_CAN_MEND, is_unknown=is_their_fault
    )


def _unreachable(error: requests.RequestException) -> ProviderError:
    is_before = isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error)
    fault = type(error).__name__
    return ProviderError(f"Twilio cannot be reached ({fault}).", permanent=False, is_unknown=not is_before)
