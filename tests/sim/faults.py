"""What may go wrong between us and a company: each fault with its weight among the others."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.sim.network import Reply

PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"

#: The order is not taken, and nobody can think it was.
NOT_TAKEN = {
    "429": 3,
    "429 and wait": 2,
    "503": 2,
    "moderated": 1,
    "invalid": 1,
    "model away": 3,
}
#: The order is not taken, and nobody can know.
PERHAPS_NOT_TAKEN = {
    "500 page": 2,
    "cut": 2,
    "reset": 1,
}
#: The order is taken, and its answer says too little.
TAKEN = {
    "cut": 3,
    "reset": 2,
    "half": 2,
    "500 page": 2,
    "504 page": 1,
    "silence": 1,
    "page": 1,
    "odd": 1,
    "nameless": 1,
    "misnamed": 1,
    "slow": 4,
}
#: A question is not answered, or not truly.
ASKED = {
    "429": 2,
    "500 page": 3,
    "cut": 2,
    "half": 1,
    "silence": 1,
    "page": 1,
    "odd": 1,
    "odd word": 2,
    "forgotten": 2,
    "left out": 1,
    "misnamed": 1,
    "slow": 3,
}
#: A file that does not come home; how often is up to the job.
FILES = {
    "gone": 3,
    "500": 3,
    "short": 2,
    "page": 2,
    "wrong length": 1,
    "half a clip": 2,
    "empty": 1,
    "closed": 1,
    "inside": 1,
}


def one(chance: random.Random, faults: Mapping[str, int]) -> str:
    return chance.choices(list(faults), list(faults.values()))[0]


def told(status: int, body: object, **headers: str) -> Reply:
    content = json.dumps(body).encode()
    return Reply(status, content, {"Content-Type": "application/json", **headers})


def said(reply: Reply) -> dict[str, object]:
    """The true answer, to be changed."""
    found: dict[str, object] = json.loads(reply.body)
    return found


def refusal(fault: str, chance: random.Random) -> Reply:
    """How a company says no."""
    if fault == "429 and wait":
        wait = str(chance.choice([1, 5, 20, 60, 600]))
        return told(429, {"error": "slow down"}, **{"Retry-After": wait})
    status, word = {
        "429": (429, "slow down"),
        "503": (503, "overloaded"),
        "moderated": (400, "moderation"),
        "invalid": (422, "invalid"),
        "model away": (503, "model"),
    }[fault]
    return told(status, {"error": word})


def spoiled(fault: str, reply: Reply, chance: random.Random) -> Reply:
    """The true answer, as it arrives."""
    return SPOIL[fault](reply, chance)


def _cut(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, arrives=0.0, after=_earlier(reply, chance))


def _reset(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, arrives=0.0, is_reset=True, after=_earlier(reply, chance))


def _half(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, arrives=chance.uniform(0.1, 0.95), is_reset=chance.random() < 0.5)


def _page(status: int) -> Callable[[Reply, random.Random], Reply]:
    def page(reply: Reply, chance: random.Random) -> Reply:
        return Reply(status, PAGE, {"Content-Type": "text/html"}, after=_earlier(reply, chance))

    return page


def _slow(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, after=(reply.after or 0) + chance.choice([0.5, 3, 9, 14, 40, 58]))


def _silent(reply: Reply, chance: random.Random) -> Reply:
    return replace(reply, after=None)


def _odd(reply: Reply, chance: random.Random) -> Reply:
    """JSON of the wrong shapes."""
    shapes: list[object] = [None, [], {}, 17, {"id": {"a": 1}, "state": ["done"], "jobs": 3}, "?"]
    return replace(reply, body=json.dumps(chance.choice(shapes)).encode())


def _changed(**changes: object) -> Callable[[Reply, random.Random], Reply]:
    """In the answer, or in each of its entries."""

    def change(reply: Reply, chance: random.Random) -> Reply:
        if reply.status >= 300:
            return reply
        whole = said(reply)
        entries = whole.get("jobs")
        changed = [entry | changes for entry in entries] if isinstance(entries, list) else []
        answer = whole | {"jobs": changed} if changed else whole | changes
        return replace(reply, body=json.dumps(answer).encode())

    return change


def _left_out(reply: Reply, chance: random.Random) -> Reply:
    if not isinstance(said(reply).get("jobs"), list):
        return reply
    return replace(reply, body=json.dumps({"jobs": []}).encode())


def _earlier(reply: Reply, chance: random.Random) -> float | None:
    """A connection may break at any moment of a long wait."""
    return reply.after if not reply.after else reply.after * chance.random()


SPOIL: dict[str, Callable[[Reply, random.Random], Reply]] = {
    "429": lambda reply, chance: told(429, {"error": "slow down"}),
    "500 page": _page(500),
    "504 page": _page(504),
    "cut": _cut,
    "reset": _reset,
    "half": _half,
    "silence": _silent,
    "page": _page(200),
    "odd": _odd,
    "odd word": _changed(state="contemplating"),
    "forgotten": lambda reply, chance: told(404, {"error": "no such job"}),
    "left out": _left_out,
    "misnamed": _changed(id="somebody-elses"),
    "nameless": _changed(id=None),
    "slow": _slow,
}
