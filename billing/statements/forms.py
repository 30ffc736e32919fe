"""The days somebody wants the ledger of."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Workspace
from billing.days import DayField

FORMATS = {"csv": "CSV", "jsonl": "JSON lines"}


class ExportForm(forms.Form):
    """Both days are included, and in UTC; left empty, it is all there is."""

    first = DayField("first", label="From")
    last = DayField("last", label="To")
    format = forms.ChoiceField(
        choices=FORMATS,
        required=False,
        widget=forms.Select({"class": "input"}),
        error_messages={"invalid_choice": "Choose CSV (csv) or JSON lines (jsonl)."},
    )

    def __init__(self, *args: Any, workspace: Workspace, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.oldest, self.today = workspace.created_at.date(), today

    def clean(self) -> dict[str, Any]:
        """Empty days become the first and the last there can be anything on."""
        days = {
            "first": self.cleaned_data.get("first") or self.oldest,
            "last": min(self.cleaned_data.get("last") or self.today, self.today),
        }
        if not self.errors and days["first"] > self.today:
            self.add_error("first", "This day is still to come.")
        elif not self.errors and days["last"] < days["first"]:
            self.add_error("last", "The last day is before the first one.")
        return {"format": self.cleaned_data.get("format") or "csv", **days}
