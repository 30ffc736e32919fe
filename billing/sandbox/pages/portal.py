"""The customer portal: saved cards, payments and their receipts."""

from __future__ import annotations

from html import escape

from aiohttp import web

from billing.sandbox.kinds import Thing
from billing.sandbox.money import spoken
from billing.sandbox.pages import layout
from billing.sandbox.shapes import customer as customers
from billing.sandbox.shapes import method as methods


def show(
    shop: str, session: Thing, customer: Thing, cards: list[Thing], charges: list[Thing]
) -> web.Response:
    """`session.url` is where the buttons lead."""
    who = escape(customer["email"] or customer["name"] or customer["id"])
    default = customers.default_card(customer)
    saved = "".join(_card(session, one, default=one["id"] == default) for one in cards)
    paid = "".join(_payment(one) for one in charges)
    body = f"""{layout.link(session["return_url"], f"← Back to {shop}")}
<div><h1>Billing</h1><p class="soft">{who}</p></div>
<section class="sheet"><h2>Saved cards</h2>{_list(saved, "No card is saved.")}</section>
<section class="sheet"><h2>Payments</h2>{_list(paid, "Nothing was paid yet.")}</section>"""
    return layout.page(f"Billing at {shop}", body)


def _list(items: str, nothing: str) -> str:
    return f'<ul class="list">{items}</ul>' if items else f'<p class="soft">{nothing}</p>'


def _card(session: Thing, method: Thing, *, default: bool) -> str:
    card, name = method["card"], escape(methods.label(method))
    action = f"{escape(session['url'])}/cards/{method['id']}"
    badge = ' <span class="badge badge--good">Default</span>' if default else ""
    promote = "" if default else _button(action, "default", "Make default", name)
    return (
        f'<li><span>{name}{badge}<br><span class="soft small">Expires'
        f" {card['exp_month']:02d} / {card['exp_year']}</span></span>"
        f'<span class="actions">{promote}'
        f"{_button(action, 'remove', 'Remove', name)}</span></li>"
    )


def _button(action: str, verb: str, label: str, name: str) -> str:
    """Buttons of the same name are told apart by the card's."""
    return (
        f'<form method="post" action="{action}/{verb}">'
        f'<button aria-label="{label}: {name}">{label}</button></form>'
    )


def _payment(charge: Thing) -> str:
    amount = spoken(charge["amount"], charge["currency"])
    receipt = charge["receipt_url"]
    link = f'<a href="{escape(receipt)}">Receipt</a>' if receipt and charge["paid"] else ""
    day = f'<br><span class="soft small">{layout.day(charge["created"])}</span>'
    return f"<li><span>{amount} {badge(charge)}{day}</span>{link}</li>"


def badge(charge: Thing) -> str:
    """How it stands with this payment."""
    if charge["status"] == "failed":
        return '<span class="badge badge--bad">Failed</span>'
    if charge["status"] == "pending":
        return '<span class="badge">Under way</span>'
    if charge["refunded"]:
        return '<span class="badge">Refunded</span>'
    if charge["disputed"]:
        return '<span class="badge badge--bad">Disputed</span>'
    if charge["amount_refunded"]:
        return '<span class="badge">Partly refunded</span>'
    return '<span class="badge badge--good">Paid</span>'
