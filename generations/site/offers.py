"""What the order button says: a price, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from generations import connect, routing
from generations.forms import OrderForm
from generations.spec import InvalidSpec, checked


@dataclass(frozen=True, slots=True)
class Offer:
    """The price of a wish that may be unfinished. Amounts are micro-dollars, `unit` is a clip."""

    count: int
    available: int
    unit: int | None = None
    problem: str = ""

    @property
    def total(self) -> int:
        return (self.unit or 0) * self.count

    @property
    def missing(self) -> int:
        """How much the wallet lacks for it."""
        return max(0, self.total - self.available)


def of(form: OrderForm, *, available: int, now: datetime) -> Offer:
    """For what was chosen so far, with the defaults for the rest."""
    spec, count = form.draft()
    try:
        checked(spec, providers=connect.names(), need_prompt=False)
    except InvalidSpec as invalid:
        return Offer(count, available, problem=invalid.faults[0].message)
    found = routing.routes(spec, at=now)
    if not found:
        problem = "Nobody sells this at the moment. Change the size, the model or the provider."
        return Offer(count, available, problem=problem)
    return Offer(count, available, unit=found[0].price)
