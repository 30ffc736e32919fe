"""Figures with their budgets beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number; `most` or `least` is its budget, None where it has none."""

    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    def __str__(self) -> str:
        budget = ""
        if self.most is not None:
            budget = f"≤ {self.most:g}"
        if self.least is not None:
            budget = f"≥ {self.least:g}"
        verdict = "" if not budget else "ok" if self.met else "MISSED"
        return (
            f"  {self.what:<58} {self.value:>10.2f} {self.unit:<8} {budget:<9} {verdict}".rstrip()
        )


def show(title: str, figures: Iterable[Figure]) -> bool:
    """Print them; whether every budget is met."""
    found = list(figures)
    print(f"\n{title}")
    for figure in found:
        print(figure)
    return all(figure.met for figure in found)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan
