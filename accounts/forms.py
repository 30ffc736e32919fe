"""What people fill in about themselves."""

from __future__ import annotations

import uuid

from django import forms


class KeyForm(forms.Form):
    """A new API key. `once` makes a double click make one key."""

    name = forms.CharField(
        max_length=100,
        help_text="Where it will be used, such as “render server”.",
        error_messages={"required": "Give the key a name, so that you know it again."},
    )
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=100, required=False, help_text="How colleagues see you. May stay empty."
    )
