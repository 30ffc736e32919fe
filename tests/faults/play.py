"""Many orders at once: followed to where they rest, and then as time goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from generations import deadlines
from tests.faults.house import FINAL, PRICES, House, Seen, micros, wait_until
from tests.faults.outcomes import Outcome


class Wish(Protocol):
    """One order of a table: whom it troubles, and what must come of it."""

    @property
    def provider(self) -> str: ...

    @property
    def prompt(self) -> str: ...

    @property
    def outcome(self) -> Outcome: ...


W = TypeVar("W", bound=Wish)


@dataclass(frozen=True, slots=True)
class Played:
    """Everything that is known of one order in the end."""

    rested: str  # its state before time went by
    held: bool  # and whether its money was still held there
    end: dict[str, Any]
    movements: list[dict[str, Any]]
    seen: Seen
    elsewhere: Seen  # what providers have of it that were not asked for

    @property
    def code(self) -> str:
        return str((self.end["error"] or {"code": ""})["code"])


def play(house: House, orders: Mapping[W, str], *, within: float) -> dict[W, Played]:
    """What becomes of each order, to its end."""
    outcomes = {order: wish.outcome for wish, order in orders.items()}
    rested = _at_rest(house, outcomes, within=within)
    wait_until(lambda: _is_billed(house.seen(), orders), within=within)
    held = {order for order, moves in house.movements().items() if len(moves) == 1}
    _pass_time(house, outcomes)
    movements, seen = house.movements(), house.seen()
    return {
        wish: Played(
            rested=rested[order],
            held=order in held,
            end=house.customer.look(order),
            movements=movements[order],
            seen=seen[wish.provider, wish.prompt],
            elsewhere=_others(seen, wish),
        )
        for wish, order in orders.items()
    }


def judge(wish: Wish, it: Played) -> None:
    """How it ended, what its customer paid, what its provider has: all as it must be."""
    wanted, price = wish.outcome, PRICES[wish.provider]

    assert (it.end["status"], it.code) == (wanted.ends, wanted.code), it.end["timeline"]
    if wanted.rests:
        assert it.rested in wanted.rests
        assert it.held, "the money is kept for as long as there may be a clip"
    amounts = {"hold": -price, "capture": -price, "release": price}
    moved = [(move["type"], micros(move["amount"])) for move in it.movements]
    assert moved == [(kind, amounts[kind]) for kind in wanted.movements]
    assert micros(it.end["charged"]) == (price if wanted.captured else 0)
    assert it.seen == Seen(wanted.submits, wanted.accepted, wanted.billed * price)
    assert it.elsewhere == Seen(), "what one provider may have is sent to no other"
    if wanted.code:
        assert it.end["error"]["message"] == deadlines.MESSAGES[wanted.code], "in plain words"


def _at_rest(house: House, outcomes: Mapping[str, Outcome], *, within: float) -> dict[str, str]:
    """First those that end by themselves end; by then the others are where they wait."""
    by_rest: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for order, outcome in outcomes.items():
        by_rest[outcome.rests].append(order)
    found: dict[str, str] = {}
    for rests, orders in sorted(by_rest.items()):
        found |= house.follow(orders, until=rests, within=within)
    return found


def _is_billed(seen: Mapping[tuple[str, str], Seen], wishes: Iterable[Wish]) -> bool:
    """Whether the clips of all orders that are going to grow older have been rendered by now."""
    return all(
        seen[one.provider, one.prompt].billed >= one.outcome.billed
        for one in wishes
        if one.outcome.ages
    )


def _pass_time(house: House, outcomes: Mapping[str, Outcome]) -> None:
    """Step by step, for those that have not ended."""
    for step in range(max(len(outcome.ages) for outcome in outcomes.values())):
        due = defaultdict(list)
        for order, state in house.database.states(outcomes).items():
            ages = outcomes[order].ages
            if state not in FINAL and step < len(ages):
                due[ages[step]].append(order)
        for age, orders in due.items():
            house.database.pass_time(orders, age)
        _done_with(house, [order for orders in due.values() for order in orders])
    # One that was in hand when its time passed comes to its end at the next look.
    house.follow(outcomes, within=30)


def _done_with(house: House, orders: Iterable[str]) -> None:
    """Wait until the workers have done what was due, so that each waits again or has ended."""
    late = list(orders)
    wait_until(lambda: not house.database.busy_with(late), within=60)


def _others(seen: Mapping[tuple[str, str], Seen], wish: Wish) -> Seen:
    rest = [has for (name, prompt), has in seen.items() if prompt == wish.prompt]
    mine = seen[wish.provider, wish.prompt]
    return Seen(
        sum(has.submits for has in rest) - mine.submits,
        sum(has.accepted for has in rest) - mine.accepted,
        sum(has.billed for has in rest) - mine.billed,
    )
