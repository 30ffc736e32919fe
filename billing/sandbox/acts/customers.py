"""Customers come, change and go."""

from __future__ import annotations

from billing.sandbox.acts import methods as saved
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.shapes import customer as customers


def create(bank: Bank, values: Thing) -> Thing:
    made = bank.shelf.put(customers.new(bank.now(), values))
    bank.events.record("customer.created", made)
    return made


def update(bank: Bank, customer: Thing, values: Thing) -> Thing:
    """With these values; nothing is told when nothing changes."""
    changed = {**customer, **values}
    if changed == customer:
        return customer
    bank.shelf.save(changed)
    bank.events.record("customer.updated", changed, customer)
    return changed


def delete(bank: Bank, customer: Thing) -> Thing:
    """Gone with all cards; payments remain."""
    for method in bank.shelf.all("payment_method", customer=customer["id"]):
        saved.detach(bank, method)
    whole = bank.shelf.get(customer["id"])
    bank.shelf.remove(customer["id"])
    bank.events.record("customer.deleted", whole)
    return {"id": customer["id"], "object": "customer", "deleted": True}
