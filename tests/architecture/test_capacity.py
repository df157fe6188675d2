"""The queues of the capacity plan do what theory says, and tell when they do not reproduce a machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.capacity.__main__ import main
from tests.benchmarks.capacity.page import page
from tests.benchmarks.capacity.plan import MIX, Measured, processes_for
from tests.benchmarks.capacity.simulation import Simulation, Site, Work
from tests.benchmarks.load_curve import POINTS, title
from tests.project import ROOT

WORK = Work(web=0.008, database=0.004, spread=0.2)


def figures(**changed: float) -> list[dict[str, Any]]:
    """What a machine of two cores would have been measured to do, by another run of chance."""
    found = []
    for processes, callers in POINTS:
        outcome = Simulation(Site(processes, 2), WORK, seed=5).callers(callers, requests=1000)
        name = title(processes, callers)
        value = outcome.rate * changed.get(name, 1.0)
        found.append({"name": name, "value": value, "middle": outcome.middle, "slow": outcome.slow})
    others = dict.fromkeys(MIX, 100.0) | {"notify: hand messages over": 3000.0, "webhooks: one worker": 600.0}
    return [*found, *({"name": name, "value": value} for name, value in others.items())]


def written(folder: Path, found: list[dict[str, Any]]) -> Path:
    file = folder / "benchmarks.json"
    file.write_text(json.dumps({"machine": {"cores": 2}, "figures": found}), encoding="utf-8")
    return file


def test_the_work_is_learnt_from_what_was_measured(tmp_path: Path) -> None:
    work = Measured.read(written(tmp_path, figures())).work
    assert work.web == pytest.approx(WORK.web, rel=0.1)
    assert work.database == pytest.approx(WORK.database, rel=0.2)


def test_the_tables_of_a_machine_that_is_reproduced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(written(tmp_path, figures()))) == 0
    shown = capsys.readouterr().out
    # Ten thousand requests of 10 ms keep a hundred processes busy, so 167 are busy for three fifths of their time.
    assert "| 60% | 167 |" in shown
    assert "| delivery processes | 4 |" in shown


def test_the_disk_is_reckoned_from_the_largest_database_that_was_filled(tmp_path: Path) -> None:
    details = ("processor 1.00 ms", "1,600 bytes of the database for each message")
    measured = Measured.read(written(tmp_path, [*figures(), {"name": "a path, of 10,000", "details": details}]))
    # 3,500 messages a second at the busiest, a fifth of that on average: 60 million a day, each with 1,600 bytes.
    assert "| disk for a month | 2.9 TB |" in page(measured)


def test_the_page_is_what_the_figures_beside_it_say() -> None:
    folder = ROOT / "docs" / "reference"
    assert (folder / "capacity.md").read_text(encoding="utf-8") == page(Measured.read(folder / "benchmarks.json"))


def test_a_machine_that_others_kept_busy_is_not_reproduced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(written(tmp_path, figures(**{title(2, 8): 0.5})))) == 1
    assert "measure again" in capsys.readouterr().err


def test_less_busy_processes_are_more(tmp_path: Path) -> None:
    measured = Measured.read(written(tmp_path, figures()))
    assert processes_for(measured, 0.5) == 200


@pytest.mark.parametrize(("callers", "rate"), [(1, 62.5), (4, 100.0)])
def test_a_process_does_one_thing_at_a_time(callers: int, rate: float) -> None:
    """Alone, a request takes 10 ms here and 6 ms there; with four callers the process hardly ever rests."""
    outcome = Simulation(Site(1, 2), Work(0.010, 0.006, 0.0)).callers(callers, requests=1000)
    assert outcome.rate == pytest.approx(rate, rel=0.03)


def test_waiting_grows_as_theory_says() -> None:
    """One server with random arrivals, always as long at work, half busy: half a service's time is waited (M/D/1)."""
    work = Work(0.010, 1e-9, 0.0)
    outcome = Simulation(Site(1, 1, 1), work).arrivals(50, requests=20_000)
    # The two halves of a request's work queue apart, so the wait lies between that of one visit and that of two.
    assert 0.012 < sum(outcome.seconds) / len(outcome.seconds) < 0.018
