#!/usr/bin/env python3
"""The one command of the suite: `python3 manage.py demo`, `test`, `benchmark`, `serve` and all of Django's own.

Written so that a Python that is too old can still read it and say so.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
PACKAGE_FOLDERS = ("platform", "identity", "payments", "notify")


def main() -> None:
    """Enter the project's environment, then run the command."""
    sys.path[:0] = [os.path.join(ROOT, folder) for folder in PACKAGE_FOLDERS]
    from gaap_site import bootstrap

    bootstrap.enter(ROOT, sys.argv)
    if sys.argv[1:2] == ["test"]:
        sys.exit(run_tests(sys.argv[2:]))
    if sys.argv[1:2] == ["benchmark"]:
        sys.exit(run_benchmarks(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gaap_site.settings")
    from gaap_site import launch

    launch.prepare(sys.argv, os.environ)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def run_tests(options: "list[str]") -> int:
    """Run pytest with `options` passed on, the whole suite (no path among them) on every core; return its exit code."""
    import pytest

    os.chdir(ROOT)
    names_a_path = any(os.path.exists(option.split("::")[0]) for option in options)
    # One more than there are cores: tests with a browser or a worker wait now and then.
    processes = str((os.cpu_count() or 1) + 1)
    every_core = [] if names_a_path else [f"--numprocesses={processes}", "--dist=worksteal"]
    return int(pytest.main(every_core + options))


def run_benchmarks(options: "list[str]") -> int:
    """Measure speeds beside their controls; return 0 when every promise was kept."""
    sys.path.insert(0, ROOT)
    from tests.benchmarks.__main__ import main

    return main(options)


if __name__ == "__main__":
    main()
