"""Idempotency-Key: the first answer is kept and given again; a key serves one question only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from billing.sandbox.kinds import Thing
from billing.sandbox.refusals import Refusal
from billing.sandbox.store import Store

#: Keys may be forgotten after a day (docs.stripe.com/api/idempotent_requests).
KEPT_SECONDS = 24 * 3600

LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    #: the request that was answered first, when this is its answer once more
    original: str | None = None


def of(thing: Thing, status: int = 200) -> Answer:
    return Answer(status, json.dumps(thing, indent=2))


def of_refusal(refusal: Refusal) -> Answer:
    return of({"error": refusal.error}, refusal.status)


class Answers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, key: str, method: str, path: str, body: str, now: int) -> Answer | None:
        """The kept answer. Raises Refusal when the key was used for something else."""
        if len(key) > LONGEST_KEY:
            told = f"Idempotency keys may not be longer than {LONGEST_KEY} characters."
            raise Refusal(400, told, type="idempotency_error", begun=False)
        row = self._store.row(
            "SELECT * FROM answers WHERE key = ? AND at > ?", key, now - KEPT_SECONDS
        )
        if row is None:
            return None
        if row["question"] != _question(method, path, body):
            raise Refusal(400, _other(key), type="idempotency_error", begun=False)
        return Answer(row["status"], row["body"], row["request"])

    def keep(
        self, key: str, method: str, path: str, body: str, request: str, now: int, answer: Answer
    ) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
            key, _question(method, path, body), answer.status, answer.body, request, now,
        )  # fmt: skip


def in_use(key: str) -> Refusal:
    """Another request with this key is under way."""
    told = f"There is currently another in-progress request using this Idempotent Key ({key})."
    kind, code = "idempotency_error", "idempotency_key_in_use"
    return Refusal(409, told, type=kind, code=code, begun=False)


def _other(key: str) -> str:
    told = "Keys for idempotent requests can only be used with the same parameters they were first"
    return f"{told} used with. Try using a key other than '{key}' if you meant to execute a" + (
        " different request."
    )


def _question(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()
