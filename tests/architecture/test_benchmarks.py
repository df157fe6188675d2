"""What the benchmarks say is right: medians, refusals, promises, and answers read off the wire."""

import json
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import figures
from tests.benchmarks.__main__ import write
from tests.benchmarks.figures import Figure, Turns, as_json, chart, page, read, table
from tests.benchmarks.load import Flow, request_bytes, run_flows, run_load
from tests.benchmarks.machine import Others
from tests.loopback import QuietHandler, serve


def watching(*shares: float) -> Any:
    """Stand in for the machine: what other programs take in each round."""
    left = iter(shares)

    @contextmanager
    def watched() -> Iterator[Others]:
        yield Others(next(left))

    return watched


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else runs."""
    monkeypatch.setattr(figures, "watched", watching(*[0.0] * 9))


@pytest.mark.usefixtures("quiet")
def test_the_middle_round_counts_and_the_first_does_not() -> None:
    ours = iter([1000.0, 50.0, 10.0, 60.0])
    turns = Turns({"control": lambda: 100.0, "ours": lambda: next(ours)}).run(rounds=3)
    figure = turns.figure("ours", control="control", least_ratio=0.5)
    assert (figure.value, figure.ratio, figure.rounds) == (50.0, 0.5, 3)
    assert figure.keeps_promise


def test_a_busy_round_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "watched", watching(0.9, 0.0, 0.5, 0.1, 0.0))
    found = count(1)
    figure = Turns({"ours": lambda: float(next(found))}).run(rounds=3).figure("ours")
    # The first one warms up; of the rounds, the second, fourth and fifth were quiet.
    assert (figure.value, figure.others, figure.is_refused) == (5.0, 0.1, False)


def test_a_figure_of_a_busy_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "watched", watching(*[0.9] * 7, 0.0, 0.0))
    figure = Turns({"ours": lambda: 9.0}).run(rounds=3).figure("ours", least=1)
    assert figure.is_refused
    assert not figure.keeps_promise
    assert "refused" in table([figure])


@pytest.mark.parametrize(
    ("facts", "is_kept"),
    [
        ({"value": 30.0, "least": 30.0}, True),
        ({"value": 29.9, "least": 30.0}, False),
        ({"value": 45.0, "control": "bare", "control_value": 100.0, "least_ratio": 0.45}, True),
        ({"value": 44.9, "control": "bare", "control_value": 100.0, "least_ratio": 0.45}, False),
        ({"value": 45.0, "control": "bare", "control_value": 100.0, "least_ratio": 0.4, "least": 46.0}, False),
        ({"value": 1.0}, True),
    ],
)
def test_a_promise(facts: dict[str, Any], is_kept: bool) -> None:
    assert Figure("ours", **facts).keeps_promise is is_kept


def test_what_is_written() -> None:
    found = [Figure("ours <&>", 45.0, "bare", 100.0, least_ratio=0.3, rounds=3, details=("p95 3 ms",))]
    assert "| ours <&> | 45.0     | 45%" in table(found)
    assert json.loads(as_json(found, {"cores": 2}))["figures"][0]["ratio"] == 0.45
    drawn = ElementTree.fromstring(chart(found))
    assert "ours <&>" in [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]


def test_the_page_and_the_picture_are_those_of_all_figures(tmp_path: Path) -> None:
    write(tmp_path, [Figure("ours", 45.0, "bare", 100.0), Figure("theirs", 5.0)])
    write(tmp_path, [Figure("ours", 50.0, "bare", 100.0), Figure("new", 7.0, others=0.9)])
    found, machine = read(tmp_path / "benchmarks.json")
    assert [(figure.name, figure.value) for figure in found] == [("ours", 50.0), ("theirs", 5.0), ("new", 7.0)]
    assert (tmp_path / "benchmarks.svg").read_text(encoding="utf-8") == chart(found)
    assert (tmp_path / "benchmarks.md").read_text(encoding="utf-8") == page(found, machine)
    assert "up to 90% of a core" in page(found, machine)


@pytest.mark.parametrize(("others", "colour"), [(0.15, "#1d70b8"), (0.16, "#949494")])
def test_what_was_measured_on_a_busy_machine_is_grey(others: float, colour: str) -> None:
    assert f'fill="{colour}"' in chart([Figure("ours", 45.0, "bare", 100.0, others=others)])


class Echo(QuietHandler):
    """Answers with what it was sent; ends the connection after every third answer without a word."""

    answered = count(1)

    def do_POST(self) -> None:
        self.send(201, self.read_body())
        self.close_connection = next(self.answered) % 3 == 0


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server that repeats what it is told."""
    with serve(Echo) as address:
        yield address.removeprefix("http://")


def test_every_request_is_answered_once(echo: str) -> None:
    document = {"name": "Ngọc", "padding": "x" * 100_000}
    load = run_load(echo, [request_bytes("POST", f"http://{echo}/", document=document)] * 20, connections=3)
    assert load.statuses == {201: 20}
    assert len(load.seconds) == 20
    assert load.percentile(0.5) <= load.percentile(1.0)


def test_a_flow_is_told_what_was_answered(echo: str) -> None:
    told: list[Any] = []

    def flow() -> Flow:
        answer = yield request_bytes("POST", f"http://{echo}/", document={"step": 1})
        told.append(answer.document())
        yield request_bytes("POST", f"http://{echo}/", body=b"step=2")

    load = run_flows(echo, [flow()])
    assert (told, load.statuses) == ([{"step": 1}], {201: 1})


def test_who_arrives_before_a_connection_is_free_waits_and_the_waiting_counts(echo: str) -> None:
    def slow() -> Flow:
        time.sleep(0.1)
        yield request_bytes("POST", f"http://{echo}/", document={})

    load = run_flows(echo, [slow() for _ in range(3)], connections=1, per_second=20)
    assert load.statuses == {201: 3}
    # The last one came at 0.1 s and was done, after all three, at 0.3 s.
    assert load.seconds[-1] >= 0.2
    calm = run_flows(echo, [slow() for _ in range(3)], connections=3, per_second=20)
    assert calm.lasted >= 0.2
