"""``verify_ledger``: prove that the books balance and tell the same as the payments."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap_payments.models import LedgerEntry
from gaap_payments.services.ledger_check import ledger_faults


class Command(BaseCommand):
    """Check every entry of the ledger."""

    help = "Check that the ledger sums to zero and holds what happened. Exits with 1 and names the rows when not."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and report."""
        if faults := list(ledger_faults()):
            raise CommandError("The ledger is not right:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.stdout.write(f"{LedgerEntry.objects.count()} entries, which balance and miss nothing.")
