"""The days that somebody wants to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from billing.days import DayField

USUAL_DAYS = 30
MOST_DAYS = 366
#: Nobody has bought anything here before.
OLDEST = date(2020, 1, 1)
PRESETS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
#: So many columns can still be told apart on a phone; of more days a column is a week.
MOST_COLUMNS = 92


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day (UTC), both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> int:
        """How many days a column of the chart stands for."""
        return 1 if self.days <= MOST_COLUMNS else 7

    def steps(self) -> Iterator[Span]:
        """The span in pieces of a step; the last piece may be shorter."""
        for begun in range(0, self.days, self.step):
            first = self.first + timedelta(days=begun)
            yield Span(first, min(first + timedelta(days=self.step - 1), self.last))


def latest(days: int, *, today: date) -> Span:
    return Span(today - timedelta(days=days - 1), today)


class SpanForm(forms.Form):
    """Left empty, it is the last thirty days."""

    first = DayField("first", label="From")
    last = DayField("last", label="To")

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean(self) -> dict[str, Any]:
        last = min(self.cleaned_data.get("last") or self.today, self.today)
        if last < OLDEST:
            self.add_error("last", "Choose a later day.")
            return {}
        first = self.cleaned_data.get("first") or last - timedelta(days=USUAL_DAYS - 1)
        if not self.errors and first > last:
            self.add_error("last", "The last day is before the first one.")
        elif not self.errors and (last - first).days >= MOST_DAYS:
            self.add_error("first", f"Look at {MOST_DAYS} days at most.")
        return {"first": first, "last": last}

    @property
    def span(self) -> Span:
        """Of a valid form."""
        return Span(self.cleaned_data["first"], self.cleaned_data["last"])
