"""``provision FILE``: declare organisations, services, keys and settings in one file, or write such a file back."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from gaap.actors import Actor
from gaap.conf import conf
from gaap.organisations.models import Service
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.difference import provision_difference
from gaap.provisioning.export import UnknownServiceError, export_document, named_service
from gaap.provisioning.services import provision

OPERATOR = Actor("system", "provision", "provisioning file")


class Command(BaseCommand):
    """Validate a provisioning file whole, apply it in one transaction, and print what it made as JSON."""

    help = "Apply a provisioning file (YAML or JSON; - reads standard input). Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file to read, and what else may be done with it."""
        parser.add_argument("file", nargs="?", help="path of the file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="print the difference that it makes, and do nothing")
        parser.add_argument("--export", metavar="SERVICE", help="print a file of what the service (id or name) has")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; a fault ends the command with the path to it and exit code 1."""
        if bool(options["file"]) == bool(options["export"]):
            raise CommandError("Give either a file or --export SERVICE.")
        if conf.is_embedded and Service._meta.db_table not in connection.introspection.table_names():
            call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(self._export(options["export"]) if options["export"] else self._apply(options))

    def _apply(self, options: dict[str, Any]) -> str:
        try:
            document = yaml.safe_load(self._read(options["file"]))
            result = provision_difference(document) if options["dry_run"] else provision(document, by=OPERATOR)
        except yaml.YAMLError as error:
            raise CommandError(f"Neither YAML nor JSON: {error}") from error
        except ProvisionError as error:
            raise CommandError(f"Nothing was applied.\n{error}") from error
        return json.dumps(result, indent=2, ensure_ascii=False)

    def _export(self, name: str) -> str:
        try:
            document = export_document(named_service(name))
        except UnknownServiceError as error:
            raise CommandError(str(error)) from error
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip("\n")

    def _read(self, name: str) -> str:
        if name == "-":
            return sys.stdin.read()
        try:
            return Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
