"""The form for a new API key."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django import forms

from accounts import addresses
from accounts.grants import MOST_NETWORKS, Wish
from accounts.models import Scope
from billing.forms import DollarField
from billing.models import Window

#: What a scope allows, in plain words.
WORDS = {
    Scope.READ: "Read: see clips, prices, the wallet",
    Scope.GENERATE: "Order: quotes, uploads and clips, paid from the wallet",
    Scope.BILLING: "Pay: put money into the wallet",
    Scope.ADMIN: "Manage: make and revoke keys",
}
DAYS = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}


class KeyForm(forms.Form):
    """A new API key. `once` makes a double click make one key."""

    name = forms.CharField(
        max_length=100,
        help_text="Where it will be used, such as “render server”.",
        error_messages={"required": "Give the key a name, so that you know it again."},
    )
    scopes = forms.MultipleChoiceField(
        choices=list(WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ, Scope.GENERATE],
        required=False,
        help_text="With none of them chosen it may read and order.",
    )
    expires = forms.ChoiceField(choices=list(DAYS.items()), required=False, label="It expires")
    month = DollarField(
        required=False,
        label="It may spend in a month, in USD",
        help_text="Left empty: as much as the wallet allows.",
    )
    addresses = forms.CharField(
        required=False,
        max_length=2500,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="It opens only from",
        help_text="Addresses or networks such as 203.0.113.0/24; left empty: from everywhere.",
    )
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_addresses(self) -> list[str]:
        words = self.cleaned_data["addresses"].replace(",", " ").split()
        if len(words) > MOST_NETWORKS:
            raise forms.ValidationError(f"At most {MOST_NETWORKS} of them.")
        try:
            return [addresses.network(word) for word in words]
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def wish(self, *, now: datetime) -> Wish:
        given = self.cleaned_data
        return Wish(
            name=given["name"],
            scopes=given["scopes"],
            expires_at=now + timedelta(days=int(given["expires"])) if given["expires"] else None,
            allowed_addresses=given["addresses"],
        )

    @property
    def spend_limits(self) -> dict[str, int]:
        month = self.cleaned_data["month"]
        return {} if month is None else {Window.MONTH: month}


class RotateForm(forms.Form):
    once = forms.UUIDField()
