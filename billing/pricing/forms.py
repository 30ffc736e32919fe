"""What staff fill in on the pages of the price table."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from billing.models import Rate
from billing.pricing import bills, months, rows
from billing.pricing.ceilings import ceiling_faults
from billing.pricing.known import Known, known
from billing.pricing.rows import Row

LOOK = " ".join(INPUT_CLASSES)
FILE_LOOK = {"class": LOOK, "accept": ".csv,text/csv"}
#: What HTML's month input sends.
MONTH_LOOK = {"class": LOOK, "type": "month", "placeholder": "2026-11"}


def text(placeholder: str = "") -> forms.TextInput:
    return forms.TextInput({"class": LOOK, "placeholder": placeholder})


class CSVField(forms.FileField):
    """A file, as its bytes; a larger one is not even read."""

    widget = forms.FileInput(FILE_LOOK)

    def __init__(self, *, most_bytes: int, **kwargs: Any) -> None:
        self.most_bytes = most_bytes
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if (file.size or 0) > self.most_bytes:
            most = f"{self.most_bytes >> 10} KB"
            raise forms.ValidationError(f"The file is larger than {most}; nothing was read.")
        return file


class AmountField(forms.CharField):
    """USD, as micro-dollars or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=text("0.28"), **kwargs)

    def to_python(self, value: Any) -> Any:
        try:
            return rows.amount(super().to_python(value) or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class MonthField(forms.CharField):
    """A month's first day."""

    widget = forms.TextInput(MONTH_LOOK)

    def to_python(self, value: Any) -> Any:
        try:
            return months.month(value) if value else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class ImportForm(forms.Form):
    file = CSVField(
        label="CSV file",
        most_bytes=rows.MOST_BYTES,
        help_text=f"Columns {', '.join(rows.REQUIRED)} and, if wanted, {', '.join(rows.OPTIONAL)}. "
        "Amounts in USD, moments in UTC. An optional column that is left out stays as it was.",
    )
    complete = forms.BooleanField(
        label="This is all these providers sell: withdraw what the file does not name",
        required=False,
        widget=UnfoldBooleanWidget(),
    )


class ScheduleForm(forms.Form):
    """One row of the table, from now or from later on."""

    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    sku = forms.ChoiceField(label="SKU", widget=UnfoldAdminSelectWidget())
    cost = AmountField(label="Cost in USD", help_text="A clip, as the provider bills it.")
    markup = forms.CharField(
        required=False,
        widget=text("1.15"),
        help_text="Price = cost × markup, rounded up to a whole cent.",
    )
    fixed_price = AmountField(
        label="Or a fixed price in USD", help_text="With neither, the rule stays as it was."
    )
    sold = forms.BooleanField(
        label="Sell it", required=False, initial=True, widget=UnfoldBooleanWidget()
    )
    valid_from = forms.DateTimeField(
        label="From (UTC)",
        required=False,
        widget=forms.DateTimeInput({"class": LOOK, "type": "datetime-local"}),
        help_text="Empty: from now on.",
    )
    note = forms.CharField(required=False, max_length=rows.MOST_NOTE, widget=text())

    def __init__(self, *args: Any, all_known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in [("provider", sorted(all_known.providers)), ("sku", all_known.skus)]:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [(choice, choice) for choice in choices]

    def clean_markup(self) -> Decimal | None:
        try:
            return rows.markup(self.cleaned_data["markup"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_valid_from(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["valid_from"]
        if moment and moment <= timezone.now():
            raise forms.ValidationError("This moment is past; leave it empty for “now”.")
        return moment

    def clean(self) -> dict[str, Any]:
        wished = self.cleaned_data
        if wished.get("markup") and wished.get("fixed_price"):
            self.add_error("fixed_price", "A markup or a fixed price, not both.")
        if wished.get("sold") and not wished.get("cost") and "cost" not in self.errors:
            self.add_error("cost", "A cost above zero is needed.")
        return wished

    def row(self) -> Row:
        wished = self.cleaned_data
        keeps = not wished["markup"] and not wished["fixed_price"]
        return Row(line=0, keeps_fixed_price=keeps, **wished)


class MonthsForm(forms.Form):
    """From month to month, both included."""

    first = MonthField(label="From")
    last = MonthField(label="To")

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and not 1 <= months.between(first, last) <= months.MOST:
            raise forms.ValidationError(f"Choose one to {months.MOST} months, the first one first.")
        return self.cleaned_data


class BillForm(forms.Form):
    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    month = MonthField(label="Month of the bill (UTC)")
    file = CSVField(
        label="The bill as CSV",
        most_bytes=bills.MOST_BYTES,
        help_text="A column for the job or task id, one for the amount in USD, and a date if any.",
    )

    def __init__(self, *args: Any, all_known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(name, name) for name in sorted(all_known.providers)]


#: The admin's “Now” is a little past when the form arrives; so much is still now.
STILL_NOW = timedelta(minutes=10)


class RateForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """For the admin's own page of one rate: the same rules as for files."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if moment := self.fields.get("valid_from"):  # who may only look has no fields
            moment.required, moment.help_text = False, "UTC. Empty: from now on."

    def clean_valid_from(self) -> datetime:
        now = timezone.now()
        moment: datetime = self.cleaned_data["valid_from"] or now
        if moment < now - STILL_NOW:
            raise forms.ValidationError("This moment is past; leave it empty for “now”.")
        return max(moment, now)

    def clean(self) -> dict[str, Any] | None:
        wished = super().clean() or self.cleaned_data
        if {"provider", "sku", "cost", "markup"} <= wished.keys():
            for fault in self._faults(wished):
                self.add_error(None, fault)
        return wished

    def _faults(self, wished: dict[str, Any]) -> list[str]:
        rate = Rate(
            provider=wished["provider"],
            sku=wished["sku"],
            cost=wished["cost"],
            markup=wished["markup"],
            fixed_price=wished.get("fixed_price"),
        )
        wrong = known().faults(provider=rate.provider, sku=rate.sku)
        return [*wrong.values(), *(ceiling_faults(rate) if wished.get("sold") else [])]
