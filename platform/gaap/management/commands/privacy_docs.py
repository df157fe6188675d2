"""Write the record of personal data from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from gaap.privacy.record import markdown


class Command(BaseCommand):
    """``manage.py privacy_docs docs/reference``."""

    help = "Writes personal-data.md into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page."""
        folder: Path = options["folder"]
        (folder / "personal-data.md").write_text(markdown(), encoding="utf-8")
