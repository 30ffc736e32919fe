"""What people fill in about their team."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import Role

#: What a role may do, in plain words.
WORDS = {
    Role.ADMIN: "Admin: orders, pays, makes keys and looks after the team",
    Role.MEMBER: "Member: orders clips",
    Role.BILLING: "Billing: looks after the money and orders nothing",
}


class RoleForm(forms.Form):
    """One of the roles that whoever fills it in may give."""

    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: Iterable[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(role.value, WORDS[role]) for role in roles]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]


class InviteForm(RoleForm):
    email = forms.EmailField(
        max_length=254,
        label="E-mail",
        error_messages={
            "required": "Write the address the invitation is to be sent to.",
            "invalid": "Write an e-mail address, such as name@example.org.",
        },
    )
    field_order = ["email", "role"]


class WorkspaceForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        error_messages={"required": "Give the workspace a name."},
    )
