"""Columns of a chart: pure geometry, as attributes of SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.charts.figures import Step

#: A column with the gap behind it, and how high the whole chart is; the page stretches both.
WIDTH, GAP, HEIGHT = 10, 2, 100
#: What stands at the upper end is one of these times a power of ten.
ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Column:
    step: Step
    x: int
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is the amount at its upper end, in micro-dollars."""

    columns: Sequence[Column]
    width: int
    top: int

    @property
    def half(self) -> int:
        return self.top // 2


def chart(steps: Sequence[Step]) -> Chart:
    top = ceiling(max((step.amount for step in steps), default=0))
    columns = [_column(number, step, top) for number, step in enumerate(steps)]
    return Chart(columns, len(steps) * WIDTH - GAP, top)


def ceiling(amount: int) -> int:
    """The least round amount that is not below this one, and at least a cent."""
    power = 10_000
    while power * 10 < amount:
        power *= 10
    return next(power * times for times in ROUND if power * times >= amount)


def _column(number: int, step: Step, top: int) -> Column:
    """A day on which more came back than was spent has none."""
    height = HEIGHT * max(0, step.amount) / top
    return Column(step, number * WIDTH, f"{HEIGHT - height:.2f}", f"{height:.2f}")
