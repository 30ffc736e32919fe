"""What people fill in about themselves."""

from __future__ import annotations

from django import forms


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=100, required=False, help_text="How colleagues see you. May stay empty."
    )
