"""The customer's bank asks whether it was them."""

from __future__ import annotations

from html import escape

from aiohttp import web

from billing.sandbox.kinds import Thing
from billing.sandbox.money import spoken
from billing.sandbox.pages import layout


def show(shop: str, intent: Thing, method: Thing) -> web.Response:
    amount = escape(spoken(intent["amount"], intent["currency"]))
    return layout.page(
        "Confirm this payment",
        f"""<section class="sheet">
<p class="soft">Your bank asks</p>
<h1>Is this you?</h1>
<dl class="rows">
<div><dt>Shop</dt><dd>{escape(shop)}</dd></div>
<div><dt>Amount</dt><dd>{amount}</dd></div>
<div><dt>Card</dt><dd>•••• {escape(method["card"]["last4"])}</dd></div>
</dl>
<form method="post">
<button class="act" name="answer" value="yes">Yes, pay {amount}</button>
<button name="answer" value="no">No, do not pay</button>
</form>
</section>""",
    )


def over(intent: Thing, back: str | None) -> web.Response:
    """Nothing is waiting for an answer any more."""
    ended = "It is paid." if intent["status"] == "succeeded" else "Nothing was charged."
    return layout.message("Nothing to confirm", ended, layout.link(back, "Go on"))
