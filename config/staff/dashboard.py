"""How the house is doing, from what was added up beforehand: opens at once whatever was ordered."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Proposal, ProposalState
from billing.models import Wallet
from config.staff import month
from config.staff.month import Month, Sums, dollars, seconds, share
from generations import connect
from generations.models import DailyFigures, Generation, ProviderStatus
from generations.models.generation import NOT_FINAL

DAYS = 30
OLDEST = 8
WAITING = 20

#: What the charts can be narrowed to: a name in the address -> what a row says of it.
NARROWED_BY: dict[str, month.Name] = {
    "provider": lambda row: row.provider or "nobody yet",
    "sku": lambda row: row.sku,
}


def callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """For `UNFOLD["DASHBOARD_CALLBACK"]`; clips and money only for those who may see them."""
    if request.user.has_perm("generations.view_generation"):
        chosen = {name: request.GET[name] for name in NARROWED_BY if request.GET.get(name)}
        context["dashboard"] = _figures(chosen, request.user.has_perm("billing.view_cost"))
    if request.user.has_perm("accounts.view_proposal"):
        context["waiting"] = _waiting()
    return context


def _figures(chosen: dict[str, str], tells_money: bool) -> dict[str, Any]:
    days = _days()
    rows = list(DailyFigures.objects.filter(day__gte=days[0], day__lte=days[-1]))
    these = Month(days, _narrowed(rows, chosen))
    return {
        "tells_money": tells_money,
        "chosen": " · ".join(chosen.values()),
        "cards": _cards(month.summed(these.rows), these.per_day[-1], chosen, tells_money),
        "charts": these.drawn(with_money=tells_money),
        "tables": [
            ("Providers", _table(rows, "provider", chosen)),
            ("SKUs", _table(rows, "sku", chosen)),
        ],
        "oldest": _oldest(),
        "balances": _balances() if tells_money else [],
    }


def _days() -> list[date]:
    today = timezone.now().astimezone(UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _narrowed(rows: month.Rows, chosen: dict[str, str]) -> month.Rows:
    return [row for row in rows if all(NARROWED_BY[name](row) == chosen[name] for name in chosen)]


def _cards(
    whole: Sums, today: Sums, chosen: dict[str, str], tells_money: bool
) -> list[dict[str, str]]:
    orders = _card("Orders", str(whole.orders), f"{today.orders} today")
    success = _card("Success", share(whole.success), f"{share(today.success)} today")
    time = _card("Time to clip", seconds(whole.median), f"{seconds(today.median)} today")
    money = _money_cards(whole, today) if tells_money else []
    held = [_held()] if tells_money and not chosen else []
    return [orders, *money, success, time, *held]


def _money_cards(whole: Sums, today: Sums) -> list[dict[str, str]]:
    part = whole.margin / whole.revenue if whole.revenue else None
    return [
        _card("Revenue", dollars(whole.revenue), f"{dollars(today.revenue)} today"),
        _card("Cost", dollars(whole.cost), f"{dollars(today.cost)} today"),
        _card("Margin", dollars(whole.margin), f"{share(part)} of revenue"),
    ]


def _held() -> dict[str, str]:
    held = Wallet.objects.aggregate(sum=Sum("held"))["sum"] or 0
    return _card("Held", dollars(held), "for orders under way")


def _card(title: str, value: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "note": note}


def _table(rows: month.Rows, name: str, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """All of its kind, so that another can be chosen; what else is chosen counts."""
    others = {other: chosen[other] for other in chosen if other != name}
    lines = month.table(_narrowed(rows, others), NARROWED_BY[name])
    return [_linked(line, name, others, chosen.get(name)) for line in lines]


def _linked(
    line: dict[str, str], name: str, others: dict[str, str], now: str | None
) -> dict[str, Any]:
    is_chosen = line["name"] == now
    wished = others if is_chosen else {**others, name: line["name"]}
    return {**line, "chosen": is_chosen, "link": f"?{urlencode(wished)}"}


def _waiting() -> list[dict[str, Any]]:
    """What needs a second person, the oldest first."""
    rows = Proposal.objects.filter(state=ProposalState.OPEN).select_related("proposed_by")
    return [
        {
            "link": reverse("admin:accounts_proposal_change", args=[row.pk]),
            "act": row.act,
            "usd": dollars(row.amount),
            "by": row.proposed_by,
            "reason": row.reason,
            "since": row.created_at,
        }
        for row in rows.order_by("created_at")[:WAITING]
    ]


def _oldest() -> list[dict[str, Any]]:
    rows = Generation.objects.filter(NOT_FINAL).select_related("workspace")
    return [
        {
            "link": reverse("admin:generations_generation_change", args=[row.pk]),
            "id": row.public_id,
            "state": row.state,
            "workspace": row.workspace.name,
            "provider": row.provider or "–",
            "since": row.created_at,
        }
        for row in rows.order_by("created_at")[:OLDEST]
    ]


def _balances() -> list[dict[str, Any]]:
    known = {one.name: one for one in ProviderStatus.objects.all()}
    rows = [
        known.get(name, ProviderStatus(name=name)) for name in sorted({*known, *connect.names()})
    ]
    return [
        {
            "link": reverse("admin:generations_providerstatus_change", args=[one.name]),
            "name": one.name,
            "balance": "–" if one.balance is None else dollars(one.balance),
            "at": one.balance_at,
        }
        for one in rows
    ]
