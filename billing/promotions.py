"""Promotion codes: some credit for whoever knows the word, once for each workspace."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Workspace
from billing import ledger, money
from billing.models import PromotionCode, Redemption, TopUp, TopUpState, Transfer


class CodeRefused(Exception):
    """No credit; the message says why."""


def redeem(*, workspace: Workspace, code: str, actor: str, now: datetime) -> Transfer:
    """
    Use a code for this workspace.

    :raises CodeRefused: unknown, not yet or no longer valid, used up, or used here before.
    """
    found = PromotionCode.objects.filter(code=code.strip().upper()[:40]).first()
    if found is None or not found.active or (found.starts_at and found.starts_at > now):
        raise CodeRefused("There is no such code. Look at it once more.")
    if found.expires_at and found.expires_at <= now:
        raise CodeRefused(f"The code expired on {found.expires_at:%-d %B %Y}.")
    if found.only_new and _has_paid(workspace):
        raise CodeRefused("The code is for workspaces that have not topped up yet.")
    try:
        return _redeemed(found, workspace, actor)
    except IntegrityError:
        raise CodeRefused("This workspace has used the code before.") from None


@transaction.atomic
def _redeemed(code: PromotionCode, workspace: Workspace, actor: str) -> Transfer:
    """The redemption comes first: of two at once the second meets it and does nothing."""
    Redemption.objects.create(code=code, workspace=workspace, actor=actor)
    rows = PromotionCode.objects.filter(pk=code.pk, active=True, uses__lt=F("most_uses"))
    if not rows.update(uses=F("uses") + 1):
        raise CodeRefused("The code has been used up.")
    return ledger.grant(
        wallet=workspace.wallet,
        amount=code.amount,
        key=f"code:{code.pk}:{workspace.pk.hex}",
        description=f"Promotion code {code.code}",
        actor=actor,
    )


def _has_paid(workspace: Workspace) -> bool:
    return TopUp.objects.for_workspace(workspace).filter(state=TopUpState.PAID).exists()


def describe(code: PromotionCode) -> str:
    return f"{money.usd(code.amount)} USD, used {code.uses} of {code.most_uses} times"
