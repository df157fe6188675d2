"""``manage.py audit_dependencies``: look up what is known against the locked packages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap_site.supply_chain.advisories import OSV, LookUpError, find_advisories
from gaap_site.supply_chain.locked import UnreadableLockError, read_locked
from gaap_site.supply_chain.sbom import PROJECT


class Command(BaseCommand):
    """Ends with 1 when an advisory is found that nobody accepted, and when anything could not be looked up."""

    help = (
        "Look up every locked package at OSV. Ends with 1 when an advisory is found, and when a package could not be "
        "looked up: a blind audit is no clean one."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the lock file, the service, and the advisories that were judged."""
        parser.add_argument("--lock", type=Path, default=PROJECT / "requirements/base.txt", help="the locked packages")
        parser.add_argument("--address", default=OSV, help=f"root of a service that speaks OSV's API (default {OSV})")
        parser.add_argument("--accept", action="append", default=[], metavar="ID", help="an advisory that was judged")

    def handle(self, *, lock: Path, address: str, accept: list[str], **options: Any) -> None:
        """Look up, list, and judge."""
        try:
            packages = read_locked(lock)
            found = find_advisories(packages, address=address)
        except (OSError, UnreadableLockError, LookUpError) as error:
            raise CommandError(str(error)) from error
        if not packages:
            raise CommandError(f"{lock} names no package.")
        open_ones = [finding for finding in found if finding.advisory not in accept]
        for finding in found:
            self.stdout.write(f"{finding}{'' if finding in open_ones else ' (accepted)'}")
        if open_ones:
            raise CommandError(f"{len(open_ones)} advisories against {len(packages)} packages.")
        self.stdout.write(f"{len(packages)} packages were looked up; nothing is open against them.")
