"""``partitions``: the months in which tables stand, and what is to be done for them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.partitions.archiving import archive
from gaap.partitions.catalogue import Part, partitioned_tables, parts_of
from gaap.partitions.upkeep import look_after_months


class Command(BaseCommand):
    """Lists the months; does at once what the schedule does every five minutes; copies a month to a file."""

    help = "List the months in which tables stand on PostgreSQL, or look after them now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--run", action="store_true", help="make and begin months, drop those that nothing keeps")
        parser.add_argument("--archive", metavar="MONTH", help="copy one month, named as in the list, to a file")
        parser.add_argument("--into", metavar="FOLDER", default=".", help="where the file goes (default: here)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked, and list."""
        parts = {part.name: part for table in partitioned_tables() for part in parts_of(table.table)}
        if options["archive"]:
            self._archive(options["archive"], Path(options["into"]), parts)
            return
        if options["run"]:
            self._run()
        for table in partitioned_tables():
            self.stdout.write(table.table)
            for part in parts_of(table.table):
                rows = "not counted yet" if part.rows < 0 else f"about {part.rows} rows"
                self.stdout.write(f"  {part.name}: {rows}, {part.size // 1024} kB")

    def _run(self) -> None:
        for done in look_after_months():
            for name in done.made:
                self.stdout.write(f"made {name}")
            if done.is_begun:
                self.stdout.write(f"a month began: {done.table}")
            for name in done.dropped:
                self.stdout.write(f"dropped {name}")

    def _archive(self, name: str, folder: Path, parts: dict[str, Part]) -> None:
        if name not in parts:
            raise CommandError(f"There is no month {name}; `partitions` lists them.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        kept = archive(name, folder)
        self.stdout.write(f"{folder / kept.file}: {kept.rows} rows, SHA-256 {kept.sha256}")
