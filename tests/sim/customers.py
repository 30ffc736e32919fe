"""What customers do, over the API: ask for a price, order, ask again, cancel, look, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts import ids
from tests.sim.processes import Process
from tests.sim.world import SKUS, Broken, Order, Shop, World

PATH = "/api/v1/generations"
#: What an order may be answered.
ANSWERS = {202, 402, 409, 422}


def order(world: World) -> None:
    """Some clips, with or without a quote, by whoever or by one provider alone."""
    chance = world.chance
    resolution, duration = chance.choice(SKUS)
    wish: dict[str, Any] = {
        "model": "hailuo-2.3",
        "prompt": f"Scene {len(world.orders)}, {chance.choice(['a red kite', 'rain at night'])}",
        "resolution": resolution,
        "duration": duration,
        "count": chance.choice([1, 1, 1, 1, 1, 1, 2, 3]),
        "policy": chance.choice(["cheapest", "cheapest", "fastest", "most_reliable"]),
    }
    if chance.random() < 0.2:
        wish["provider"] = chance.choice(list(world.companies))
    if chance.random() < 0.1:
        wish["max_price"] = chance.choice(["0.28", "0.35", "1.00"])
    shop = chance.choice(world.shops)
    if chance.random() < 0.3:
        _quoted(world, shop, wish)
    else:
        _order(world, shop, wish)


def ask_again(world: World) -> None:
    """The same key with the same body, or with another one."""
    if not world.orders:
        return
    known = world.chance.choice(world.orders)
    if world.chance.random() < 0.8:
        _send(world, known)
    else:
        _send_another(world, known)


def cancel(world: World) -> None:
    if one := _one(world):
        shop, id = one
        path = f"{PATH}/{ids.public('gen', id)}/cancel"

        def answered(answer: HttpResponse) -> None:
            world.say(f"cancel {world.label(id)}: {answer.status_code}")
            if answer.status_code == 200 and answer.json()["status"] != "canceled":
                raise Broken("a cancellation was confirmed and is none")

        _ask(world, shop, "POST", path, answered)


def look(world: World) -> None:
    """At one's own, or in vain at another's."""
    if one := _one(world):
        shop, id = one
        asker = world.chance.choice(world.shops)
        expected = 200 if asker is shop else 404

        def answered(answer: HttpResponse) -> None:
            if answer.status_code not in (expected, 404):
                raise Broken(f"looking at a generation is answered {answer.status_code}")

        _ask(world, asker, "GET", f"{PATH}/{ids.public('gen', id)}", answered)


def delete(world: World) -> None:
    if one := _one(world):
        shop, id = one
        path = f"{PATH}/{ids.public('gen', id)}"
        _ask(world, shop, "DELETE", path, lambda answer: None)


def settle_questions(world: World) -> None:
    """Whoever never got an answer asks until there is one, to another body under its key too."""
    for known in world.orders:
        for _ in range(4):
            if known.another_is_open:
                _send_another(world, known)
            if not known.status:
                _send(world, known)


def _quoted(world: World, shop: Shop, wish: dict[str, Any]) -> None:
    """A quote first; the order follows at once, or too late, or with something else."""

    def answered(answer: HttpResponse) -> None:
        world.say(f"quote: {answer.status_code}")
        if answer.status_code == 201:
            if world.chance.random() < 0.2:
                world.pass_time(world.chance.choice([5, 200, 1000]))
            _order(world, shop, wish | {"quote": answer.json()["id"]})

    _ask(world, shop, "POST", "/api/v1/quotes", answered, Order(shop, "", wish))


def _order(world: World, shop: Shop, wish: dict[str, Any]) -> None:
    new = Order(shop, f"order-{len(world.orders)}", wish)
    world.orders.append(new)
    _send(world, new)


def _send(world: World, new: Order) -> None:
    if new.status != 202:  # what was refused before may be taken now, and nobody hears of it
        new.status = 0
    _ask(world, new.shop, "POST", PATH, partial(_answered, world, new), new)


def _send_another(world: World, known: Order) -> None:
    known.another_is_open = True
    prompt = f"{known.body['prompt']}, or something else"
    other = Order(known.shop, known.key, known.body | {"prompt": prompt})
    _ask(world, other.shop, "POST", PATH, partial(_refused, world, known, other), other)


def _answered(world: World, known: Order, answer: HttpResponse) -> None:
    """Asking twice makes nothing twice, and what was made once is made for ever."""
    world.say(f"{known.key}: {answer.status_code} {_word(answer)}")
    world.seen[f"order: {answer.status_code} {_word(answer)}"] += 1
    if _uncounted(answer):
        return
    if answer.status_code not in ANSWERS:
        raise Broken(f"an order is answered {answer.status_code}: {answer.content[:300]!r}")
    if answer.status_code == 202:
        made = _made(answer)
        if known.ids not in ((), made):
            raise Broken(f"{known.key} was answered {known.ids} before, now {made}")
        known.status, known.ids = 202, made
        world.say(f"{known.key} is {', '.join(world.label(id) for id in made)}")
    elif known.ids:
        raise Broken(f"{known.key} was taken, and is answered {answer.status_code} now")
    elif _word(answer) != "idempotency_in_flight":
        known.status = answer.status_code


def _refused(world: World, known: Order, other: Order, answer: HttpResponse) -> None:
    """Another body under a key that was used."""
    known.another_is_open = False
    if known.ids and answer.status_code not in (409, 422) and not _uncounted(answer):
        raise Broken(f"{known.key} with another body is answered {answer.status_code}")
    if answer.status_code == 202:  # the first one had been refused, so the key was free
        known.body = other.body
        _answered(world, known, answer)


def _ask(
    world: World,
    shop: Shop,
    method: str,
    path: str,
    answered: Callable[[HttpResponse], None],
    order: Order | None = None,
) -> None:
    """`answered` is called when the answer is there; never where the process dies."""
    headers = {"authorization": f"Bearer {shop.key}"}
    if order and order.key:
        headers["idempotency-key"] = order.key

    def ask() -> HttpResponse:
        client = Client(raise_request_exception=False)
        body = json.dumps(order.body) if order else ""
        return client.generic(method, path, body, "application/json", headers=headers)

    def then(process: Process) -> None:
        assert isinstance(process.result, HttpResponse)
        if process.result.status_code >= 500 and not _uncounted(process.result):
            raise Broken(f"{method} {path} is answered {process.result.status_code}")
        answered(process.result)

    world.start("web", ask, then=then)


def _uncounted(answer: HttpResponse) -> bool:
    """Without Redis no order is taken."""
    return answer.status_code == 503 and "not counted" in answer.json()["detail"]


def _one(world: World) -> tuple[Shop, Any] | None:
    known = [(order.shop, id) for order in world.orders for id in order.ids]
    return world.chance.choice(known) if known else None


def _made(answer: HttpResponse) -> tuple[Any, ...]:
    said = answer.json()
    return tuple(ids.private("gen", one["id"]) for one in said.get("data", [said]))


def _word(answer: HttpResponse) -> str:
    return str(answer.json().get("code", ""))
