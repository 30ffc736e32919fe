"""Where django-allauth meets our idea of an account."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from accounts import people
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Everybody who signs up gets a workspace of their own, in the same transaction."""
        user = super().save_user(request, user, form, commit)
        if commit:
            people.open_workspace(owner=user)
        return user
