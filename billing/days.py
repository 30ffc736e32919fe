"""A day in a form, as browsers send it."""

from __future__ import annotations

from django import forms


class DayField(forms.DateField):
    """May stay empty. `which` names it in what is said of one that is none."""

    def __init__(self, which: str, *, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput({"type": "date", "class": "input"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": f"Write the {which} day like 2026-01-31."},
        )
