"""``rotate_encryption``: seal everything under the newest key, so that older keys can be dropped."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.crypto import newest_key_id
from gaap.privacy.rotation import BATCH_SIZE, Progress, count_keys, rotate_all


class Command(BaseCommand):
    """Seals what older keys sealed anew, in small batches, while the suite is up; safe to stop and to repeat."""

    help = "Encrypt everything anew under the first key of GAAP_ENCRYPTION_KEYS, and say what each key still holds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--count", action="store_true", help="only say how many texts each key holds")
        parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="rows read at a time (default 500)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and report; exits with 1 when something cannot be read with any configured key."""
        rotated = [] if options["count"] else rotate_all(batch_size=options["batch_size"], tell=self._tell)
        self._report()
        if unreadable := [progress for progress in rotated if progress.unreadable]:
            named = "\n".join(f"  {one.place}: {', '.join(map(str, one.unreadable[:20]))}" for one in unreadable)
            raise CommandError(f"No configured key opens texts of these rows; they were left as they are:\n{named}")

    def _tell(self, progress: Progress) -> None:
        self.stderr.write(f"{progress.place}: {progress.resealed} rows sealed anew")

    def _report(self) -> None:
        newest = newest_key_id()
        counts = count_keys()
        for key_id in sorted({newest, *counts}, key=lambda key_id: (key_id != newest, key_id)):
            note = " (the newest)" if key_id == newest else ""
            self.stdout.write(f"{key_id}{note}: {counts[key_id]} texts")
        if set(counts) <= {newest}:
            self.stdout.write("No text needs an older key; older keys can be taken out of GAAP_ENCRYPTION_KEYS.")
