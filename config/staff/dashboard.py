"""How the house is doing, from what was added up beforehand: opens at once whatever was ordered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing import money
from billing.models import Wallet
from generations import connect
from generations.models import DailyFigures, Generation, ProviderStatus
from generations.models.generation import NOT_FINAL

DAYS = 30
OLDEST = 8
#: Cards that tell nothing of money.
ABOUT_CLIPS = ("Orders", "Success")
SUMS = ("orders", "succeeded", "failed", "revenue", "cost")


def callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """For `UNFOLD["DASHBOARD_CALLBACK"]`; clips and money only for those who may see them."""
    if request.user.has_perm("generations.view_generation"):
        figures = _figures()
        seen = request.user.has_perm("billing.view_cost")
        context["dashboard"] = figures if seen else _without_money(figures)
    return context


def _without_money(figures: dict[str, Any]) -> dict[str, Any]:
    cards = [card for card in figures["cards"] if card["title"] in ABOUT_CLIPS]
    return {**{name: figures[name] for name in ("orders_chart", "oldest")}, "cards": cards}


def _figures() -> dict[str, Any]:
    since = timezone.now().astimezone(UTC).date() - timedelta(days=DAYS - 1)
    rows = list(DailyFigures.objects.filter(day__gte=since))
    days = [since + timedelta(days=back) for back in range(DAYS)]
    per_day = {day: _summed(row for row in rows if row.day == day) for day in days}
    return {
        "cards": _cards(_summed(rows), per_day[days[-1]]),
        "orders_chart": _chart(days, {
            "Clips": [per_day[day]["succeeded"] for day in days],
            "Failed": [per_day[day]["failed"] for day in days],
        }),
        "money_chart": _chart(days, {
            "Revenue": [per_day[day]["revenue"] / money.MICROS for day in days],
            "Cost": [per_day[day]["cost"] / money.MICROS for day in days],
        }),
        "providers": _table(rows, lambda row: row.provider or "nobody yet"),
        "skus": _table(rows, lambda row: row.sku),
        "oldest": _oldest(),
        "balances": _balances(),
    }  # fmt: skip


def _summed(rows: Iterable[DailyFigures]) -> dict[str, int]:
    sums = dict.fromkeys(SUMS, 0)
    for row in rows:
        for name in SUMS:
            sums[name] += getattr(row, name)
    return sums


def _cards(month: dict[str, int], today: dict[str, int]) -> list[dict[str, str]]:
    held = Wallet.objects.aggregate(sum=Sum("held"))["sum"] or 0
    margin = month["revenue"] - month["cost"]
    return [
        _card("Orders", str(month["orders"]), f"{today['orders']} today"),
        _card("Revenue", _dollars(month["revenue"]), f"{_dollars(today['revenue'])} today"),
        _card("Cost", _dollars(month["cost"]), f"{_dollars(today['cost'])} today"),
        _card("Margin", _dollars(margin), _share(margin, month["revenue"])),
        _card("Success", _success(month), f"{_success(today)} today"),
        _card("Held", _dollars(held), "for orders under way"),
    ]


def _card(title: str, value: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "note": note}


def _table(rows: Iterable[DailyFigures], of: Any) -> list[dict[str, Any]]:
    groups: dict[str, list[DailyFigures]] = {}
    for row in rows:
        groups.setdefault(of(row), []).append(row)
    return [_line(name, groups[name]) for name in sorted(groups)]


def _line(name: str, rows: list[DailyFigures]) -> dict[str, Any]:
    sums = _summed(rows)
    return {
        "name": name,
        "orders": sums["orders"],
        "success": _success(sums),
        "revenue": _dollars(sums["revenue"]),
        "cost": _dollars(sums["cost"]),
        "margin": _share(sums["revenue"] - sums["cost"], sums["revenue"]),
        "median": _usual(rows, "median"),
        "slowest": _usual(rows, "slowest"),
    }


def _usual(rows: list[DailyFigures], name: str) -> str:
    """Of the days' figures, the mean by their clips."""
    known = [(getattr(row, name), row.succeeded) for row in rows if row.succeeded]
    clips = sum(count for _, count in known)
    return f"{sum(value * count for value, count in known) / clips:.0f} s" if clips else "–"


def _chart(days: list[Any], series: dict[str, list[float]]) -> str:
    colours = ("var(--color-primary-600)", "var(--color-base-400)")
    sets = [
        {
            "label": label,
            "data": data,
            "backgroundColor": colour,
            "borderColor": colour,
            "displayYAxis": True,
            "maxTicksXLimit": 10,
        }
        for (label, data), colour in zip(series.items(), colours, strict=True)
    ]
    return json.dumps({"labels": [f"{day:%m-%d}" for day in days], "datasets": sets})


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
            "balance": "–" if one.balance is None else _dollars(one.balance),
            "at": one.balance_at,
        }
        for one in rows
    ]


def _dollars(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount) / money.MICROS:,.2f}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _success(sums: dict[str, int]) -> str:
    return _share(sums["succeeded"], sums["succeeded"] + sums["failed"])
