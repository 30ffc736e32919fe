"""
Faults of the API, set by the control endpoint for the next n requests.

`before`: nothing was done; `after`: it was done, and only the answer is lost. A `sticky` 500 is
remembered under the request's Idempotency-Key, as Stripe remembers its own 500s.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from billing.sandbox.kinds import Thing
from billing.sandbox.store import Store

EFFECTS = ("500", "503", "429", "hang", "cut", "slow")
MOMENTS = ("before", "after")


@dataclass(frozen=True)
class Fault:
    effect: str
    moment: str = "before"
    times: int = 1
    #: empty: any
    method: str = ""
    #: what the path begins with
    path: str = ""
    #: how long `hang` and `slow` wait
    seconds: float = 60.0
    sticky: bool = False


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, fault: Fault) -> None:
        values = asdict(fault)
        marks = ", ".join("?" for _ in values)
        names = ", ".join(values)
        self._store.insert(f"INSERT INTO faults ({names}) VALUES ({marks})", *values.values())

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for this request, which uses it up once."""
        row = self._store.row(
            "SELECT * FROM faults WHERE times > 0 AND (method = '' OR method = ?)"
            " AND substr(?, 1, length(path)) = path ORDER BY id LIMIT 1",
            method, path,
        )  # fmt: skip
        if row is None:
            return None
        self._store.run("UPDATE faults SET times = times - 1 WHERE id = ?", row["id"])
        values = {name: row[name] for name in Fault.__dataclass_fields__}
        return Fault(**{**values, "sticky": bool(values["sticky"])})

    def waiting(self) -> list[Thing]:
        """Faults that are not used up."""
        return [dict(row) for row in self._store.rows("SELECT * FROM faults WHERE times > 0")]

    def clear(self) -> None:
        self._store.run("DELETE FROM faults")


def answer(effect: str) -> tuple[int, str]:
    """Status and body of an error Stripe would give for reasons of its own."""
    status = int(effect)
    error = {"type": "api_error", "message": "An unknown error occurred. This is the sandbox."}
    if status == 429:
        told = "Request rate limit exceeded. Learn more about rate limits: "
        error = {
            "type": "invalid_request_error",
            "code": "rate_limit",
            "message": f"{told}https://stripe.com/docs/rate-limits.",
        }
    return status, json.dumps({"error": error})
