"""What staff fill in about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.asking import ReasonForm
from accounts.models import User, Workspace


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class LookForm(ReasonForm):
    """Why, and into which of their workspaces."""

    workspace = forms.ModelChoiceField(
        Workspace.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    field_order = ["workspace", "reason"]

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Workspace.objects.for_user(person)
        self.fields["workspace"].queryset = rows  # type: ignore[attr-defined]
