"""``manage.py serve``: the suite alone, in one process."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from gaap.conf import conf
from gaap_site.embedded import PortTakenError, interrupt_on_signals, running_suite, until_interrupted
from gaap_site.launch import port_number


class Command(BaseCommand):
    """Runs web, worker and scheduler until it is interrupted or terminated."""

    help = (
        "Run the suite in one process: web, worker and scheduler. --data DIR names the folder that holds everything of "
        "an embedded instance. For many processes use gunicorn and celery."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=port_number, default=8000, help="port to listen on (default 8000)")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Take the port, bring the database up to date, serve, and stop in order."""
        interrupt_on_signals()
        try:
            with running_suite(host=host, port=port, prepare=lambda: call_command("migrate", verbosity=0)):
                with until_interrupted():
                    self.stdout.write(f"The suite runs at {conf.base_url} ({where()}). Stop it with Ctrl-C.")
                    self.stdout.flush()
                self.stdout.write("Stopping.")
        except PortTakenError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped before it was ready.")


def where() -> str:
    """Name what the instance stores in, for people."""
    return f"embedded, data in {conf.data_dir}" if conf.data_dir else "on the database and broker of the environment"
