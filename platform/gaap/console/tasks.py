"""The console's background tasks: short, and without rules of their own."""

from celery import shared_task

from gaap.console.models import ConsoleEmail
from gaap.console.services.delivery import deliver_email, purge_emails
from gaap.work import due_ids


@shared_task(ignore_result=True)
def send_email(email_id: int) -> None:
    """Send one email."""
    deliver_email(email_id)


@shared_task(ignore_result=True)
def sweep_emails() -> None:
    """Send what no wake-up reached, and forget what is old."""
    for email_id in due_ids(ConsoleEmail):
        deliver_email(email_id)
    purge_emails()
