"""Checkout: the customer tries to pay, perhaps several times; the session completes or expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.sandbox.acts import methods as saved
from billing.sandbox.acts import paying
from billing.sandbox.acts.customers import create as create_customer
from billing.sandbox.cards import Card
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import missing, unexpected
from billing.sandbox.shapes import intent as intents
from billing.sandbox.shapes import method as methods
from billing.sandbox.shapes import session as sessions

#: An intent in one of these has taken the customer's money or is taking it.
TAKEN = {"succeeded", "processing"}


@dataclass(frozen=True)
class Wish:
    """What the customer has filled in: one of a saved card's id, a card, or the bank account."""

    email: str
    name: str | None = None
    tax_id: str | None = None
    saved_card: str | None = None
    card: Card | None = None
    expires: tuple[int, int] | None = None
    save: bool = False


def begin(
    bank: Bank, *, currency: str, items: Sequence[Thing], values: Thing, intent_values: Thing
) -> Thing:
    """A new open session; its page is at `url`."""
    made = sessions.new(bank.now(), currency=currency, items=items, values=values)
    session = {**made, "url": f"{bank.base}/c/pay/{made['id']}"}
    return bank.shelf.put(session, items=list(items), intent=intent_values)


def pay(bank: Bank, session: Thing, wish: Wish) -> Thing:
    """
    One attempt; the intent afterwards, as `paying.confirm` gives it. Raises Refusal when the
    session is not open.
    """
    _must_be_open(session)
    intent = _intent(bank, session, wish)
    method = _method(bank, intent, wish)
    told: Thing = {"email": wish.email, "name": wish.name, "tax_id": wish.tax_id}
    bank.shelf.hide(session["id"], told=told, save=wish.save, saved=bool(wish.saved_card))
    tried = paying.confirm(bank, intent, method, return_url=session["success_url"])
    return _advance(bank, tried)


def confirmed(bank: Bank, intent: Thing, *, approved: bool) -> Thing:
    """The customer has answered their bank's question; of a Checkout payment or of another."""
    if intent["status"] != "requires_action":
        raise unexpected("This payment is no longer waiting.", "payment_intent_unexpected_state")
    if not approved:
        return paying.not_confirmed(bank, intent)
    method = bank.shelf.get(intent["payment_method"])
    return _advance(bank, paying.confirm(bank, intent, method, confirmed=True))


def settle(bank: Bank, intent: Thing, *, succeeded: bool) -> Thing:
    """A payment that took days has ended."""
    ended = paying.settle_later(bank, intent, succeeded=succeeded)
    session = session_of(bank, intent)
    if session is not None and succeeded:
        paid = bank.shelf.save(sessions.paid(session))
        bank.events.record("checkout.session.async_payment_succeeded", paid)
    elif session is not None:
        bank.events.record("checkout.session.async_payment_failed", session)
    return ended


def expire(bank: Bank, session: Thing) -> Thing:
    """Nobody can pay it any more. Raises Refusal when it is not open."""
    if session["status"] != "open":
        told = 'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
        raise unexpected(f"{told} Session has a status of `{session['status']}`.")
    changed = bank.shelf.save(sessions.expired(session))
    intent = bank.shelf.find(session["payment_intent"] or "")
    if intent and intent["status"] in intents.CANCELABLE:
        paying.cancel(bank, intent, "automatic")
    bank.events.record("checkout.session.expired", changed)
    return changed


def expire_due(bank: Bank) -> int:
    """Expire those whose time is over; how many."""
    due = bank.shelf.due("checkout.session", "open", "expires_at", bank.now())
    for session in due:
        with bank.store.transaction():
            expire(bank, session)
    return len(due)


def session_of(bank: Bank, intent: Thing) -> Thing | None:
    """The Checkout session an intent belongs to."""
    return bank.shelf.find(bank.shelf.hidden(intent["id"]).get("session", ""))


def offers_to_save(session: Thing) -> bool:
    """Whether the page has a box for saving the card."""
    options = session["saved_payment_method_options"] or {}
    return options.get("payment_method_save") == "enabled"


def saved_cards(bank: Bank, session: Thing) -> list[Thing]:
    """The customer's cards that this session may show again."""
    if session["customer"] is None:
        return []
    options = session["saved_payment_method_options"] or {}
    shown = options.get("allow_redisplay_filters") or ["always"]
    found = bank.shelf.all("payment_method", customer=session["customer"])
    return [one for one in found if one["type"] == "card" and one["allow_redisplay"] in shown]


def _must_be_open(session: Thing) -> None:
    if session["status"] != "open":
        raise unexpected(f"This Checkout Session is {session['status']}.")


def _intent(bank: Bank, session: Thing, wish: Wish) -> Thing:
    """The session's payment intent; made when the customer first tries, as Stripe does."""
    if session["payment_intent"]:
        return bank.shelf.get(session["payment_intent"])
    hidden = bank.shelf.hidden(session["id"])
    values = {**hidden["intent"], "customer": _customer(bank, session, hidden["intent"], wish)}
    values["payment_method_types"] = session["payment_method_types"]
    made = intents.new(
        bank.now(), amount=session["amount_total"], currency=session["currency"], values=values
    )
    intent = bank.shelf.put(made, session=session["id"])
    bank.shelf.save(sessions.paying(session, intent["id"]))
    bank.events.record("payment_intent.created", intent)
    return intent


def _customer(bank: Bank, session: Thing, intent_values: Thing, wish: Wish) -> str | None:
    if session["customer"]:
        return str(session["customer"])
    if session["customer_creation"] == "always" or intent_values.get("setup_future_usage"):
        return str(create_customer(bank, {"email": wish.email, "name": wish.name})["id"])
    return None


def _method(bank: Bank, intent: Thing, wish: Wish) -> Thing:
    if wish.saved_card and intent["customer"] is None:
        raise missing("PaymentMethod", wish.saved_card, "payment_method")
    if wish.saved_card:
        return saved.theirs(bank, intent["customer"], wish.saved_card, "payment_method")
    billing = methods.billing_details(wish.email, wish.name)
    if wish.card:
        return saved.of_card(bank, wish.card, billing, wish.expires)
    return saved.of_bank_account(bank, billing)


def _advance(bank: Bank, intent: Thing) -> Thing:
    """Complete the session when its money is taken; whatever follows comes after that."""
    session = session_of(bank, intent)
    if intent["status"] in TAKEN and session is not None:
        _keep_card(bank, session, intent)
        _complete(bank, session, intent)
    paying.after(bank, intent)
    return intent


def _keep_card(bank: Bank, session: Thing, intent: Thing) -> None:
    """Saved when the customer ticked the box, or the shop said that it will charge it later."""
    hidden = bank.shelf.hidden(session["id"])
    method = bank.shelf.get(intent["payment_method"])
    ticked = offers_to_save(session) and hidden["save"]
    if hidden["saved"] or intent["customer"] is None:
        return
    if ticked or intent["setup_future_usage"]:
        customer = bank.shelf.get(intent["customer"])
        saved.attach(bank, method, customer, "always" if ticked else "limited")
    else:
        bank.shelf.hide(method["id"], used_up=True)


def _complete(bank: Bank, session: Thing, intent: Thing) -> None:
    told = bank.shelf.hidden(session["id"])["told"]
    details = sessions.customer_details(told["email"], told["name"], told["tax_id"], None)
    paid = intent["status"] == "succeeded"
    done = bank.shelf.save(sessions.complete(session, intent["customer"], details, paid=paid))
    bank.events.record("checkout.session.completed", done)
