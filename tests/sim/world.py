"""All of it together: who is there, what time it is, which processes live, what was seen."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts import claims, crashpoints, keys
from accounts.models import Membership
from billing import ledger, rates
from billing.models import Rate
from config.providers import ProviderSettings
from generations import providers
from generations.models import Generation
from tests.factories import a_workspace
from tests.sim import database, network, post, processes
from tests.sim.adapters import KINDS
from tests.sim.broker import Broker
from tests.sim.clock import clock
from tests.sim.companies import Company
from tests.sim.files import Answer, FileServer
from tests.sim.processes import DIE, PARK, Fate, Killed, Process
from tests.sim.redis import Redis

SKUS = [("768P", 6), ("768P", 6), ("768P", 10), ("1080P", 6)]
#: At most so many processes wait or stand still at a time.
MOST_PROCESSES = 5
FIRST_PORT = 40001
#: Where each kind of process is most worth stopping.
POINTS = {
    "dispatch": "CP5 CP6 CP7 CP8 CP9",
    "hold": "CP5 CP6 CP7 CP8 CP9",
    "look": "CP7 CP8 CP9 CP10 CP11",
    "store": "CP12 CP13 CP14 CP15 CP16",
    "notify": "CP17",
    "tick": "CP20",
    "web": "CP1 CP2 CP3 CP4",
}
#: What a process may not meet without somebody having to explain it.
OURS = ("accounts", "billing", "django", "generations")


class Broken(AssertionError):
    """What must never happen has happened."""


@dataclass(slots=True)
class Shop:
    """A customer: a workspace, a key to it, and what was ever paid in."""

    membership: Membership
    key: str
    paid_in: int = 0


@dataclass(slots=True)
class Temper:
    """How much goes wrong in this seed."""

    crashes: float
    parks: float
    trouble: float
    patience: float

    @classmethod
    def drawn(cls, chance: random.Random) -> Temper:
        return cls(
            crashes=chance.choice([0, 0.03, 0.08, 0.2]),
            parks=chance.choice([0, 0.05, 0.15, 0.3]),
            trouble=chance.choice([0, 0.05, 0.15, 0.35]),
            patience=chance.choice([0.3, 0.8, 0.95]),
        )


class Alarm(logging.Handler):
    """Whatever our code logs with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name.startswith(OURS) and error and not isinstance(error, Killed):
            self.heard.append(f"{record.getMessage()} ({type(error).__name__}: {error})")


@dataclass(slots=True)
class Order:
    """
    One POST of a customer, asked again until it is answered. `ids` are what it made.

    `another_is_open`: another body was sent under its key, and nobody knows what came of that.
    """

    shop: Shop
    key: str
    body: dict[str, Any]
    status: int = 0
    ids: tuple[uuid.UUID, ...] = ()
    another_is_open: bool = False


@dataclass
class World:
    """Made once for a process; `begin` makes it new for each seed."""

    watcher: psycopg.Connection
    chance: random.Random = field(default_factory=random.Random)
    companies: dict[str, Company] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    labels: dict[uuid.UUID, str] = field(default_factory=dict)
    #: How often what happened, over all seeds.
    seen: Counter[str] = field(default_factory=Counter)
    #: When somebody of ours was away for a while: an answer may have come too late for that.
    excuses: list[datetime] = field(default_factory=list)
    #: Told after every stretch that a process has run.
    observers: list[Callable[[World, Process], None]] = field(default_factory=list)
    ordered: Callable[[World, Company, str], None] = lambda *_: None
    tell: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        clock.install(self.watcher)
        clock.restart(0)
        asyncio.set_event_loop_policy(network.Policy())
        crashpoints.passing = processes.passing
        logging.getLogger().addHandler(alarm := Alarm())
        self.alarm, self.broker, self.redis = alarm, Broker(), Redis()
        self.files = FileServer(self._file)
        settings.REDIS_URL = self.redis.url
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{self.files.port}"]
        settings.PROVIDERS = {
            kind.name: ProviderSettings(f"http://127.0.0.1:{port}", f"key of {kind.name}")
            for port, kind in enumerate(KINDS, FIRST_PORT)
        }
        providers.REGISTRY.update({kind.name: kind for kind in KINDS})
        self.shops = [_shop() for _ in range(3)]

    def begin(self, seed: int) -> None:
        clock.restart(seed)
        self.chance = random.Random(seed)
        clock.forward(self.chance.uniform(0, 5 * 3600))
        database.empty(self.watcher)
        _forget()
        for kept in (self.processes, self.orders, self.trace, self.alarm.heard, self.excuses):
            kept.clear()
        self.labels.clear()
        self.broker.nudges.clear()
        self.redis.keys.clear()
        self.broker.is_down = self.redis.is_down = post.state["is_down"] = False
        self.temper = Temper.drawn(self.chance)
        self.say(f"{self.temper}")
        self._open_companies()
        for shop in self.shops:
            shop.paid_in = 0
            self.pay_in(shop, self.chance.choice([1_000_000, 4_000_000, 9_000_000]))

    # What happens

    def start(
        self,
        name: str,
        work: Callable[[], object],
        *,
        then: Callable[[Process], None] | None = None,
        fate: Fate | None = None,
    ) -> Process:
        """A new process, run until it waits, stops or ends."""
        process = Process(name, work, fate or self._fate(name))
        process.then = then
        self.processes.append(process)
        self.proceed(process)
        return process

    def proceed(self, process: Process) -> None:
        process.proceed()
        self._look_at(process)

    def kill(self, process: Process) -> None:
        process.kill()
        self._look_at(process)

    def pass_time(self, seconds: float) -> None:
        """Whoever waits for something goes on when it comes; leases of the living are renewed."""
        until = clock.now + timedelta(seconds=seconds)
        while moment := self._next_event(before=(until - clock.now).total_seconds()):
            clock.forward(moment[0] - clock.elapsed + 1e-6)
            self._renew()
            self.proceed(moment[1])
        clock.reach(until)
        self._renew()
        for process in [one for one in self.living if one.wakes_at is not None]:
            if process.wakes_at is not None and process.wakes_at <= clock.elapsed:
                self.proceed(process)

    def follow(self, process: Process) -> None:
        """Let the time pass that it waits for, as long as that is short."""
        while not process.is_over and process.wakes_at is not None and process.name != "hold":
            wait = process.wakes_at - clock.elapsed
            if wait > 90 or self.chance.random() > self.temper.patience:
                process.is_stalled = self.chance.random() < 0.3
                self.excuses.append(clock.now)
                return
            self.pass_time(max(wait, 0.0) + 1e-5)

    def pay_in(self, shop: Shop, amount: int) -> None:
        shop.paid_in += amount
        wallet = shop.membership.workspace.wallet
        ledger.deposit(wallet=wallet, amount=amount, key=f"{shop.key[-6:]}:{shop.paid_in}")

    def set_price(self, company: Company, cost: int) -> None:
        company.cost = cost
        rows = [
            (company.name, f"hailuo-2.3/text-to-video/{resolution}/{duration}", cost)
            for resolution, duration in dict.fromkeys(SKUS)
        ]
        rates.enter(rows, at=clock.now, note="sim")

    # What is seen

    @property
    def living(self) -> list[Process]:
        """Those that go on by themselves."""
        return [one for one in self.processes if not (one.is_over or one.is_stalled)]

    def say(self, text: str) -> None:
        line = f"{clock.now:%d %H:%M:%S.%f} {text}"
        self.trace.append(line)
        self.tell(line)

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What stands in the database, asked by nobody of ours."""
        return self.watcher.execute(query, parameters, prepare=True).fetchall()

    def label(self, id: uuid.UUID) -> str:
        return self.labels.setdefault(id, f"g{len(self.labels) + 1}")

    def _look_at(self, process: Process) -> None:
        """What it did, and whether it may have."""
        for observe in self.observers:
            observe(self, process)
        if process.error is not None:
            raise Broken(f"{process.name} broke: {process.error!r}") from process.error
        if self.alarm.heard:
            raise Broken(f"{process.name} met {self.alarm.heard[0]}")
        if process.is_over:
            self.processes.remove(process)
            if process.is_killed:
                self.seen[f"dies: {process.name} {process.parked_at or 'waiting'}"] += 1
                self.say(f"{process.name} is killed {process.parked_at}")
            elif process.then:
                process.then(process)
        elif process.parked_at:
            process.is_stalled = self.chance.random() < 0.6
            self.excuses.append(clock.now)
            state = "stands still" if process.is_stalled else "is slow"
            self.seen[f"stops: {process.name} {process.parked_at}"] += 1
            self.say(f"{process.name} {state} at {process.parked_at}")

    def _next_event(self, *, before: float) -> tuple[float, Process] | None:
        """The first moment at which somebody who lives wants to go on."""
        until = clock.elapsed + before
        moments = []
        for process in self.living:
            if process.wakes_at is None:
                continue
            process.hears_at = [at for at in process.hears_at if at > clock.elapsed]
            # The rounds of the hold loop are many; only what it waits for is worth waking it.
            wanted = process.hears_at if process.name == "hold" else [process.wakes_at]
            moments += [(at, process) for at in wanted if at <= until]
        return min(moments, key=lambda moment: moment[0], default=None)

    def _renew(self) -> None:
        """As `claims.kept` does in a thread that no clock of ours reaches."""
        for process in self.living:
            held = [
                claims.Claim(Generation(pk=pk), token, clock.now)
                for pk, token in process.tokens.items()
            ]
            if held:
                claims.extend(held)

    def _fate(self, name: str) -> Fate | None:
        """At the n-th point it passes, or at the first or second of those named so."""
        chance, luck = self.chance, self.chance.random()
        what = DIE if luck < self.temper.crashes else PARK
        if self.temper.crashes <= luck < 1 - self.temper.parks:
            return None
        if name in POINTS and chance.random() < 0.6:
            return Fate(what, chance.choice([1, 1, 2]), chance.choice(POINTS[name].split()))
        return Fate(what, chance.choice([1, 1, 2, 2, 3, 4, 6, 9]))

    def _open_companies(self) -> None:
        self.companies = {}
        for port, kind in enumerate(KINDS, FIRST_PORT):
            company = Company(
                kind,
                chance=self.chance,
                link=self.files.url,
                noted=self._order_arrives,
                seen=self.seen,
            )
            company.trouble = self.temper.trouble * self.chance.choice([0, 0.5, 1, 1, 2])
            company.tells_cost = self.chance.random() < 0.7
            self.companies[kind.name] = network.servers[port] = company
            self.set_price(company, self.chance.choice([190, 280, 280, 350, 400, 600]) * 1000)

    def _order_arrives(self, company: Company, token: str) -> None:
        self.ordered(self, company, token)

    def _file(self, path: str) -> Answer:
        company, _, job_id = path.partition("/")
        return self.companies[company].find(job_id)


def _shop() -> Shop:
    workspace = a_workspace()
    membership = workspace.memberships.select_related("user", "workspace").get()
    return Shop(membership, keys.create(maker=membership, name="sim").text)


def _forget() -> None:
    """Whatever one seed left in this process."""
    cache.clear()
    post.sent.clear()
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    Rate.objects.filter(note="sim").delete()
    connection.close()
    for name, module in list(sys.modules.items()):
        if name.startswith(("accounts", "billing", "generations")) and "media" not in name:
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.__name__ != "_trusted":
                    value.cache_clear()
