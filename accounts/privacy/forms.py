"""What people fill in about what we keep."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User, Workspace
from accounts.privacy import retention


class DeleteForm(forms.Form):
    """The address is typed, so that nobody deletes an account in passing."""

    email = forms.CharField(
        label="Your e-mail address, to be sure",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type your e-mail address, so that we know you mean it."},
    )
    gives_up = forms.BooleanField(
        required=False, label="I give up what is left in my wallet: it cannot be had back"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"])
        if typed.strip().lower() != self.user.email.lower():
            raise forms.ValidationError(f"This account’s address is {self.user.email}: type that.")
        return typed


def days(number: int) -> str:
    return {0: "for ever", 1: "for a day", 365: "for a year"}.get(number, f"for {number} days")


class RetentionForm(forms.Form):
    """A choice for each kind of thing that is kept."""

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        kwargs["initial"] = {
            kind: getattr(workspace, f"{kind}_kept_days") or "" for kind in retention.KINDS
        }
        super().__init__(*args, **kwargs)
        for kind, label in retention.KINDS.items():
            usual = f"As usual here: {days(retention.usual(kind))}"
            self.fields[kind] = forms.TypedChoiceField(
                choices=[("", usual), *[(str(one), days(one)) for one in retention.DAYS]],
                coerce=int,
                empty_value=None,
                required=False,
                label=label,
            )
