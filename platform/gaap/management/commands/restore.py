"""``restore``: fill an empty database from a backup, and prove what is in it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from gaap.backups import BackupError, read_backup, verifications


class Command(BaseCommand):
    """Read a backup into an empty database."""

    help = (
        "Fill an empty database from FILE, bring it up to this version, and prove the audit and the ledger. "
        "Exits with 1 when something is not as it was written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", type=Path, help="what `backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, migrate, verify."""
        try:
            read_backup(options["file"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['file']} is restored.")
        call_command("migrate", interactive=False, verbosity=0)
        for name in verifications():
            self.stdout.write(f"{name}:")
            call_command(name, stdout=self.stdout)
