"""Every workspace has exactly one wallet, from its first moment; in the demo with some credit."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Workspace
from billing import ledger, money
from billing.models import Wallet

#: What somebody who signs up gets to try with, while nothing real can be spent.
DEMO_CREDIT = 5 * money.MICROS


@receiver(post_save, sender=Workspace)
def give_a_wallet(instance: Workspace, created: bool, **kwargs: Any) -> None:
    if created:
        Wallet.objects.create(workspace=instance)


@receiver(email_confirmed)
def give_demo_credit(email_address: EmailAddress, **kwargs: Any) -> None:
    """Once per address that was confirmed, and only while the sandbox plays every provider."""
    workspace = Workspace.objects.for_user(email_address.user).first()
    if settings.SANDBOX_PLAYS_ALL and workspace:
        ledger.grant(
            wallet=workspace.wallet,
            amount=DEMO_CREDIT,
            key=f"demo:{email_address.email.lower()}",
            description="Demo credit",
        )
