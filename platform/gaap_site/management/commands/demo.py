"""``manage.py demo``: the suite, and a service composed of it; with ``--once`` also a citizen who goes all the way."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gaap.conf import conf
from gaap_site.demo.instance import OPERATOR, Demo
from gaap_site.demo.processes import ProcessFailedError
from gaap_site.demo.running import running_demo
from gaap_site.demo.sample import PROGRAM
from gaap_site.demo.services import returning_citizen
from gaap_site.embedded import PortTakenError, interrupt_on_signals, until_interrupted
from gaap_site.journey.plans import Stage
from gaap_site.journey.report import JourneyError, Report
from gaap_site.journey.run import run_journeys
from gaap_site.launch import port_number

INTERRUPTED = 130  # what a shell reports for a command that was interrupted


class Command(BaseCommand):
    """Sets an instance up and runs it with the sample service beside it, until it is interrupted or terminated."""

    help = (
        "Run the suite and a sample service, set up by themselves. --data DIR names the folder that holds everything "
        "(default data/demo; with --once one that passes). --once drives the whole journey and ends."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port and what to do."""
        parser.add_argument(
            "--port", type=port_number, help="port of the suite (default 8000); the samples have the next two"
        )
        parser.add_argument("--once", action="store_true", help="drive the journey, say what was checked, and end")
        parser.add_argument(
            "--processes",
            action="store_true",
            help="with --once: on DATABASE_URL and BROKER_URL, web, worker and scheduler each in a process of its own",
        )

    def handle(self, *, once: bool, processes: bool, **options: Any) -> None:
        """Run the demo; whatever fails on the way is told, and the exit code is 1."""
        refuse_impossible(once=once, processes=processes)
        interrupt_on_signals()
        try:
            with running_demo(data_folder(), in_processes=processes, keeps_logs=once, say=self._say) as demo:
                self._drive(demo) if once else self._show(demo)
        except (PortTakenError, ProcessFailedError, JourneyError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped before the end.", returncode=INTERRUPTED) from None

    def _show(self, demo: Demo) -> None:
        with until_interrupted():
            self._say(where_to_look(demo))
        self._say("Stopping.")

    def _drive(self, demo: Demo) -> None:
        report = Report(self._say)
        stages = [Stage(conf.base_url, program.url, program.api_key) for program in demo.programs]
        run_journeys(stages, report=report)
        self._say(f"\nAll {report.checks} checks held, in {report.seconds:.1f} s.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def refuse_impossible(*, once: bool, processes: bool) -> None:
    """Raise CommandError for a demo that cannot be run."""
    if not PROGRAM.exists():
        raise CommandError(f"The demo runs from a checkout of the project; {PROGRAM} is missing.")
    if processes and not once:
        raise CommandError("--processes goes together with --once.")
    if processes and not (settings.DATABASE_URL and not settings.BROKER_URL.startswith("memory")):
        raise CommandError("--processes needs DATABASE_URL and BROKER_URL.")


def data_folder() -> Path:
    """Return the folder that holds everything of this instance."""
    if conf.data_dir is None:
        raise CommandError("Start the demo through manage.py, which chooses its folder.")
    return conf.data_dir


def where_to_look(demo: Demo) -> str:
    """Return what a person needs to know to look around."""
    pounds, dong = demo.programs
    citizen = returning_citizen()
    return f"""
The demo runs. Nothing in it is real, and nothing leaves this machine.

  {pounds.url:<32}a service: begin here, as a citizen
  {dong.url:<32}the same service, in dong
  {conf.base_url + "outbox":<32}every email and text that was sent; codes arrive here
  {conf.base_url:<32}the platform
  {conf.base_url + "docs/":<32}its APIs
  {conf.base_url + "console/":<32}for service teams: create an account with any address
  {conf.base_url + "admin/":<32}for platform operators: {OPERATOR} / {demo.operator_password}

  {citizen["email"]:<32}has an account and a proven identity; password: {citizen["password"]}
  4242 4242 4242 4242             a card that pays
  4000 0000 0000 0002             a card that is declined

  Everything is kept in {conf.data_dir}
  Ctrl-C stops the demo.
"""
