"""Control of payments: what the dashboard, the customer's bank and time would do."""

from __future__ import annotations

from billing.sandbox import cards
from billing.sandbox.acts import checkout, disputing, refunding
from billing.sandbox.control.wishes import Wish, bad
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import missing, unexpected
from billing.sandbox.shapes.dispute import REASONS


async def payments(bank: Bank, wish: Wish) -> Thing:
    return {"payments": [_told(bank, one) for one in bank.shelf.all("payment_intent")]}


async def counters(bank: Bank, wish: Wish) -> Thing:
    """Cents and counts, added up from the objects themselves."""
    charged = bank.shelf.all("charge")
    refunded = [one for one in bank.shelf.all("refund") if one["status"] == "succeeded"]
    disputed = bank.shelf.all("dispute")
    withdrawn = [one for one in disputed if one["status"] != "won"]
    return {
        "amount_received": sum(one["amount_captured"] for one in charged),
        "amount_refunded": sum(one["amount"] for one in refunded),
        "amount_disputed": sum(one["amount"] for one in withdrawn),
        "charges_made": sum(one["paid"] for one in charged),
        "charges_failed": sum(one["status"] == "failed" for one in charged),
        "disputes": len(disputed),
        "refunds": len(refunded),
        "sessions": len(bank.shelf.all("checkout.session")),
        "customers": len(bank.shelf.all("customer")),
        **_counts(bank, "requests", "requests"),
        **_counts(bank, "deliveries", "deliveries"),
    }


async def pay(bank: Bank, wish: Wish) -> Thing:
    """As the customer would on the page; a question of their bank is answered with `approve`."""
    session = bank.shelf.need("checkout.session", wish.id)
    card = None if wish.truth("bank") else cards.by_number(wish.text("number", "4242424242424242"))
    if card is None and not wish.truth("bank"):
        raise bad("number must be one of the test cards")
    email = wish.text("email", session["customer_email"] or "customer@example.com")
    paid = checkout.Wish(email=email, card=card, save=wish.truth("save"))
    with bank.store.transaction():
        intent = checkout.pay(bank, session, paid)
        if intent["status"] == "requires_action":
            intent = checkout.confirmed(bank, intent, approved=wish.truth("approve", True))
    return intent


async def expire(bank: Bank, wish: Wish) -> Thing:
    with bank.store.transaction():
        return checkout.expire(bank, bank.shelf.need("checkout.session", wish.id))


async def refund(bank: Bank, wish: Wish) -> Thing:
    with bank.store.transaction():
        return refunding.refund(bank, _charge(bank, wish.id), cents=wish.cents("amount"))


async def fail_refund(bank: Bank, wish: Wish) -> Thing:
    with bank.store.transaction():
        return refunding.fail(bank, bank.shelf.need("refund", wish.id))


async def dispute(bank: Bank, wish: Wish) -> Thing:
    reason = wish.choice("reason", sorted(REASONS), "fraudulent")
    with bank.store.transaction():
        charge = _charge(bank, wish.id)
        return disputing.dispute(bank, charge, reason=reason, cents=wish.cents("amount"))


async def win(bank: Bank, wish: Wish) -> Thing:
    with bank.store.transaction():
        return disputing.win(bank, bank.shelf.need("dispute", wish.id))


async def lose(bank: Bank, wish: Wish) -> Thing:
    with bank.store.transaction():
        return disputing.lose(bank, bank.shelf.need("dispute", wish.id))


async def finish(bank: Bank, wish: Wish) -> Thing:
    succeeded = wish.choice("outcome", ("succeeded", "failed"), "succeeded") == "succeeded"
    with bank.store.transaction():
        return checkout.settle(bank, _intent(bank, wish.id), succeeded=succeeded)


def _intent(bank: Bank, id: str) -> Thing:
    """The payment that is named by its intent, session or charge."""
    found = bank.shelf.find(id)
    if found is not None and found["object"] != "payment_intent":
        found = bank.shelf.find(found.get("payment_intent") or "")
    if found is None:
        raise missing("payment", id, "id")
    return found


def _charge(bank: Bank, id: str) -> Thing:
    intent = _intent(bank, id)
    if intent["latest_charge"] is None:
        raise unexpected("This payment has no charge.")
    return bank.shelf.get(intent["latest_charge"])


def _told(bank: Bank, intent: Thing) -> Thing:
    charge = bank.shelf.find(intent["latest_charge"] or "")
    disputes = bank.shelf.all("dispute", payment_intent=intent["id"])
    session = checkout.session_of(bank, intent)
    named = ("id", "status", "amount", "amount_received", "currency", "customer", "metadata")
    return {
        **{name: intent[name] for name in named},
        "charge": charge["id"] if charge else None,
        "amount_refunded": charge["amount_refunded"] if charge else 0,
        "dispute": disputes[-1]["id"] if disputes else None,
        "dispute_status": disputes[-1]["status"] if disputes else None,
        "session": session["id"] if session else None,
        "session_status": session["status"] if session else None,
    }


def _counts(bank: Bank, name: str, table: str) -> Thing:
    row = bank.store.row(f"SELECT count(*) AS n FROM {table}")
    return {name: row["n"] if row else 0}
