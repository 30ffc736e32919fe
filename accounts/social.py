"""Where signing in with Google or GitHub meets our idea of an account."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts import people
from accounts.models import User


class Adapter(DefaultSocialAccountAdapter):
    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": (
            "There is an account with this address already. Sign in to it, and connect "
            "%s under “Signing in”."
        ),
        "no_password": "Set a password first: without it nothing would be left to sign in with.",
        "connected_other": "This one is connected to somebody else’s account here.",
    }

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """It may wait in a session before it is saved, where the database's default has no name."""
        user: User = super().new_user(request, sociallogin)
        user.joined_at = timezone.now()
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Everybody who signs up gets a workspace of their own, whichever way they come."""
        user: User = super().save_user(request, sociallogin, form)
        if not user.memberships.exists():
            people.open_workspace(owner=user)
        return user

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = (data.get("name") or " ".join(filter(None, parts)))[:100]
        return user

    def get_app(self, request: HttpRequest, provider: Any, client_id: Any = None) -> SocialApp:
        """One that is not configured does not exist here."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None
