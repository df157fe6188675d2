"""Bars for the dashboard, drawn on the server: figures of today beside those of a week ago."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

LABEL_WIDTH = 190
BAR_WIDTH = 360
ROW_HEIGHT = 46
BAR_HEIGHT = 16


@dataclass(frozen=True)
class Comparison:
    """A figure of today, and the same of the same time of day a week ago."""

    title: str | Promise
    today: int
    before: int


@dataclass(frozen=True)
class Bar:
    """One pair of bars; all measures are in the picture's own units."""

    title: str | Promise
    label_y: int
    today_y: int
    before_y: int
    today_width: float
    before_width: float
    today: int
    before: int


@dataclass(frozen=True)
class Chart:
    """Everything that the template needs to draw the bars."""

    bars: list[Bar]
    height: int
    width: int = LABEL_WIDTH + BAR_WIDTH + 60
    bar_x: int = LABEL_WIDTH
    bar_height: int = BAR_HEIGHT


def bar_chart(rows: Sequence[Comparison]) -> Chart:
    """Return the chart of ``rows``, the longest bar as wide as there is room."""
    most = max((max(row.today, row.before) for row in rows), default=0) or 1
    bars = [_bar(row, index * ROW_HEIGHT, BAR_WIDTH / most) for index, row in enumerate(rows)]
    return Chart(bars, height=len(rows) * ROW_HEIGHT)


def _bar(row: Comparison, top: int, scale: float) -> Bar:
    return Bar(
        title=row.title,
        label_y=top + BAR_HEIGHT + 5,
        today_y=top + 2,
        before_y=top + BAR_HEIGHT + 4,
        today_width=round(row.today * scale, 1),
        before_width=round(row.before * scale, 1),
        today=row.today,
        before=row.before,
    )
