"""Where django-allauth meets our idea of an account."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import email_changed
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import addresses, devices, letters, people
from accounts.models import User

#: Where a request has no address, such as one over a socket of this machine.
NO_ADDRESS = "0.0.0.0"  # noqa: S104  (nothing listens there)


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Everybody who signs up gets a workspace of their own, in the same transaction."""
        user = super().save_user(request, user, form, commit)
        if commit:
            people.open_workspace(owner=user)
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        return addresses.of(request) or NO_ADDRESS

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Owed, not sent at once: no mail server keeps anybody from securing their account."""
        told = {
            "request": self.request,
            "current_site": get_current_site(self.request),
            "timestamp": timezone.now(),
            "ip": self.get_client_ip(self.request),
            "device": devices.named(self.get_http_user_agent(self.request)),
            **(context or {}),
        }
        to = email or user.email
        message = self.render_mail(template_prefix, to, told)
        letters.write(
            to=[to],
            template="security",
            key=f"security:{uuid.uuid4().hex}",
            context={"title": message.subject, "body": message.body},
        )

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """The same words twice: plain, and on our letterhead."""
        message: EmailMultiAlternatives = super().render_mail(
            template_prefix, email, context, headers
        )
        letter = {"title": message.subject, "body": message.body}
        message.attach_alternative(render_to_string("emails/security.html", letter), "text/html")
        return message


@receiver(email_changed)
def sign_out_the_others(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever got in by the former address is out."""
    end_other_sessions(request, user)
