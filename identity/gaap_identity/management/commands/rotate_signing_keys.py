"""``rotate_signing_keys``: let the next keys sign."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gaap.actors import Actor
from gaap_identity.services.signing_keys import ALGORITHMS, TooEarlyError, rotate_key

SHELL = Actor("system", "rotate_signing_keys", "command line")


class Command(BaseCommand):
    """Rotates the signing keys; sign-ins go on meanwhile."""

    help = (
        "Let the next signing keys sign and publish new next ones. A next key that relying parties may not know yet "
        "stays next; --now takes it all the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which keys, and whether to wait for relying parties."""
        parser.add_argument("--use", choices=[str(use) for use in ALGORITHMS], help="Only the keys for this use.")
        parser.add_argument(
            "--now",
            action="store_true",
            help="For a key that got into wrong hands: do not wait until the next one has been published for a day.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say which keys sign now."""
        uses = [use for use in ALGORITHMS if options["use"] in (None, str(use))]
        for use in uses:
            for algorithm in ALGORITHMS[use]:
                self._rotate(use, algorithm, is_forced=options["now"])

    def _rotate(self, use: str, algorithm: str, *, is_forced: bool) -> None:
        try:
            key = rotate_key(use, algorithm=algorithm, by=SHELL, is_forced=is_forced)
        except TooEarlyError as error:
            self.stdout.write(f"{use} {algorithm}: not rotated. {error}")
        else:
            self.stdout.write(f"{use} {algorithm}: {key.kid} signs now.")
