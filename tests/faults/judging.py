"""
How orders may end that were under way when something died: each is charged once or not at all,
none is sent twice, and the money of those that nobody can tell anything about is held until the
deadline.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from tests.faults.house import FINAL, PRICES, House, Order, Seen
from tests.faults.outcomes import UNKNOWN_WITH_LOOKUP

#: Who can be asked by our own name for a job, whatever was lost.
ASKED = ("cloudflare", "runware")
#: Who calls, once or twice, and never again.
CALLING = ("minimax", "pixazo")


@dataclass(frozen=True, slots=True)
class End:
    """What became of one order."""

    order: Order
    rested: str  # its state before time went by
    end: dict[str, Any]
    movements: list[str]
    seen: Seen

    @property
    def code(self) -> str:
        return str((self.end["error"] or {"code": ""})["code"])


def ends(house: House, orders: Collection[Order], *, within: float) -> dict[Order, End]:
    """
    All of them, once each has ended, be it because nobody could tell what became of it.

    Fails where one is still unknown that somebody could be asked about.
    """
    deadline = time.monotonic() + within
    while restless := _restless(house, orders):
        states = house.database.states([order.id for order in restless])
        assert time.monotonic() < deadline, f"not there in time: {restless}, {states}"
        time.sleep(0.5)
    rested = house.database.states([order.id for order in orders])
    unknown = [id for id, state in rested.items() if state not in FINAL]
    house.database.pass_time(unknown, UNKNOWN_WITH_LOOKUP)
    house.follow(unknown, within=60)
    movements, seen = house.movements(), house.seen()
    return {
        order: End(
            order,
            rested[order.id],
            house.customer.look(order.id),
            [move["type"] for move in movements[order.id]],
            seen[order.provider, order.prompt],
        )
        for order in orders
    }


def judge(end: End) -> None:
    """One order, by itself."""
    price, sends = PRICES[end.order.provider], end.seen
    assert sends.accepted <= 1, "two paid jobs for one order"
    assert sends.submits <= 1 or end.order.provider == "runware", "sent twice"
    if end.end["status"] == "succeeded":
        assert end.movements == ["hold", "capture"]
        assert (sends.accepted, sends.billed) == (1, price)
    else:
        assert (end.rested, end.code) == ("unknown", "outcome_unknown"), end.end["timeline"]
        assert end.movements == ["hold", "release"]
        assert end.order.provider not in ASKED or not sends.accepted, "it could have been found"


def judge_together(house: House, found: Mapping[Order, End]) -> None:
    """All of them: who calls was unheard only as often as its calls did not arrive."""
    counters = house.counters()
    for name in CALLING:
        missed = counters.get(f"{name}.webhooks_given_up", 0)
        missed += counters.get(f"{name}.challenges_failed", 0)
        unheard = [
            end
            for end in found.values()
            if end.order.provider == name and end.rested == "unknown" and end.seen.accepted
        ]
        assert len(unheard) <= missed
    assert house.customer.wallet()["held"] == "0.00"


def _restless(house: House, orders: Collection[Order]) -> list[Order]:
    """Those that have not ended although somebody knows how they do."""
    with suppress(psycopg.OperationalError, httpx.HTTPError):  # they may be among the victims
        waiting = [order for order in orders if order.id in house.database.unfinished()]
        idle, jobs = house.database.idle(), house.jobs()
        return [
            order
            for order in waiting
            if not (order.id in idle and _is_lost(order, [j for j in jobs if _is_of(order, j)]))
        ]
    return list(orders)


def _is_of(order: Order, job: Mapping[str, Any]) -> bool:
    return (job["provider"], job["prompt"]) == (order.provider, order.prompt)


def _is_lost(order: Order, jobs: Collection[Mapping[str, Any]]) -> bool:
    """Whether nobody can tell us any more what became of an unclear submission."""
    taken = [job for job in jobs if job["state"] != "refused"]
    if order.provider == "runware" or (order.provider in ASKED and taken):
        return False
    return all(job["state"] != "rendering" for job in taken)
