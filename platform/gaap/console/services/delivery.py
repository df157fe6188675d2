"""Sending what was handed over, through Django's mail API."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection

from gaap.clock import now
from gaap.components import local_mail_backend
from gaap.console.conf import conf
from gaap.console.models import ConsoleEmail
from gaap.work import claim, held

logger = logging.getLogger(__name__)

#: Minutes to the next try after each failure; after the last one the email is given up.
RETRY_MINUTES = (1, 2, 5, 15, 60, 240)


def deliver_email(email_id: int) -> None:
    """Send one email if it is due; a failure is kept on the row with the time of the next try."""
    email = ConsoleEmail.objects.filter(pk=email_id).first()
    if email is None or not claim(email):
        return
    try:
        _send(email)
    except (SMTPException, OSError) as error:
        logger.warning("Email %s could not be sent (%s)", email.pk, type(error).__name__)
        _note_failure(email, type(error).__name__)
        return
    held(email).update(due_at=None, sent_at=now(), text="", failure="")


def purge_emails() -> int:
    """Forget emails that were handed over longer ago than the console keeps them; return how many."""
    removed, _ = ConsoleEmail.objects.filter(due_at=None, created_at__lt=now() - conf.email_retention).delete()
    return removed


def _send(email: ConsoleEmail) -> None:
    with get_connection(local_mail_backend()) as connection:
        EmailMessage(email.subject, email.text, to=[email.recipient], connection=connection).send()


def _note_failure(email: ConsoleEmail, failure: str) -> None:
    tries_left = email.attempts <= len(RETRY_MINUTES)
    next_try = now() + timedelta(minutes=RETRY_MINUTES[email.attempts - 1]) if tries_left else None
    held(email).update(due_at=next_try, failure=failure, **({} if tries_left else {"text": ""}))
