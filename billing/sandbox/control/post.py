"""Control of events and their deliveries."""

from __future__ import annotations

import json
import random

from billing.sandbox.control.wishes import Wish, bad
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.policy import MODES


async def events(bank: Bank, wish: Wish) -> Thing:
    return {"events": bank.shelf.all("event")}


async def deliveries(bank: Bank, wish: Wish) -> Thing:
    return {"deliveries": bank.deliveries.everything(), "policy": bank.deliveries.policy.now()}


async def requests(bank: Bank, wish: Wish) -> Thing:
    rows = bank.store.rows("SELECT * FROM requests ORDER BY seq")
    told = [{**dict(row), "fields": json.loads(row["fields"])} for row in rows]
    return {"requests": [{**one, "replayed": bool(one["replayed"])} for one in told]}


async def deliver(bank: Bank, wish: Wish) -> Thing:
    """Once more or many times, whatever became of it before."""
    event = bank.shelf.need("event", wish.id)
    times, at_once = wish.integer("times", 1), wish.truth("at_once")
    return {"statuses": await bank.deliveries.again(event, times, at_once=at_once)}


async def policy(bank: Bank, wish: Wish) -> Thing:
    mode = wish.choice("mode", list(MODES), "send")
    return bank.deliveries.policy.set(mode, wish.texts("types"), wish.integer("copies", 1))


async def release(bank: Bank, wish: Wish) -> Thing:
    """Send what was held back, one after the other; the policy stays as it is."""
    held = bank.deliveries.held()
    numbers = [int(row["id"]) for row in held]
    order = wish.values.get("order", "made")
    if isinstance(order, list):
        numbers = [int(row["id"]) for event in order for row in held if row["event"] == event]
    elif order == "reversed":
        numbers.reverse()
    elif order == "shuffled":
        random.shuffle(numbers)
    elif order != "made":
        raise bad("order must be made, reversed, shuffled or a list of events")
    await bank.deliveries.release(numbers)
    return {"released": len(numbers)}
