"""The Checkout page: what is paid, how, and what went wrong the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from aiohttp import web

from billing.sandbox import cards
from billing.sandbox.kinds import Thing
from billing.sandbox.money import spoken
from billing.sandbox.pages import layout
from billing.sandbox.shapes import method as methods


@dataclass(frozen=True)
class Counter:
    """Everything the page shows."""

    shop: str
    session: Thing
    items: list[Thing]
    saved: list[Thing]
    #: the customer's own e-mail, which cannot be changed here
    email: str | None
    #: a box for saving the card
    offers_to_save: bool
    typed: Mapping[str, str]
    problem: str = ""


def show(counter: Counter, status: int = 200) -> web.Response:
    body = (
        _summary(counter)
        + f'<section class="sheet" aria-label="Payment">{_form(counter)}</section>'
    )
    return layout.page(
        f"Pay {_total(counter)} to {counter.shop}", body, shape=layout.TWO, status=status
    )


def closed(session: Thing, shop: str, onward: str) -> web.Response:
    """It was paid, or its time is over; `onward` is where the customer belongs then."""
    if session["status"] == "complete":
        link = layout.link(onward, f"Go on to {shop}")
        return layout.message("Already paid", "Nothing more is to be done here.", link)
    link = layout.link(session["cancel_url"], f"Back to {shop}")
    sentence = "This page has expired. Nothing was charged."
    return layout.message("Too late to pay here", sentence, link, status=410)


def _summary(counter: Counter) -> str:
    currency = counter.session["currency"]
    back = layout.link(counter.session["cancel_url"], f"← Back to {counter.shop}")
    items = "".join(
        f"<li><span>{escape(one['description'])}{_times(one)}</span>"
        f"<span>{spoken(one['amount_total'], currency)}</span></li>"
        for one in counter.items
    )
    total = (
        '<ul class="rows rows--total">'
        f"<li><span>Total due</span><span>{_total(counter)}</span></li></ul>"
    )
    return (
        f'<section class="summary" aria-label="Order">{back}'
        f'<p class="summary__shop">Pay {escape(counter.shop)}</p>'
        f'<h1>{_total(counter)}</h1><ul class="rows">{items}</ul>{total}</section>'
    )


def _times(item: Thing) -> str:
    return f" × {item['quantity']}" if item["quantity"] > 1 else ""


def _total(counter: Counter) -> str:
    return spoken(counter.session["amount_total"], counter.session["currency"])


def _form(counter: Counter) -> str:
    # Pressing Enter in a field presses the first button of a form; that one must pay.
    first = '<button hidden aria-hidden="true" tabindex="-1" name="pay" value="1">Pay</button>'
    parts = (
        first,
        layout.alert(counter.problem),
        _contact(counter),
        _methods(counter),
        _card(counter),
        _save(counter),
        _tax_id(counter),
        f'<button class="act" name="pay" value="1">Pay {_total(counter)}</button>',
    )
    return f'<form method="post">{"".join(parts)}</form>'


def _contact(counter: Counter) -> str:
    if counter.email:
        return f'<p><span class="soft">E-mail</span><br>{escape(counter.email)}</p>'
    typed = counter.typed.get("email", "")
    return layout.field("E-mail", "email", typed, type="email", autocomplete="email")


def _methods(counter: Counter) -> str:
    offered = counter.session["payment_method_types"]
    choices = [(one["id"], methods.label(one), "saved", "Saved card") for one in counter.saved]
    if "card" in offered:
        choices.append(("card", "Card", "", ""))
    if "us_bank_account" in offered:
        choices.append(("bank", "Bank account", "", "Debited later: first unpaid, paid in days"))
    chosen = counter.typed.get("method", choices[0][0])
    shown = "".join(_choice(*one, checked=one[0] == chosen) for one in choices)
    return f'<fieldset><legend>Pay with</legend><div class="choices">{shown}</div></fieldset>'


def _choice(value: str, label: str, kind: str, note: str, *, checked: bool) -> str:
    mark, small = " checked" if checked else "", f"<small>{note}</small>" if note else ""
    radio = f'<input type="radio" name="method" class="{kind}" value="{escape(value)}"{mark}>'
    return f'<label class="choice">{radio}<span>{escape(label)}{small}</span></label>'


def _card(counter: Counter) -> str:
    if "card" not in counter.session["payment_method_types"]:
        return ""
    typed, digits = counter.typed, {"inputmode": "numeric", "autocomplete": "off"}
    number = layout.field(
        "Card number",
        "number",
        typed.get("number", ""),
        placeholder="4242 4242 4242 4242",
        **digits,
    )
    pair = layout.field("Expires (MM / YY)", "expiry", typed.get("expiry", ""), **digits)
    pair += layout.field("Security code", "cvc", typed.get("cvc", ""), **digits)
    name = layout.field(
        "Name on card (optional)", "name", typed.get("name", ""), autocomplete="off"
    )
    return (
        f'<fieldset class="card"><legend>Card</legend>{_tests()}{number}'
        f'<div class="pair">{pair}</div>{name}</fieldset>'
    )


def _tests() -> str:
    """One click fills in a test card."""
    buttons = "".join(
        f'<button name="fill" value="{card.number}" formnovalidate>'
        f"<span>•••• {card.last4}</span><small>{card.does.value.capitalize()}{_why(card)}</small>"
        "</button>"
        for card in cards.offered()
    )
    return (
        '<p class="small soft" id="tests">Test cards. Choose one to fill it in.</p>'
        f'<div class="tests" role="group" aria-labelledby="tests">{buttons}</div>'
    )


def _why(card: cards.Card) -> str:
    return ": insufficient funds" if card.decline is cards.POOR else ""


def _save(counter: Counter) -> str:
    if not counter.offers_to_save:
        return ""
    mark = " checked" if "save" in counter.typed else ""
    return (
        f'<label class="choice choices card"><input type="checkbox" name="save" value="1"{mark}>'
        f"<span>Save this card<small>For paying {escape(counter.shop)} next time.</small></span>"
        "</label>"
    )


def _tax_id(counter: Counter) -> str:
    if not counter.session["tax_id_collection"]["enabled"]:
        return ""
    return layout.field(
        "Business tax ID (if you have one)", "tax_id", counter.typed.get("tax_id", "")
    )
