"""One attempt to pay an intent, and how it ends."""

from __future__ import annotations

from billing.sandbox import cards
from billing.sandbox.acts import methods as saved
from billing.sandbox.acts.disputing import dispute
from billing.sandbox.cards import Decline, Does
from billing.sandbox.kinds import Thing, new_id
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import unexpected
from billing.sandbox.shapes import balance
from billing.sandbox.shapes import charge as charges
from billing.sandbox.shapes import intent as intents

NOT_CONFIRMED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
)
RETURNED = Decline(
    "payment_method_provider_decline",
    None,
    "The customer's bank returned the debit.",
)


def confirm(
    bank: Bank,
    intent: Thing,
    method: Thing,
    *,
    present: bool = True,
    confirmed: bool = False,
    return_url: str | None = None,
) -> Thing:
    """
    Try to pay with this method; the intent afterwards: succeeded, processing, requires_action, or
    back at requires_payment_method with its `last_payment_error`. Raises Refusal when the intent is
    in no state for it.
    """
    if intent["status"] not in intents.CONFIRMABLE:
        told = (
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}"
        )
        code = "payment_intent_unexpected_state"
        raise unexpected(told, code)
    card = saved.card_of(bank, method)
    if card is None:
        return _wait(bank, intent, method)
    why = cards.verdict(card, present=present, confirmed=confirmed)
    if card.does is Does.ASK and present and not confirmed:
        return _ask(bank, intent, method, return_url)
    if why is not None:
        return _fail(bank, intent, method, _charge(bank, intent, method), why)
    paid = _succeed(bank, intent, method, _charge(bank, intent, method))
    if card.does is Does.DISPUTE:
        bank.shelf.hide(paid["id"], dispute_follows=True)
    return paid


def settle_later(bank: Bank, intent: Thing, *, succeeded: bool) -> Thing:
    """The end of a payment that took days. Raises Refusal when it is not under way."""
    if intent["status"] != "processing":
        raise unexpected("This payment is not processing.", "payment_intent_unexpected_state")
    method = bank.shelf.get(intent["payment_method"])
    charge = bank.shelf.get(intent["latest_charge"])
    if succeeded:
        return _succeed(bank, intent, method, charge)
    return _fail(bank, intent, method, charge, RETURNED)


def not_confirmed(bank: Bank, intent: Thing) -> Thing:
    """The customer did not confirm with their bank."""
    method = bank.shelf.get(intent["payment_method"])
    return _fail(bank, intent, method, None, NOT_CONFIRMED)


def cancel(bank: Bank, intent: Thing, reason: str | None) -> Thing:
    if intent["status"] not in intents.CANCELABLE:
        told = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}"
        raise unexpected(f"{told}.", "payment_intent_unexpected_state")
    changed = bank.shelf.save(intents.canceled(intent, bank.now(), reason))
    bank.events.record("payment_intent.canceled", changed, intent)
    return changed


def after(bank: Bank, intent: Thing) -> None:
    """What follows a payment when everything else about it is told: the dispute of its card."""
    if bank.shelf.hidden(intent["id"]).get("dispute_follows"):
        bank.shelf.hide(intent["id"], dispute_follows=False)
        dispute(bank, bank.shelf.get(intent["latest_charge"]), reason="fraudulent")


def _ask(bank: Bank, intent: Thing, method: Thing, return_url: str | None) -> Thing:
    url = f"{bank.base}/authenticate/{intent['client_secret']}"
    changed = bank.shelf.save(intents.asking(intent, method, url, return_url))
    bank.events.record("payment_intent.requires_action", changed, intent)
    return changed


def _charge(bank: Bank, intent: Thing, method: Thing) -> Thing:
    """A new charge, with the address of its receipt."""
    token = new_id("", 40)
    made = charges.new(bank.now(), intent, method, f"{bank.base}/receipts/{token}")
    bank.shelf.publish(token, made["id"])
    return bank.shelf.put(made)


def _succeed(bank: Bank, intent: Thing, method: Thing, charge: Thing) -> Thing:
    transaction = bank.shelf.put(balance.of_charge(bank.now(), charge))
    paid = bank.shelf.save(charges.succeeded(charge, transaction["id"]))
    changed = bank.shelf.save(intents.succeeded(intent, method, paid))
    bank.events.record("charge.succeeded", paid)
    bank.events.record("payment_intent.succeeded", changed)
    return changed


def _wait(bank: Bank, intent: Thing, method: Thing) -> Thing:
    charge = _charge(bank, intent, method)
    changed = bank.shelf.save(intents.processing(intent, method, charge))
    bank.events.record("charge.pending", charge)
    bank.events.record("payment_intent.processing", changed)
    return changed


def _fail(bank: Bank, intent: Thing, method: Thing, charge: Thing | None, why: Decline) -> Thing:
    refused = bank.shelf.save(charges.failed(charge, why)) if charge else None
    changed = bank.shelf.save(intents.failed(intent, method, refused, why))
    if refused:
        bank.events.record("charge.failed", refused)
    bank.events.record("payment_intent.payment_failed", changed)
    return changed
