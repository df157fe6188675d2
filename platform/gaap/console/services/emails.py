"""Handing an email over: it is a row in the caller's transaction, and a worker sends it."""

from django.db import transaction

from gaap.clock import now
from gaap.console.models import ConsoleEmail
from gaap.console.tasks import send_email
from gaap.work import wake


@transaction.atomic
def queue_email(recipient: str, *, subject: str, text: str) -> ConsoleEmail:
    """Have ``text`` sent to ``recipient``; nothing leaves when the caller's transaction fails."""
    email = ConsoleEmail.objects.create(recipient=recipient, subject=subject[:255], text=text, due_at=now())
    wake(send_email, email.pk)
    return email
