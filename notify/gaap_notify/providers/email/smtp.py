"""Emails through any Django mail backend: SMTP, or a vendor's API with django-anymail.

Options: ``backend`` is the dotted path of the mail backend (default: Django's ``EMAIL_BACKEND``), the others are
handed to it (``host``, ``port``, ``username``, ``password``, ``use_tls``, ``timeout`` ...).

A mail server says whether it takes a message and nothing after that: bounces come by email to the sender's address.
So a message that the server has taken counts as delivered, the last thing that can be known of it.
"""

import smtplib
import socket
from collections.abc import Iterable
from email.utils import formataddr
from typing import ClassVar

from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.module_loading import import_string

from gaap.providers.errors import ProviderError
from gaap_notify.providers.base import Accepted, RecipientRejectedError
from gaap_notify.providers.email.base import EmailMessage, EmailProvider, email_providers

#: From here on a mail server's answer means "never" (RFC 5321, 4.2.1).
PERMANENT_REPLY = 500
#: Faults after which it is certain that the server has no message of ours.
_BEFORE_THE_MESSAGE = (ConnectionRefusedError, socket.gaierror, smtplib.SMTPConnectError)


@email_providers.register("smtp")
class SmtpProvider(EmailProvider):
    """Hands emails to a mail server."""

    reports_delivery: ClassVar[bool] = False

    def send(self, message: EmailMessage) -> Accepted:
        """Hand the email to the server. The Message-ID is made from the id, so that a repeat can be told."""
        options = dict(self.options)
        connection = get_connection(options.pop("backend", None), **options)
        mail = as_mail(message)
        mail.connection = connection
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused_recipient(error) from None
        except smtplib.SMTPResponseException as error:
            # A wrong password is mended by an operator, so another try may succeed.
            permanent = error.smtp_code >= PERMANENT_REPLY and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise ProviderError(f"The mail server answered {error.smtp_code}.", permanent=permanent) from None
        except ValueError as error:
            # Its text may repeat the address, which belongs in no log.
            raise ProviderError(f"The email cannot be written ({type(error).__name__}).", permanent=True) from None
        except OSError as error:
            fault, is_unknown = type(error).__name__, not isinstance(error, _BEFORE_THE_MESSAGE)
            raise ProviderError(
                f"The mail server cannot be reached ({fault}).", permanent=False, is_unknown=is_unknown
            ) from None
        return Accepted(mail.extra_headers["Message-ID"])

    def check(self) -> Iterable[str]:
        """Yield what is wrong with the mail backend's path."""
        path = self.options.get("backend")
        try:
            if path is not None:
                import_string(path)
        except ImportError:
            yield f"There is no mail backend {path!r}."


def as_mail(message: EmailMessage) -> EmailMultiAlternatives:
    """Return the email as Django sends it: plain text with HTML as the alternative."""
    host = message.from_address.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=formataddr((message.from_name, message.from_address)),
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": f"<{message.id}@{host}>", **message.headers},
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _refused_recipient(error: smtplib.SMTPRecipientsRefused) -> ProviderError:
    codes = [int(code) for code, _ in error.recipients.values()]
    if codes and min(codes) >= PERMANENT_REPLY:
        return RecipientRejectedError(f"The mail server refused the recipient ({codes[0]}).")
    return ProviderError("The mail server does not take the recipient now.", permanent=False)
