"""Measure what was promised: ``python3 manage.py benchmark [NAME ...]``."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.benchmarks.figures import MOST_OTHERS, ROUNDS, Figure, as_json, chart, figure_of, page, read, table
from tests.benchmarks.machine import describe
from tests.benchmarks.part import BENCHMARKS
from tests.benchmarks.surroundings import say
from tests.project import ROOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; returns 1 when a promise was not kept, 3 when the machine was too busy."""
    options = _parser().parse_args(arguments)
    figures = [figure for name in options.names or BENCHMARKS for figure in _run(name, options.rounds)]
    say("\n" + table(figures))
    if options.folder:
        write(options.folder, figures)
    if refused := [figure.name for figure in figures if figure.is_refused]:
        say(f"Other programs took more than {MOST_OTHERS:.0%} of a core during {', '.join(refused)}: measure again.")
        return 3
    return int(not all(figure.keeps_promise for figure in figures))


def _run(name: str, rounds: int) -> list[Figure]:
    """Measure a part in a process of its own: each has settings and a database of its own."""
    say(f"{name} …")
    with NamedTemporaryFile("r", encoding="utf-8") as found:
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.part", name, str(rounds), found.name], cwd=ROOT, check=True
        )
        return [figure_of(facts) for facts in json.load(found)]


def write(folder: Path, figures: Sequence[Figure]) -> None:
    """Write them down; figures of other parts that stand there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "benchmarks.json"
    known = read(file)[0] if file.exists() else []
    anew = {figure.name: figure for figure in figures}
    kept = [anew.pop(figure.name, figure) for figure in known]
    everything, machine = [*kept, *anew.values()], describe()
    file.write_text(as_json(everything, machine), encoding="utf-8")
    (folder / "benchmarks.svg").write_text(chart(everything), encoding="utf-8")
    (folder / "benchmarks.md").write_text(page(everything, machine), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py benchmark", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which parts: {', '.join(BENCHMARKS)}; default all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured (default %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to write benchmarks.json, .svg and .md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
