"""``subject_export``: everything that is kept about one person, for that person."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gaap.privacy.asking import SHELL, add_subject_arguments, subject_of
from gaap.privacy.page import as_page
from gaap.privacy.subjects import as_document, export_subject


class Command(BaseCommand):
    """Prints or writes what is kept about a person, as JSON or as a page to read; recorded in the audit."""

    help = "Export what is kept about a person, found by an email address, a phone number or an account's id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who, why, and in what form."""
        add_subject_arguments(parser)
        parser.add_argument("--format", choices=["json", "html"], default="json")
        parser.add_argument("--output", metavar="FILE", type=Path, help="write there instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export the person's records."""
        try:
            records = export_subject(subject_of(options), by=SHELL, purpose=options["purpose"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["format"] == "html":
            text = as_page(records)
        else:
            text = json.dumps(as_document(records), indent=2, ensure_ascii=False)
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
            self.stderr.write(f"{len(records)} records in {options['output']}")
        else:
            self.stdout.write(text)
