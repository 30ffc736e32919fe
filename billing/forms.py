"""What people type about money: amounts in dollars become micro-dollars here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from billing import money
from billing.models import Payer, SpendLimit, Window
from billing.payments import automatic, top_ups


class DollarField(forms.CharField):
    """An amount of US dollars, such as 25 or 25.50; its value is micro-dollars."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = money.micros(text.strip().removeprefix("$"))
        except ValueError:
            raise forms.ValidationError(
                "Write an amount in US dollars, such as 25 or 25.00."
            ) from None
        if amount % 10_000:
            raise forms.ValidationError("There is nothing smaller than a cent.")
        return amount


class TopUpForm(forms.Form):
    """A chip or an amount of one's own; what is typed wins."""

    chip = forms.ChoiceField(
        choices=[(str(chip), f"${chip}") for chip in top_ups.CHIPS],
        widget=forms.RadioSelect,
        required=False,
        initial="25",
    )
    amount = DollarField(required=False, label="Another amount")
    save_card = forms.BooleanField(required=False, label="Keep the card for later top-ups")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "amount" in self.errors:
            return given
        amount = given.get("amount") or int(given.get("chip") or 0) * money.MICROS
        try:
            given["wanted"] = top_ups.checked(amount)
        except top_ups.BadAmount as error:
            self.add_error("amount", str(error))
        return given


class AutomaticForm(forms.Form):
    auto = forms.BooleanField(required=False, label="Top up by itself")
    threshold = DollarField(label="When less is left than")
    amount = DollarField(label="Charge the card with")
    monthly_cap = DollarField(label="At most in a month")
    warn_below = DollarField(required=False, label="Tell me when less is left than")

    @classmethod
    def of(cls, payer: Payer | None) -> AutomaticForm:
        payer = payer or Payer()
        shown = {name: _text(getattr(payer, name)) for name in AMOUNTS}
        return cls(initial={"auto": payer.auto, **shown})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        amounts = {name: given.get(name) for name in ("threshold", "amount", "monthly_cap")}
        told = all(amount is not None for amount in amounts.values())
        if told and (fault := automatic.settings_fault(**amounts)):  # type: ignore[arg-type]
            self.add_error(None, fault)
        return given


AMOUNTS = ("threshold", "amount", "monthly_cap", "warn_below")


class CodeForm(forms.Form):
    code = forms.CharField(max_length=40, label="Promotion code")


class LimitForm(forms.Form):
    """One spend limit; an empty amount takes it away."""

    subject = forms.ChoiceField(label="Who")
    window = forms.ChoiceField(choices=Window.choices, label="How long", initial=Window.MONTH)
    amount = DollarField(required=False, label="At most, in USD")

    def __init__(self, *args: Any, subjects: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["subject"].choices = subjects  # type: ignore[attr-defined]


class MemberLimitsForm(forms.Form):
    """What one member may spend, a field for each window; an empty one is no limit."""

    day = DollarField(required=False, label="In a day, in USD")
    month = DollarField(required=False, label="In a month, in USD")
    lifetime = DollarField(required=False, label="In all, in USD")

    @classmethod
    def of(cls, limits: Iterable[SpendLimit]) -> MemberLimitsForm:
        return cls(initial={limit.window: _text(limit.amount) for limit in limits})


def named(limit: SpendLimit, subjects: list[tuple[str, str]]) -> str:
    """Whose limit it is, in words."""
    return dict(subjects).get(limit.subject, "somebody who has left")


def _text(amount: int | None) -> str:
    return "" if amount is None else money.usd(amount)
