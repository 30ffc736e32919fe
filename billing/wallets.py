"""Every workspace has exactly one wallet, from its first moment."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Workspace
from billing.models import Wallet


@receiver(post_save, sender=Workspace)
def give_a_wallet(instance: Workspace, created: bool, **kwargs: Any) -> None:
    if created:
        Wallet.objects.create(workspace=instance)
