"""A receipt."""

from __future__ import annotations

from html import escape

from aiohttp import web

from billing.sandbox.kinds import Thing
from billing.sandbox.money import spoken
from billing.sandbox.pages import layout
from billing.sandbox.pages.portal import badge
from billing.sandbox.shapes import method as methods


def show(shop: str, charge: Thing, refunds: list[Thing]) -> web.Response:
    currency = charge["currency"]
    rows = [
        ("Date", layout.day(charge["created"])),
        ("Paid with", escape(methods.label(charge["payment_method_details"]))),
        ("For", escape(charge["description"] or f"Payment to {shop}")),
        ("Payment", escape(charge["payment_intent"])),
        *(_refunded(one) for one in refunds),
    ]
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    body = f"""<section class="sheet"><p class="soft">Receipt from {escape(shop)}</p>
<h1>{spoken(charge["amount"], currency)}</h1><p>{badge(charge)}</p>
<dl class="rows">{told}</dl></section>"""
    return layout.page(f"Receipt from {shop}", body)


def _refunded(refund: Thing) -> tuple[str, str]:
    amount = spoken(refund["amount"], refund["currency"])
    return f"Refunded {layout.day(refund['created'])}", f"−{amount}"
