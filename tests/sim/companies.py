"""The providers' side: what they were asked, what they took, made and billed. Their own truth."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.sim import faults, files
from tests.sim.adapters import Plain
from tests.sim.clock import clock
from tests.sim.faults import told
from tests.sim.network import Reply, Request

#: Weights of how a job ends: rendered, or not.
ENDS = {"done": 86, "broken": 5, "moderation": 4, "never": 5}
INSIDE = "http://10.0.0.1/clip.mp4"


@dataclass(slots=True)
class Job:
    """One render, as its company knows it."""

    id: str
    token: str
    prompt: str
    duration: int
    webhook: str
    taken_at: datetime
    end: str
    #: When it is over, and from when on questions about it are answered.
    over_at: datetime | None
    seen_from: datetime
    cost: int
    #: What the next fetches of its file meet, the last one for ever if `is_lost`.
    troubles: list[str] = field(default_factory=list)
    is_lost: bool = False
    fetches: int = 0
    knocks: int = 0

    @property
    def is_over(self) -> bool:
        return self.over_at is not None and self.over_at <= clock.now

    @property
    def is_made(self) -> bool:
        return self.is_over and self.end == "done"

    @property
    def billed(self) -> int:
        """What they take for it by now; a failed one costs nothing."""
        return self.cost if self.is_made else 0


class Company:
    """
    One provider.

    :param noted: called with the token of every order that arrives, before anything else.
    :param seen: counts what went wrong.
    """

    def __init__(
        self,
        adapter: type[Plain],
        *,
        chance: random.Random,
        link: Callable[[str], str],
        noted: Callable[[Company, str], None],
        seen: Counter[str],
    ) -> None:
        self.name, self.able = adapter.name, adapter.capabilities
        self._chance, self._link, self._noted, self._seen = chance, link, noted, seen
        self.jobs: dict[str, Job] = {}
        self.by_token: dict[str, Job] = {}
        #: Tokens of all orders that arrived, taken or not.
        self.ordered: list[str] = []
        #: How likely something goes wrong, and what is wrong at the moment.
        self.trouble = 0.0
        self.key_is_good = True
        self.door_is_open = True
        self.is_full = False
        self.balance = 10_000_000
        self.cost = 280_000
        self.tells_cost = True
        #: What could make us think ill of it: times of bad submissions and of our own faults.
        self.bad: list[datetime] = []
        self.ours: list[datetime] = []
        self.unanswered = 0
        #: Whose jobs we were asked about: those names are known to the other side.
        self._known_names: list[str] = []

    def takes_connections(self) -> bool | None:
        luck = self._chance.random()
        if not self.door_is_open or luck < self.trouble / 6:
            self._was_bad("connecting: refused")
            return False
        if luck > 1 - self.trouble / 40:
            self._was_bad("connecting: silence")
            return None
        return True

    def answer(self, request: Request) -> Reply:
        self._refuse_strangers(request)
        verb, path = request.method, request.path.strip("/").partition("/")
        if (verb, path[0]) == ("POST", "jobs"):
            return self._order(json.loads(request.body))
        reply = self._told(path[0], path[2], request)
        if self._is_troubled():
            reply = self._spoiled("asked", faults.one(self._chance, faults.ASKED), reply)
        self.unanswered += reply.status != 200 or reply.arrives < 1 or reply.after is None
        return reply

    def find(self, job_id: str) -> files.Answer:
        """Its file, or what is there instead."""
        job = self.jobs[job_id]
        job.fetches += 1
        content = files.clip(job.id, job.duration)
        trouble = job.troubles[0] if job.troubles else ""
        self._seen[f"file: {trouble or 'whole'}"] += 1
        if len(job.troubles) > 1 or not job.is_lost:
            job.troubles = job.troubles[1:]
        if trouble in ("", "inside", "closed"):
            return 200, content, len(content)
        return files.spoiled(trouble, content, job.id, job.duration)

    def calm_down(self) -> None:
        """From now on everything goes well; what they have begun ends as it was to end."""
        self.trouble, self.key_is_good, self.door_is_open = 0.0, True, True
        self.is_full = False
        self.balance = 10_000_000

    def _order(self, wish: dict[str, str]) -> Reply:
        token = wish["token"]
        self._noted(self, token)
        self.ordered.append(token)
        if refused := self._refused():
            return refused
        known = self.by_token.get(token) if self.able.idempotent else None
        fault = "" if known or not self._is_troubled() else self._fault()
        if fault in faults.NOT_TAKEN:
            if fault == "model away":
                self._was_bad()
            self._seen[f"not taken: {fault}"] += 1
            return faults.refusal(fault, self._chance)
        if fault.startswith("perhaps "):
            self._was_bad()
            return self._spoiled("perhaps", fault.removeprefix("perhaps "), told(201, {}))
        reply = self._taken(known or self._take(wish))
        if self._is_troubled():
            self._was_bad()
            return self._spoiled("taken", faults.one(self._chance, faults.TAKEN), reply)
        if reply.after is None or reply.after > 590:
            self._was_bad("taken: never answered")
        return reply

    def _spoiled(self, when: str, fault: str, reply: Reply) -> Reply:
        self._seen[f"{when}: {fault}"] += 1
        if fault == "misnamed" and self._known_names:
            name = self._chance.choice(self._known_names)
            return replace(reply, body=json.dumps(faults.said(reply) | {"id": name}).encode())
        return faults.spoiled(fault, reply, self._chance)

    def _refused(self) -> Reply | None:
        if self.is_full:
            self._seen["not taken: full"] += 1
            return told(429, {"error": "slow down"})
        if self.key_is_good and self.balance >= self.cost:
            return None
        self.ours.append(clock.now)
        self._seen["not taken: our key" if not self.key_is_good else "not taken: our money"] += 1
        if not self.key_is_good:
            return told(401, {"error": "unknown key"})
        return told(402, {"error": "no balance"})

    def _fault(self) -> str:
        perhaps = {f"perhaps {name}": weight for name, weight in faults.PERHAPS_NOT_TAKEN.items()}
        return faults.one(self._chance, faults.NOT_TAKEN | perhaps)

    def _take(self, wish: dict[str, str]) -> Job:
        chance = self._chance
        end = chance.choices(list(ENDS), list(ENDS.values()))[0]
        seconds = chance.lognormvariate(4.0, 0.7)
        if chance.random() < 0.06:
            seconds = chance.uniform(1500, 100_000)
        job = Job(
            id=wish["token"] if self.able.idempotent else f"{self.name}-{len(self.jobs) + 1}",
            token=wish["token"],
            prompt=wish["prompt"],
            duration=int(wish["duration"]),
            webhook=wish["webhook"] or "",
            taken_at=clock.now,
            end=end,
            over_at=None if end == "never" else clock.now + timedelta(seconds=seconds),
            seen_from=clock.now + timedelta(seconds=chance.choice([0, 0, 0, 1, 8])),
            cost=self.cost,
        )
        if chance.random() < 0.25:
            job.is_lost = chance.random() < 0.3
            job.troubles = [faults.one(chance, faults.FILES) for _ in range(chance.randint(1, 3))]
        self.balance -= self.cost
        self.jobs[job.id] = self.by_token[job.token] = job
        return job

    def _taken(self, job: Job) -> Reply:
        """At once, or by a company that blocks, when the clip is rendered."""
        if not self.able.blocking:
            return told(201, {"id": job.id, "state": "waiting"})
        wait = None if job.over_at is None else (job.over_at - clock.now).total_seconds()
        whole = told(200, self._said(job, as_of=job.over_at))
        return replace(whole, after=None if wait is None else max(wait, 0.0))

    def _told(self, what: str, which: str, request: Request) -> Reply:
        """The true answer to a question."""
        if not self.key_is_good:
            self.ours.append(clock.now)
            return told(401, {"error": "unknown key"})
        if what == "balance":
            return told(200, {"balance": self.balance / 1_000_000})
        if (request.method, what) == ("POST", "files"):
            return told(200, {"file": "a-file"})
        if what == "look":
            known = [self._known(one) for one in json.loads(request.body)["ids"]]
            return told(200, {"jobs": [self._said(job) for job in known if job]})
        job = self.by_token.get(which) if what == "logs" else self._known(which)
        if job is None or (what == "logs" and not job.is_over):
            return told(404, {"error": "no such job"})
        if request.method == "DELETE":
            return self._stopped(job)
        if what != "logs":
            self._known_names.append(job.id)
        return told(200, self._said(job))

    def _stopped(self, job: Job) -> Reply:
        """For free, unless it is over."""
        if job.is_over:
            return told(409, {"error": "it is over"})
        job.end, job.over_at = "stopped", clock.now
        return told(200, {"stopped": True})

    def _known(self, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        return job if job and job.seen_from <= clock.now else None

    def _said(self, job: Job, *, as_of: datetime | None = None) -> dict[str, object]:
        said: dict[str, object] = {
            "id": job.id,
            "token": job.token,
            "prompt": job.prompt,
            "duration": job.duration,
        }
        if not job.is_over and as_of is None:
            return said | {"state": "working", "progress": 40}
        if job.end != "done":
            return said | {"state": "failed", "why": job.end}
        cost = {"cost": job.cost / 1_000_000} if self.tells_cost else {}
        return said | {"state": "done", "link": self._linked(job)} | cost

    def _linked(self, job: Job) -> str:
        trouble = job.troubles[0] if job.troubles else ""
        if trouble in ("inside", "closed"):
            self._seen[f"file: {trouble}"] += 1
            if len(job.troubles) > 1 or not job.is_lost:
                job.troubles = job.troubles[1:]
            return INSIDE if trouble == "inside" else "http://127.0.0.1:1/clip.mp4"
        return self._link(f"{self.name}/{job.id}")

    def _is_troubled(self) -> bool:
        return self._chance.random() < self.trouble

    def _was_bad(self, how: str = "") -> None:
        self.bad.append(clock.now)
        if how:
            self._seen[how] += 1

    def _refuse_strangers(self, request: Request) -> None:
        assert request.headers["x-key"] == f"key of {self.name}", "a key went to the wrong company"
