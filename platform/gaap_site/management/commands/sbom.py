"""``manage.py sbom``: print the bill of materials (CycloneDX) of the locked packages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from gaap_site.supply_chain.sbom import PROJECT, written


class Command(BaseCommand):
    """Prints what the suite is made of, the same each time for one lock."""

    help = "Print the bill of materials (CycloneDX 1.6, JSON) of the locked packages."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the lock file."""
        parser.add_argument("--lock", type=Path, default=PROJECT / "requirements/base.txt", help="the locked packages")

    def handle(self, *, lock: Path, **options: Any) -> None:
        """Print it."""
        self.stdout.write(written(lock), ending="")
