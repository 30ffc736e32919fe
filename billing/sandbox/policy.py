"""What happens to new deliveries: sent, held back until released, or dropped; once or several."""

from __future__ import annotations

import json

from billing.sandbox.kinds import Thing
from billing.sandbox.store import Store

#: what the policy says → the state a delivery begins in
MODES = {"send": "owed", "hold": "held", "drop": "dropped"}

_NOTE = "deliveries.policy"


class Policy:
    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, mode: str, types: list[str], copies: int) -> Thing:
        """From now on; no types means all."""
        policy: Thing = {"mode": mode, "types": types, "copies": copies}
        self._store.set_note(_NOTE, json.dumps(policy))
        return policy

    def about(self, type: str) -> tuple[str, int]:
        """The first state of a delivery of this type, and how many of it."""
        policy = self.now()
        if policy["types"] and type not in policy["types"]:
            return "owed", 1
        return MODES[policy["mode"]], policy["copies"]

    def now(self) -> Thing:
        found = self._store.note(_NOTE)
        policy: Thing = json.loads(found) if found else {"mode": "send", "types": [], "copies": 1}
        return policy
