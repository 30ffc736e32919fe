"""What a route is, and what its act is given. Acts know nothing of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from billing.sandbox.fields import Fields
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank


@dataclass(frozen=True)
class Call:
    """One request: its parameters, and the id in its path."""

    bank: Bank
    fields: Fields
    id: str = ""


Act = Callable[[Call], Thing]


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    act: Act
