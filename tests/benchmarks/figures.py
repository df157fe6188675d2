"""Figures beside their controls: measured in turns, thrown away when the machine was busy, shown as ratios."""

import json
import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.benchmarks.machine import watched

ROUNDS = 3
MOST_ROUNDS = 9
#: The share of one core that other programs may take before a round does not count.
QUIET = 0.15
MOST_OTHERS = float(os.environ.get("GAAP_BENCH_OTHERS", QUIET))

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One figure: how many in a second, of what control's, and what was promised.

    `least` is the least number a second, `least_ratio` the least share of the control's; 0 promises nothing. `details`
    are further numbers in words. A figure is `refused` when too few rounds were quiet. Where requests were timed,
    `middle` and `slow` are the seconds within which half of them and 95% of them were answered.
    """

    name: str
    value: float
    control: str = ""
    control_value: float = 0.0
    least: float = 0.0
    least_ratio: float = 0.0
    rounds: int = 0
    others: float = 0.0
    is_refused: bool = False
    details: tuple[str, ...] = ()
    middle: float = 0.0
    slow: float = 0.0

    @property
    def ratio(self) -> float:
        """The figure as a share of its control's."""
        return self.value / self.control_value if self.control_value else 0.0

    @property
    def keeps_promise(self) -> bool:
        """Say whether what was promised is kept; a refused figure keeps nothing."""
        return not self.is_refused and self.value >= self.least and self.ratio >= self.least_ratio


@dataclass
class Turns:
    """Several measures taken in turns, three quiet rounds or more, so that what changes meanwhile meets all alike."""

    measures: dict[str, Measure] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def run(self, *, rounds: int = ROUNDS) -> "Turns":
        """Take every measure once without counting it, then in rounds until enough of them were quiet."""
        for measure in self.measures.values():
            measure()
        most = max(MOST_ROUNDS, 2 * rounds)
        while len(self.others) < rounds and len(self.others) + len(self.refused) < most:
            with watched() as others:
                found = {name: measure() for name, measure in self.measures.items()}
            if others.share > MOST_OTHERS:
                self.refused.append(others.share)
                continue
            self.others.append(others.share)
            for name, value in found.items():
                self.values.setdefault(name, []).append(value)
        return self

    def figure(self, name: str, *, control: str = "", **promised: object) -> Figure:
        """Return the median of one measure beside that of its control."""
        enough = len(self.others) >= min(ROUNDS, len(self.others) + len(self.refused))
        return Figure(
            name=name,
            value=self._median(name),
            control=control,
            control_value=self._median(control) if control else 0.0,
            rounds=len(self.others),
            others=max(self.others or self.refused),
            is_refused=not enough or not self.others,
            **promised,  # type: ignore[arg-type]
        )

    def _median(self, name: str) -> float:
        return statistics.median(self.values.get(name) or [0.0])


HEADINGS = ("what", "a second", "of its control", "control", "promised", "kept", "others")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], _line(tuple("-" * width for width in widths), widths), *lines[1:]])


def as_json(figures: Sequence[Figure], machine: Mapping[str, str | int]) -> str:
    """Return the figures as JSON, with what they were measured on."""
    shown = [{**asdict(figure), "ratio": round(figure.ratio, 4)} for figure in figures]
    return json.dumps({"machine": machine, "figures": shown}, indent=2) + "\n"


def figure_of(facts: Mapping[str, Any]) -> Figure:
    """Return a figure from what JSON has of it."""
    return Figure(
        **{**{name: value for name, value in facts.items() if name != "ratio"}, "details": tuple(facts["details"])}
    )


def read(file: Path) -> tuple[list[Figure], dict[str, str | int]]:
    """Return what `as_json` wrote: the figures, and what they were measured on."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return [figure_of(facts) for facts in document["figures"]], document["machine"]


PAGE = """# What was measured

Written by `python3 manage.py benchmark --folder docs/reference`. What each figure means, and how to measure it, stands
in [Measure how fast it is](../how-to/measure-speed.md). `benchmarks.json` beside this page has the same for programs.

Measured on {machine}. {noise}

![Each figure as a share of its control](benchmarks.svg)

{table}
"""
CALM = "No other program took more than {quiet:.0%} of a core meanwhile."
BUSY = """**Other programs took up to {others:.0%} of a core meanwhile.** What was measured beside more than {quiet:.0%}
says nothing firm, neither what is kept nor what is not; in the picture it is grey. Measure again where nothing else
runs."""


def page(figures: Sequence[Figure], machine: Mapping[str, str | int]) -> str:
    """Return the page of the reference, with the table and the picture."""
    others = max((figure.others for figure in figures), default=0.0)
    noise = (BUSY if others > QUIET else CALM).format(others=others, quiet=QUIET)
    described = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    return PAGE.format(machine=described, noise=noise, table=table(figures))


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        "refused" if figure.is_refused else f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:,.1f}",
        f"{figure.ratio:.0%}" if figure.control else "",
        f"{figure.control}: {figure.control_value:,.0f}" if figure.control else "",
        _promise(figure),
        ("yes" if figure.keeps_promise else "NO") if figure.least or figure.least_ratio else "",
        f"{figure.others:.0%}",
    )


def _promise(figure: Figure) -> str:
    promises = []
    if figure.least:
        promises.append(f"{figure.least:,.0f} a second")
    if figure.least_ratio:
        promises.append(f"{figure.least_ratio:.0%} of it")
    return ", ".join(promises)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


LABEL = "Each figure as a share of its control"
ROW, LEFT, WIDTH, SCALE = 28, 330, 860, 420
#: What is more than so many times its control ends with the picture; the number beside it says how much more.
LONGEST = 2.0


def chart(figures: Sequence[Figure]) -> str:
    """Return an SVG picture: each figure with a control as a bar of its share, and a stroke where the promise lies."""
    shown = [figure for figure in figures if figure.control and not figure.is_refused]
    height = ROW * (len(shown) + 1)
    most = min(LONGEST, max([1.0, *(figure.ratio for figure in shown)]))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{LABEL}">',
        "<style>text {font: 13px sans-serif}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *(part for number, figure in enumerate(shown) for part in _bar(figure, ROW * number + 8, most)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(figure: Figure, top: int, most: float) -> Iterator[str]:
    length = SCALE * min(figure.ratio, most) / most
    colour = "#1d70b8" if figure.others <= QUIET else "#949494"
    yield f'<text x="{LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(figure.name)}</text>'
    yield f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="18" fill="{colour}"/>'
    yield f'<text x="{LEFT + length + 6:.1f}" y="{top + 14}">{figure.ratio:.0%}</text>'
    if figure.least_ratio:
        at = LEFT + SCALE * figure.least_ratio / most
        yield f'<rect x="{at:.1f}" y="{top - 3}" width="2" height="24" fill="#0b0c0c"/>'
