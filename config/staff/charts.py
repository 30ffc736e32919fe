"""Charts of the dashboard: pure geometry, as attributes of SVG. The page stretches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

#: A day's column, how much of it is left free, and how high a chart is.
DAY, FREE, HEIGHT = 10, 3, 100
#: What stands at the upper end is one of these times a power of ten.
ROUND = (1, 2, 4, 5, 10)

#: One value a day; None where there is nothing to tell.
Values = Sequence[float | None]
Say = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's column, standing on the parts below it."""

    part: int
    x: float
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Line:
    part: int
    path: str
    dots: str


@dataclass(frozen=True, slots=True)
class Day:
    """What is said of a day where the pointer rests on it."""

    x: int
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    names: list[str]
    days: list[Day]
    ends: tuple[str, str, str]
    scale: tuple[str, str, str]
    grid: tuple[str, str, str]
    bars: list[Bar]
    lines: list[Line]

    @property
    def width(self) -> int:
        return DAY * len(self.days)

    day_width, bar_width, height = DAY, DAY - FREE, HEIGHT


def stacked(title: str, days: list[date], series: Mapping[str, Values], say: Say) -> Chart:
    """Columns, the first of the series below."""
    sums = [sum(value or 0 for value in values) for values in zip(*series.values(), strict=True)]
    top = _ceiling(max(sums, default=0))
    bars, below = [], [0.0] * len(days)
    for part, values in enumerate(series.values()):
        for day, value in enumerate(values):
            if value:
                bars.append(_bar(part, day, below[day], value, top))
                below[day] += value
    return _chart(title, days, series, say, (0, top), bars=bars)


def lines(
    title: str, days: list[date], series: Mapping[str, Values], say: Say, top: float = 0
) -> Chart:
    """One line for each, broken where there is nothing to tell. `top`: where the scale ends."""
    known = [value for values in series.values() for value in values if value is not None]
    top, least = top or _ceiling(max(known, default=0)), min([0, *known])
    scale = (-_ceiling(-least) if least < 0 else 0, top)
    drawn = [_line(part, values, scale) for part, values in enumerate(series.values())]
    return _chart(title, days, series, say, scale, lines=drawn)


def _chart(
    title: str,
    days: list[date],
    series: Mapping[str, Values],
    say: Say,
    scale: tuple[float, float],
    bars: Sequence[Bar] = (),
    lines: Sequence[Line] = (),
) -> Chart:
    bottom, top = scale
    said = [_said(day, series, number, say) for number, day in enumerate(days)]
    ends = (days[0], days[len(days) // 2], days[-1])
    return Chart(
        title=title,
        names=list(series),
        days=[Day(number * DAY, text) for number, text in enumerate(said)],
        ends=(f"{ends[0]:%m-%d}", f"{ends[1]:%m-%d}", f"{ends[2]:%m-%d}"),
        # Where something is below nothing, the line between the ends stands for nothing.
        scale=(say(top), "" if bottom else say(top / 2), say(bottom)),
        grid=("0", f"{_height(0 if bottom else top / 2, scale):.2f}", str(HEIGHT)),
        bars=list(bars),
        lines=list(lines),
    )


def _said(day: date, series: Mapping[str, Values], number: int, say: Say) -> str:
    values = {name: values[number] for name, values in series.items()}
    told = [f"{name} {say(value)}" for name, value in values.items() if value is not None]
    return f"{day:%m-%d}: {', '.join(told) or 'nothing'}"


def _bar(part: int, day: int, below: float, value: float, top: float) -> Bar:
    height = HEIGHT * value / top
    y = HEIGHT - HEIGHT * below / top - height
    return Bar(part, day * DAY + FREE / 2, f"{y:.2f}", f"{height:.2f}")


def _line(part: int, values: Values, scale: tuple[float, float]) -> Line:
    """A day between two gaps is a line of no length: a dot, as the ends of lines are round."""
    steps, dots = [], []
    for day, value in enumerate(values):
        if value is None:
            continue
        place = f"{day * DAY + DAY / 2:g} {_height(value, scale):.2f}"
        before, after = ([None, *values][day], [*values, None][day + 1])
        if before is None and after is None:
            dots.append(f"M{place}h0")
        else:
            steps.append(f"{'M' if before is None else 'L'}{place}")
    return Line(part, " ".join(steps), " ".join(dots))


def _height(value: float, scale: tuple[float, float]) -> float:
    """Counted from above."""
    bottom, top = scale
    return HEIGHT - HEIGHT * (value - bottom) / (top - bottom)


def _ceiling(value: float) -> float:
    """The least round number that is not below it."""
    power = 0.01 if 0 < value < 1 else 1.0
    while power * 10 < value:
        power *= 10
    return next(power * times for times in ROUND if power * times >= value)
