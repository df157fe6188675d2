"""``verify_audit``: prove that the audit is as it was written."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.audit.checkpoints import make_checkpoint, matches
from gaap.audit.seals import seal_waiting
from gaap.audit.verify import verify_audit


class Command(BaseCommand):
    """Check every audit event against its seal; name what was changed, removed, inserted or moved."""

    help = "Check the audit row by row. Exits with 1 and names the first bad row if anything is not as it was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--against", metavar="FILE", help="also check that a kept checkpoint still holds")
        parser.add_argument("--checkpoint", action="store_true", help="print a signed checkpoint to keep elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what waits, check everything, and report."""
        while seal_waiting():
            pass
        report = verify_audit()
        if report.findings:
            named = "\n".join(f"  event {finding.number}: {finding.kind}" for finding in report.findings[:100])
            raise CommandError(f"The audit is not as it was written ({len(report.findings)} findings):\n{named}")
        if options["against"] and not self._still_holds(Path(options["against"])):
            raise CommandError("The kept checkpoint does not hold: the audit was cut or written anew.")
        if options["checkpoint"]:
            self.stdout.write(json.dumps(make_checkpoint(), indent=2))
        else:
            self.stdout.write(f"{report.sealed} events as they were written; the chain ends in {report.head}.")

    def _still_holds(self, path: Path) -> bool:
        try:
            return matches(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{path} is no checkpoint: {error}") from error
