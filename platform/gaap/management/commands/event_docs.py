"""Write the reference of the events from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from gaap.events.asyncapi import asyncapi_yaml
from gaap.events.catalogue import markdown


class Command(BaseCommand):
    """``manage.py event_docs docs/reference``."""

    help = "Writes events.md and asyncapi.yaml into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both files."""
        folder: Path = options["folder"]
        (folder / "events.md").write_text(markdown(), encoding="utf-8")
        (folder / "asyncapi.yaml").write_text(asyncapi_yaml(), encoding="utf-8")
