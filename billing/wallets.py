"""Every workspace has exactly one wallet, from its first moment."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Workspace
from billing import bonus
from billing.models import Wallet


@receiver(post_save, sender=Workspace)
def give_a_wallet(instance: Workspace, created: bool, **kwargs: Any) -> None:
    if created:
        Wallet.objects.create(workspace=instance)


@receiver(email_confirmed)
def give_something_to_try(email_address: EmailAddress, **kwargs: Any) -> None:
    if workspace := Workspace.objects.for_user(email_address.user).first():
        bonus.give(workspace=workspace, email=email_address.email)
