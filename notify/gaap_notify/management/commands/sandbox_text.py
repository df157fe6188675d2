"""Sends a text message to a service as if a person had: ``manage.py sandbox_text 447700900111 447700900999 STOP``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gaap_notify.models import Receipt
from gaap_notify.services.sandbox import NoSandboxError, send_text_to_service


class Command(BaseCommand):
    """Takes the way of a real provider's call; refused in production."""

    help = "Sends a text message to a service's inbound number, through the sandbox."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take both numbers and the text."""
        parser.add_argument("sender", help="the person's number, with country code and without the plus")
        parser.add_argument("recipient", help="an inbound number at the sandbox")
        parser.add_argument("text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send it and say what became of it."""
        try:
            outcome = send_text_to_service(
                sender=options["sender"], recipient=options["recipient"], text=options["text"]
            )
        except NoSandboxError as error:
            raise CommandError(str(error)) from error
        if outcome != Receipt.Outcome.APPLIED:
            raise CommandError(f"No service has the number {options['recipient']} at the sandbox.")
        self.stdout.write("Received.")
