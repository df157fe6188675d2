"""``backup``: write the whole database into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.backups import BackupError, left_out, write_backup


class Command(BaseCommand):
    """Write a backup while the suite is up."""

    help = "Write the whole database, as it is at one moment, into a new file. `restore` reads it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", type=Path, help="a file that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, and say how large it is and what it leaves out."""
        try:
            write_backup(options["file"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['file']}: {options['file'].stat().st_size:,} bytes")
        for sentence in left_out():
            self.stdout.write(sentence)
