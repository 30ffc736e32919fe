"""Findings as tables for the templates: headers, and rows of cells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypedDict
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from billing import money
from billing.models import Rate
from billing.pricing.differences import WRONG, Difference, Kind
from billing.pricing.drift import Measure
from billing.pricing.margins import Margin
from billing.pricing.overview import Item, Offer
from billing.pricing.reconciliation import Entry, Sum, Verdict
from billing.pricing.shares import change, percent

Cell = str | SafeString


class Look(TypedDict):
    headers: list[str]
    rows: list[list[Cell]]


#: The theme's label, in the colours that it has.
LABEL = (
    "inline-block font-semibold rounded-default text-[11px] uppercase whitespace-nowrap "
    "h-6 leading-6 px-2 "
)
COLOURS = {
    "good": "bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400",
    "bad": "bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400",
    "look": "bg-orange-100 text-orange-700 dark:bg-orange-500/20 dark:text-orange-400",
    "news": "bg-blue-100 text-blue-700 dark:bg-blue-500/20 dark:text-blue-400",
    "": "bg-base-500/8 text-base-700 dark:bg-base-500/20 dark:text-base-200",
}
KIND_COLOURS = {
    Kind.UNREADABLE: "bad", Kind.REFUSED: "bad", Kind.NEW: "news", Kind.DEARER: "look",
    Kind.CHEAPER: "good", Kind.REWRITTEN: "news", Kind.WITHDRAWN: "look",
}  # fmt: skip
VERDICT_COLOURS = {Verdict.DIFFERS: "look", Verdict.UNKNOWN: "bad", Verdict.NOT_BILLED: "news"}


def label(text: str, colour: str = "") -> SafeString:
    return format_html('<span class="{}{}">{}</span>', LABEL, COLOURS[colour], text)


def unbroken(text: str) -> SafeString:
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def moment(at: datetime) -> SafeString:
    at = at.astimezone(UTC)
    return format_html(
        '<time class="whitespace-nowrap" datetime="{}">{}</time>',
        at.isoformat(),
        f"{at:%Y-%m-%d %H:%M}",
    )


def item(item: Item, *, may_change: bool) -> Look:
    headers = ["provider", "cost", "price", "margin", "since", "next", "state"]
    rows = [_offer(offer) for offer in item.offers]
    if may_change:
        headers.append("change")
        rows = [[*row, _link(one)] for row, one in zip(rows, item.offers, strict=True)]
    return {"headers": headers, "rows": rows}


def preview(differences: Iterable[Difference]) -> Look:
    headers = ["line", "what", "provider", "SKU", "from", "cost", "price", "change", "remarks"]
    return {"headers": headers, "rows": [_difference(one) for one in differences]}


def margins(lines: Iterable[Margin], *, named: bool) -> Look:
    """With month and SKU, or summed by provider."""
    headers = [
        "provider", "clips", "price", "table cost", "reported", "failures", "margin", "%",
    ]  # fmt: skip
    names = ["month", "SKU"] if named else []
    return {"headers": [*names, *headers], "rows": [_margin(one, named) for one in lines]}


def measures(found: Iterable[Measure]) -> Look:
    headers = ["provider", "SKU", "clips", "table", "reported", "change", "state"]
    return {"headers": headers, "rows": [_measure(one) for one in found]}


def sums(found: Iterable[Sum]) -> Look:
    rows: list[list[Cell]] = [
        [one.label, str(one.count), *map(money.usd, [one.expected, one.billed, one.difference])]
        for one in found
    ]
    return {"headers": ["what", "jobs", "expected", "billed", "difference"], "rows": rows}


def entries(found: Iterable[Entry]) -> Look:
    headers = ["what", "job", "SKU", "date", "expected", "billed", "difference", "remark"]
    rows: list[list[Cell]] = [
        [
            label(one.verdict.label, VERDICT_COLOURS.get(one.verdict, "")),
            one.job,
            one.sku,
            unbroken(one.day),
            *map(money.usd, [one.expected, one.billed, one.difference]),
            one.remark,
        ]
        for one in found
    ]
    return {"headers": headers, "rows": rows}


def _offer(offer: Offer) -> list[Cell]:
    rate = offer.rate
    if rate is None:
        return [offer.provider, "–", "–", "–", "–", _next(offer.following), _state(offer)]
    earned = rate.price - rate.cost
    return [
        offer.provider,
        money.usd(rate.cost),
        money.usd(rate.price),
        f"{money.usd(earned)} ({percent(earned, rate.price)})",
        moment(rate.valid_from),
        _next(offer.following),
        _state(offer),
    ]


def _next(rate: Rate | None) -> Cell:
    if rate is None:
        return "–"
    what = f"{money.usd(rate.price)} (cost {money.usd(rate.cost)})" if rate.sold else "withdrawn"
    return format_html("{} from {}", what, moment(rate.valid_from))


def _state(offer: Offer) -> Cell:
    if offer.obstacle:
        return format_html("{} {}", label("not sold"), offer.obstacle)
    return label("cheapest", "good") if offer.is_cheapest else label("sold", "news")


def _link(offer: Offer) -> Cell:
    address = reverse("admin:billing_rate_prices_schedule")
    query = urlencode({"provider": offer.provider, "sku": offer.sku})
    return format_html(
        '<a class="text-link underline" href="{}?{}" aria-label="Change {} {}">Change</a>',
        address, query, offer.provider, offer.sku,
    )  # fmt: skip


def _difference(one: Difference) -> list[Cell]:
    what = label(one.kind.label, KIND_COLOURS.get(one.kind, ""))
    line = str(one.line) if one.line else "–"
    if one.kind in WRONG and one.after is None:
        return [line, what, one.provider or "–", one.sku or "–", *["–"] * 4, one.reason]
    rates = [rate for rate in [one.before, one.after] if rate is not None]
    return [
        line, what, one.provider, one.sku, _from(one),
        _move(rate.cost for rate in rates),
        _move(rate.price for rate in rates),
        _change(rates),
        _remarks(one),
    ]  # fmt: skip


def _from(one: Difference) -> Cell:
    if one.is_later and one.after is not None:
        return format_html("{} {}", label("later", "news"), moment(one.after.valid_from))
    return "now"


def _move(amounts: Iterable[int]) -> Cell:
    return unbroken(" → ".join(dict.fromkeys(map(money.usd, amounts))))


def _change(rates: list[Rate]) -> Cell:
    old, new = rates[0].price, rates[-1].price
    return "–" if old == new else unbroken(change(old, new))


def _remarks(one: Difference) -> Cell:
    marks = [
        *[label("jumps", "look")] * one.is_jump,
        *[label("below cost", "bad")] * one.is_below_cost,
    ]
    following = format_html("Then {}.", _next(one.following)) if one.following else ""
    return format_html_join(" ", "{}", ([part] for part in [*marks, one.reason, following]))


def _margin(one: Margin, named: bool) -> list[Cell]:
    names = [f"{one.month:%Y-%m}" if one.month else "", one.sku] if named else []
    lost = f"{one.failures} ({money.usd(one.failure_cost)})" if one.failures else "–"
    colour = "bad" if one.margin < 0 else "good" if one.margin else ""
    return [
        *names, one.provider, str(one.clips),
        *map(money.usd, [one.price, one.table_cost, one.reported_cost]), lost,
        label(money.usd(one.margin), colour), one.share,
    ]  # fmt: skip


def _measure(one: Measure) -> list[Cell]:
    state = label("drifts", "look") if one.is_drift else label("agrees", "good")
    amounts = [money.usd(one.table), money.usd(one.reported)]
    return [one.provider, one.sku, str(one.clips), *amounts, one.change, state]
