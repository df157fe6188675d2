"""``purge_personal_data``: forget now what has been kept for its time."""

from typing import Any

from django.core.management.base import BaseCommand

from gaap.privacy.retention import purge_all


class Command(BaseCommand):
    """Does at once what the schedule does every quarter of an hour, and says how much there was."""

    help = "Forget the personal data whose time is over, in every component; the schedule does the same by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge and report."""
        for name, number in purge_all(seconds=float("inf")).items():
            if number:
                self.stdout.write(f"{name}: {number}")
