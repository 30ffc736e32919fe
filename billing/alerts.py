"""
Who is told that money runs low or a limit is near: people by letter and their programs by event,
once, until that is over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import F, Q

from accounts import events, letters, topics
from accounts.moments import moment
from billing import limits, money
from billing.models import Payer, SpendLimit, Window

LIMIT = 100


def run(*, now: datetime) -> int:
    """Returns how many things were told."""
    return _low_balances() + _near_limits(now)


@transaction.atomic
def _low_balances() -> int:
    payers = Payer.objects.exclude(warn_below=None)
    payers.filter(warned=True, workspace__wallet__available__gte=F("warn_below")).update(
        warned=False
    )
    low = payers.filter(warned=False, workspace__wallet__available__lt=F("warn_below"))
    rows = low.select_for_update(skip_locked=True, of=("self",))
    found = list(rows.select_related("workspace__wallet")[:LIMIT])
    for payer in found:
        _tell_low(payer)
    Payer.objects.filter(pk__in=[payer.pk for payer in found]).update(warned=True)
    return len(found)


def _tell_low(payer: Payer) -> None:
    wallet, threshold = payer.workspace.wallet, money.usd(payer.warn_below or 0)
    events.tell(
        workspace_id=payer.workspace_id,
        type="wallet.low",
        data={
            "available": money.usd(wallet.available),
            "threshold": threshold,
            "currency": "USD",
        },
    )
    letters.write(
        to=letters.payers_of(payer.workspace),
        template="low_balance",
        key=f"low:{payer.pk.hex}:{wallet.moves}",
        context={
            "workspace": payer.workspace.name,
            "available": money.usd(wallet.available),
            "threshold": threshold,
        },
    )


@transaction.atomic
def _near_limits(now: datetime) -> int:
    today = now.astimezone(UTC).date()
    near = SpendLimit.objects.filter(amount__gt=0, spent__gte=F("amount") * limits.WARN_AT)
    windows = Q()
    for one in Window:
        windows |= Q(window=one, period=limits.period(one, today))
    fresh = near.filter(windows).exclude(warned=F("period"))
    rows = fresh.select_for_update(skip_locked=True, of=("self",))
    found = list(rows.select_related("workspace")[:LIMIT])
    for limit in found:
        _tell_near(limit, today)
        SpendLimit.objects.filter(pk=limit.pk).update(warned=limit.period)
    return len(found)


def _tell_near(limit: SpendLimit, today: date) -> None:
    events.tell(
        workspace_id=limit.workspace_id,
        type="wallet.spend_warning",
        data={
            "subject": None,
            **limits.named(limit),
            "amount": money.usd(limit.amount),
            "spent": money.usd(limit.spent),
            "remaining": money.usd(limits.left(limit, on=today)),
            "resets_at": moment(limits.resets_at(limit.window, today)),
            "currency": "USD",
        },
    )
    letters.write(
        to=letters.payers_of(limit.workspace),
        template="spend_warning",
        key=f"limit:{limit.pk}:{limit.period}",
        context={
            "workspace": limit.workspace.name,
            "who": {"key": "An API key", "member": "A member", "workspace": "The workspace"}[
                limit.subject.partition(":")[0]
            ],
            "window": limits.WORDS[Window(limit.window)],
            "spent": money.usd(limit.spent),
            "amount": money.usd(limit.amount),
        },
    )


topics.register(
    "low_balance",
    title="The wallet runs low",
    words="when there is less in it than the amount you set in the wallet",
    templates=["low_balance"],
)
topics.register(
    "spend_limits",
    title="A spend limit is near",
    words="when a key, a member or the workspace has spent most of its limit",
    templates=["spend_warning"],
)
