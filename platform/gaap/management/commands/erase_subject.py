"""``erase_subject``: what is kept about one person goes, save what the accounts need."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.privacy.asking import SHELL, add_subject_arguments, subject_of
from gaap.privacy.subjects import count_records, erase_subject


class Command(BaseCommand):
    """Says what there is of a person and, with ``--yes``, erases it; recorded in the audit."""

    help = "Erase what is kept about a person, found by an email address, a phone number or an account's id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who, why, and whether it is meant."""
        add_subject_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="erase; without it the command only counts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, or erase and report."""
        try:
            subject = subject_of(options)
            if not options["yes"]:
                self._count(count_records(subject))
                return
            for erasure in erase_subject(subject, by=SHELL, purpose=options["purpose"]):
                if erasure.erased or erasure.kept:
                    self.stdout.write(f"{erasure.noun}: {erasure.erased} erased, {erasure.kept} kept")
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _count(self, counts: dict[str, int]) -> None:
        for noun, number in counts.items():
            self.stdout.write(f"{noun}: {number}")
        self.stdout.write("Nothing was erased; give --yes to do it. It cannot be undone.")
