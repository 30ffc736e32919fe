"""What people fill in about webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from accounts import events
from accounts.models import DeliveryState, WebhookEndpoint

#: Hours back -> how that reads.
SINCE = {
    "1": "the last hour",
    "24": "the last day",
    "168": "the last week",
    "720": "the last 30 days",
}
#: What a log may be narrowed to.
STATES = {
    "": "All",
    DeliveryState.PENDING: "Waiting",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Not delivered",
}


class EndpointForm(forms.Form):
    """An endpoint's address and what it hears; whether we may send there, the domain says."""

    url = forms.CharField(
        max_length=2048,
        label="Address",
        help_text="https://…, reachable from the Internet.",
        error_messages={"required": "Give the address that we send to, such as https://…"},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    description = forms.CharField(
        max_length=200,
        required=False,
        help_text="What listens there, such as “render queue”. May stay empty.",
    )
    events = forms.MultipleChoiceField(
        choices=list(events.TYPES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="It hears of",
        help_text="With none of them chosen it hears of everything, also of what we add later.",
    )

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> EndpointForm:
        return cls(
            initial={
                "url": endpoint.url,
                "description": endpoint.description,
                "events": endpoint.events,
            }
        )


class OnceForm(forms.Form):
    """`once` is made with the form, so that a double click does one thing."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class NewEndpointForm(OnceForm, EndpointForm):
    """A new endpoint."""


class MissingForm(forms.Form):
    """How far back to look for what was missed."""

    hours = forms.ChoiceField(choices=list(SINCE.items()), initial="720", label="Of")

    def since(self) -> datetime:
        return timezone.now() - timedelta(hours=int(self.cleaned_data["hours"]))
