"""Payment methods: made from a card, attached to a customer, detached, the default."""

from __future__ import annotations

from billing.sandbox import cards
from billing.sandbox.cards import Card
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import missing, unexpected
from billing.sandbox.shapes import customer as customers
from billing.sandbox.shapes import method as methods


def of_card(
    bank: Bank, card: Card, billing: Thing, expires: tuple[int, int] | None = None
) -> Thing:
    """A new payment method of this test card."""
    made = methods.card(bank.now(), card, billing, expires)
    return bank.shelf.put(made, number=card.number)


def of_bank_account(bank: Bank, billing: Thing) -> Thing:
    return bank.shelf.put(methods.bank_account(bank.now(), billing))


def named(bank: Bank, id: str, param: str) -> Thing:
    """
    The payment method a request names; `pm_card_visa` and its like make a new one.
    Raises Refusal when there is none.
    """
    card = cards.by_alias(id)
    if card:
        return of_card(bank, card, methods.billing_details())
    return bank.shelf.need("payment_method", id, param)


def card_of(bank: Bank, method: Thing) -> Card | None:
    """How the card behind a payment method behaves; None for a bank account."""
    return cards.by_number(bank.shelf.hidden(method["id"]).get("number", ""))


def attach(bank: Bank, method: Thing, customer: Thing, redisplay: str | None = None) -> Thing:
    """Save it with the customer. Raises Refusal when it belongs to somebody else."""
    if method["customer"] not in (None, customer["id"]):
        told = "The payment method you provided has already been attached to a customer."
        raise unexpected(told, "payment_method_already_attached")
    if bank.shelf.hidden(method["id"]).get("used_up"):
        told = "This PaymentMethod was previously used without being attached to a Customer or was"
        raise unexpected(f"{told} detached from a Customer, and may not be used again.")
    fresh = method["customer"] is None
    changed = bank.shelf.save(methods.attached(method, customer["id"], redisplay))
    if fresh:
        bank.events.record("payment_method.attached", changed)
    return changed


def detach(bank: Bank, method: Thing) -> Thing:
    """Take it away for good; if it was the customer's default, there is none."""
    if method["customer"] is None:
        told = "The payment method you provided is not attached to a customer so detachment is"
        raise unexpected(f"{told} impossible.")
    customer = bank.shelf.get(method["customer"])
    changed = bank.shelf.save(methods.detached(method))
    bank.shelf.hide(method["id"], used_up=True)
    bank.events.record("payment_method.detached", changed, method)
    if customers.default_card(customer) == method["id"]:
        make_default(bank, customer, None)
    return changed


def make_default(bank: Bank, customer: Thing, method: str | None) -> Thing:
    """Raises Refusal when the method is not this customer's."""
    if method is not None:
        theirs(bank, customer["id"], method, "invoice_settings[default_payment_method]")
    changed = bank.shelf.save(customers.with_default_card(customer, method))
    bank.events.record("customer.updated", changed, customer)
    return changed


def theirs(bank: Bank, customer: str, method: str, param: str) -> Thing:
    """The customer's own payment method. Raises Refusal when it is not theirs."""
    found = bank.shelf.need("payment_method", method, param)
    if found["customer"] != customer:
        told = f"The customer does not have a payment method with the ID {method}."
        raise unexpected(
            f"{told} The payment method must be attached to the customer.",
            "resource_missing",
            param,
        )
    return found


def usable(bank: Bank, method: Thing, customer: str | None, param: str) -> None:
    """Raise Refusal when this customer may not pay with this method."""
    if method["customer"] not in (None, customer):
        raise missing("PaymentMethod", method["id"], param)
    if bank.shelf.hidden(method["id"]).get("used_up"):
        told = "The provided PaymentMethod was previously used with a PaymentIntent without"
        raise unexpected(f"{told} Customer attachment, and may not be used again.", param=param)
