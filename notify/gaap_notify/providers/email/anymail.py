"""Emails through a commercial sender that django-anymail knows, with its reports of what became of them.

Options: ``esp`` is the sender's name as in django-anymail's own addresses (``postmark``, ``mailgun`` ...);
``webhook_secret`` is the ``user:password`` that the sender puts into its calls, ``webhook_key`` the key that it signs
them with where it can; all others go to django-anymail's mail backend (``server_token``, ``api_key`` ...).

django-anymail is an extra (``pip install gaap-suite[anymail]``); it makes one kind of event of every sender's own
(https://anymail.dev/en/stable/sending/tracking/).
"""

import importlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core.handlers.wsgi import WSGIRequest
from django.core.mail import get_connection
from django.http import HttpRequest

from gaap.providers.errors import ProviderError
from gaap_notify.providers.base import (
    COMPLAINT,
    Accepted,
    DeliveryReport,
    ReceiptRefusedError,
    RecipientRejectedError,
)
from gaap_notify.providers.email.base import EmailMessage, EmailProvider, email_providers
from gaap_notify.providers.email.smtp import as_mail
from gaap_notify.states import DELIVERED, PENDING, PERMANENT_FAILURE, SENDING, TEMPORARY_FAILURE

#: The senders whose calls tell what became of a message, and the option of theirs that a signature is checked with.
SIGNED_WITH: Mapping[str, str] = {
    "brevo": "",
    "mailersend": "signing_secret",
    "mailgun": "webhook_signing_key",
    "mailjet": "",
    "postmark": "",
    "sparkpost": "",
}
#: What django-anymail calls an event, and what it is here; what people did with an email afterwards is not asked for.
STATUSES: Mapping[str, str] = {
    "queued": SENDING,
    "sent": SENDING,
    "deferred": PENDING,
    "delivered": DELIVERED,
    "rejected": PERMANENT_FAILURE,
    "bounced": PERMANENT_FAILURE,
    "failed": TEMPORARY_FAILURE,
    "complained": COMPLAINT,
}
#: Reasons for which the address can never be reached; for any other it may be another time.
GONE = frozenset({"invalid", "bounced"})
#: Where senders write that a bounce was a soft one, which django-anymail does not tell apart.
SOFT_WORDS, SOFT_CLASS = ("Type", "event", "type"), "20"
TOO_MANY, BAD_CREDENTIALS, SERVER_ERROR = 429, frozenset({401, 402, 403}), 500
OUR_ID = "notification_id"


@email_providers.register("anymail")
class AnymailProvider(EmailProvider):
    """Hands emails to a commercial sender and hears from it."""

    reports_delivery: ClassVar[bool] = True
    receipt_headers: ClassVar[tuple[str, ...]] = ("authorization", "content-type", "signature")

    def __init__(
        self, *, alias: str, esp: str = "", webhook_secret: str = "", webhook_key: str = "", **options: Any
    ) -> None:
        super().__init__(alias=alias, **options)
        self._esp = esp
        self._webhook_secret = webhook_secret
        self._webhook_key = webhook_key

    def send(self, message: EmailMessage) -> Accepted:
        """Hand the email to the sender; our id goes with it and comes back in its reports where the sender can."""
        from anymail.exceptions import AnymailError, AnymailRecipientsRefused

        mail = as_mail(message)
        vars(mail).update(metadata={OUR_ID: str(message.id)})
        try:
            mail.connection = self._connection()
            mail.send()
        except AnymailRecipientsRefused:
            raise RecipientRejectedError("The sender refused the recipient.") from None
        except AnymailError as error:
            raise _as_ours(error) from None
        return Accepted(str(mail.anymail_status.message_id))  # type: ignore[attr-defined]

    def parse_receipts(self, headers: Mapping[str, str], body: str) -> Sequence[DeliveryReport]:
        """Verify a call and return what it says of each message; nothing of messages that were opened or clicked."""
        from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure

        view, request = self._door(), _as_request(headers, body)
        try:
            view.run_validators(request)
            events = view.parse_events(request)
        except (AnymailWebhookValidationFailure, AnymailConfigurationError) as error:
            raise ReceiptRefusedError(f"The sender's call is not in order ({type(error).__name__}).") from error
        return [_as_report(event) for event in events if event.event_type in STATUSES and event.message_id]

    def check(self) -> Iterable[str]:
        """Yield what is wrong with the options, or that the package is missing."""
        if self._esp not in SIGNED_WITH:
            yield f"The option esp must be one of {', '.join(SIGNED_WITH)}."
            return
        if not self._is_guarded():
            yield "The option webhook_secret is missing: anybody could tell what became of a message."
        try:
            self._connection()
        except ImportError:
            yield "django-anymail is not installed."
        except Exception as error:
            yield f"The sender's options are not in order ({type(error).__name__}): {error}"

    def _connection(self) -> Any:
        backend = f"anymail.backends.{self._esp}.EmailBackend"
        return get_connection(backend, ignore_unsupported_features=True, **self.options)

    def _is_guarded(self) -> bool:
        """Tell whether a stranger's call can be told from the sender's: a key is of no use where it signs nothing."""
        return bool(self._webhook_secret or (self._webhook_key and SIGNED_WITH.get(self._esp)))

    def _door(self) -> Any:
        """Return django-anymail's view of the sender's calls; only its reading of them is used."""
        if self._esp not in SIGNED_WITH or not self._is_guarded():
            raise ReceiptRefusedError("No secret is set up for the sender's calls.")
        module = importlib.import_module(f"anymail.webhooks.{self._esp}")
        view = next(
            found
            for name, found in vars(module).items()
            if name.endswith("TrackingWebhookView") and found.__module__ == module.__name__
        )
        signed = {SIGNED_WITH[self._esp]: self._webhook_key} if self._webhook_key and SIGNED_WITH[self._esp] else {}
        return view(webhook_secret=self._webhook_secret or [], **signed)


def _as_request(headers: Mapping[str, str], body: str) -> HttpRequest:
    data = body.encode()
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return WSGIRequest(
        {
            **environ,
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_TYPE": headers.get("content-type", "application/json"),
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": io.BytesIO(data),
        }
    )


def _as_report(event: Any) -> DeliveryReport:
    status, reason = STATUSES[event.event_type], event.reject_reason
    if status == PERMANENT_FAILURE and (reason not in GONE or _is_soft(event.esp_event)):
        status = TEMPORARY_FAILURE
    return DeliveryReport(
        event_id=str(event.event_id or f"{event.message_id}.{event.event_type}"),
        provider_id=str(event.message_id),
        status=status,
        detail=str(reason or ""),
        notification_id=_our_id(event.metadata),
    )


def _is_soft(told: Any) -> bool:
    """Tell whether the mailbox was only full or away; SparkPost has a class for such bounces, Mailjet a flag."""
    if str(told.get("bounce_class")) == SOFT_CLASS or told.get("hard_bounce") is False:
        return True
    return any("soft" in str(told.get(name, "")).lower() for name in SOFT_WORDS)


def _our_id(metadata: Any) -> UUID | None:
    try:
        return UUID(str((metadata or {})[OUR_ID]))
    except (LookupError, TypeError, ValueError):
        return None


def _as_ours(error: Any) -> ProviderError:
    """Return the fault in our words; its own text may repeat the address, which belongs in no log."""
    status = error.status_code
    if status is None:
        fault = type(error.__cause__ or error).__name__
        is_before = fault == "ConnectTimeout" or "NewConnectionError" in repr(error.__cause__)
        is_ours = isinstance(error, ValueError)
        return ProviderError(
            f"The sender cannot be reached ({fault}).", permanent=is_ours, is_unknown=not (is_before or is_ours)
        )
    can_be_mended = status in BAD_CREDENTIALS or status == TOO_MANY or status >= SERVER_ERROR
    return ProviderError(
        f"The sender answered {status}.",
        permanent=not can_be_mended,
        is_unknown=status >= SERVER_ERROR,
    )
