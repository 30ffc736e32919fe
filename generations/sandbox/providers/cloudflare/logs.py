"""
What the gateway remembers of every call: one row when the call has ended, and what was said in it.

Rows have the fields of the published SDK (cloudflare 5.9.0, types/ai_gateway/log_list_response.py
and log_get_response.py). A call that is still open is not in the logs, and one may never be.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from generations.sandbox import knobs
from generations.sandbox.identifiers import ulid
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.cloudflare.question import Question
from generations.sandbox.providers.single import Order
from generations.sandbox.records import Job
from generations.sandbox.store import Store

#: The first five tags are kept, the rest is dropped without a word.
MOST_TAGS = 5

#: So much of a request or an answer is shown with its row.
HEAD = 1000

Headers = Mapping[str, str]


class Logs:
    def __init__(self, store: Store) -> None:
        self._store = store

    # Writing

    def begin(self, order: Order, job: Job, *, step: int = 0, lost: bool = False) -> None:
        """
        A call has reached the model, as this job.

        :param lost: its answer will not reach the gateway, which will try again.
        """
        row = _row(order, {"step": step, "status_code": 504 if lost else 200})
        self._insert(order, row, job.uuid)

    def note(self, order: Order, answer: Body, *, status: int, job: Job | None = None) -> str:
        """A call that ended at once: refused, or answered from the cache with this job's result."""
        cached = job is not None
        ending = {"status_code": status, "success": cached, "cached": cached, "cost": 0}
        row = _row(order, {**ending, "duration": 1})
        self._insert(order, row, None)
        self._show(row, answer)
        return str(row["id"])

    def end(self, job: Job, answer: Body, *, success: bool, cost: float | None) -> None:
        """The call of a job has ended like this; the second ending of a call is none."""
        found = self._store.row("SELECT row, response FROM calls WHERE job = ?", job.uuid)
        if found is None or found["response"] is not None:
            return
        row = json.loads(found["row"])
        began = datetime.fromisoformat(row["created_at"]).timestamp()
        lost = row["status_code"] != 200
        row |= {"duration": round((time.time() - began) * 1000), "cost": cost}
        row["success"] = success and not lost
        self._show(row, None if lost else answer)

    # Reading

    def rows(self, account: str, gateway: str, question: Question) -> list[Body]:
        """The rows that are wanted, of all pages."""
        query = "SELECT row FROM calls WHERE account = ? AND gateway = ? AND seen_from <= ?"
        found = self._store.rows(query, account, gateway, time.time())
        return question.matches([json.loads(row["row"]) for row in found])

    def one(self, account: str, gateway: str, number: str) -> Body | None:
        """One row with the beginnings of what was sent and said."""
        found = self._seen(account, gateway, number)
        if found is None:
            return None
        kept = bool(found["payload"])
        request, response = found["request"], found["response"]
        heads = {**_head("request", request), **_head("response", response)} if kept else {}
        return {**json.loads(found["row"]), **heads}

    def payload(self, account: str, gateway: str, number: str, side: str) -> Body | None:
        """The whole `request` or `response` of a call, if it was kept."""
        found = self._seen(account, gateway, number)
        if found is None or not found["payload"]:
            return None
        content = json.loads(found[side] or "null")
        return content if isinstance(content, dict) else None

    def job_of(self, number: str) -> str | None:
        """The job that a row belongs to."""
        found = self._store.row("SELECT job FROM calls WHERE id = ?", number)
        return found["job"] if found else None

    def id_of(self, job: Job) -> str | None:
        """The row that belongs to a job."""
        found = self._store.row("SELECT id FROM calls WHERE job = ?", job.uuid)
        return found["id"] if found else None

    def same(self, order: Order) -> list[str]:
        """The jobs of calls exactly like this one, newest first; tags make no difference."""
        account, gateway = where(order)
        rows = self._store.rows(
            "SELECT job FROM calls WHERE account = ? AND gateway = ? AND request = ?"
            " AND job IS NOT NULL ORDER BY id DESC",
            account, gateway, _text(order.body),
        )  # fmt: skip
        return [row["job"] for row in rows]

    # The table

    def _seen(self, account: str, gateway: str, number: str) -> sqlite3.Row | None:
        return self._store.row(
            "SELECT * FROM calls WHERE id = ? AND account = ? AND gateway = ? AND seen_from <= ?",
            number, account, gateway, time.time(),
        )  # fmt: skip

    def _insert(self, order: Order, row: Body, job: str | None) -> None:
        account, gateway = where(order)
        kept = order.headers.get("cf-aig-collect-log-payload") != "false"
        self._store.run(
            "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, NULL)",
            row["id"], account, gateway, job, json.dumps(row), _text(order.body),
            kept and "log-no-payload" not in order.knobs, _lag(order),
        )  # fmt: skip

    def _show(self, row: Body, answer: Body | None) -> None:
        """From now on, or a while later, the row can be found; without a lag it never can."""
        self._store.run(
            "UPDATE calls SET row = ?, response = ?, seen_from = ? + lag WHERE id = ?",
            json.dumps(row), json.dumps(answer), time.time(), row["id"],
        )  # fmt: skip


def where(order: Order) -> tuple[str, str]:
    """Account and gateway; an account has a gateway of its own by default."""
    return order.form, order.headers.get("cf-aig-gateway-id", "default")


def _row(order: Order, more: Body) -> Body:
    provider = str(order.body.get("model", "")).partition("/")[0]
    tags = _tags(order.headers)
    as_object = "metadata-object" in order.knobs
    return {
        "id": ulid(),
        "created_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "cached": False,
        "duration": 0,
        "model": order.body.get("model", ""),
        "path": "ai/run",
        "provider": provider,
        "success": False,
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": None,
        "custom_cost": False,
        "metadata": tags if as_object or tags is None else json.dumps(tags),
        "model_type": "Text-to-Video",
        "request_content_type": "application/json",
        "request_type": "",
        "response_content_type": "application/json",
        "step": 0,
        **more,
    }


def _tags(headers: Headers) -> Body | None:
    """The metadata of a call. One null or object among them, and all of them are lost."""
    try:
        tags = json.loads(headers.get("cf-aig-metadata", "null"))
    except ValueError:
        return None
    if not isinstance(tags, dict):
        return None
    if not all(isinstance(value, str | int | float) for value in tags.values()):
        return None
    return dict(list(tags.items())[:MOST_TAGS])


def _lag(order: Order) -> float | None:
    """Seconds after which a call that has ended is in the logs; None is never."""
    hidden = order.headers.get("cf-aig-collect-log") == "false" or "log-never" in order.knobs
    return None if hidden else knobs.number(order.knobs, "log-lag") or 0.0


def _head(side: str, text: str | None) -> Body:
    content = text or ""
    return {
        f"{side}_head": content[:HEAD],
        f"{side}_head_complete": len(content) <= HEAD,
        f"{side}_size": len(content),
    }


def _text(body: Body) -> str:
    """A request as the cache compares it."""
    return json.dumps(body, sort_keys=True)
