"""What the sandbox consists of, put together once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from billing.sandbox.clock import Clock
from billing.sandbox.courier import Courier
from billing.sandbox.deliveries import Deliveries
from billing.sandbox.events import Events
from billing.sandbox.faults import Faults
from billing.sandbox.listeners import Listeners
from billing.sandbox.loopback import is_here, is_loopback
from billing.sandbox.shelf import Shelf
from billing.sandbox.store import Store


@dataclass(frozen=True)
class Settings:
    state: Path
    host: str
    port: int
    webhook_url: str
    name: str
    first_pause: float
    token: str
    secret_key: str
    webhook_secret: str

    def check(self) -> None:
        """Raise ValueError for what must not be."""
        if not is_loopback(self.host):
            raise ValueError(f"listens on loopback only, not on {self.host}")
        if not self.secret_key.startswith("sk_test_"):
            raise ValueError("STRIPE_SECRET_KEY must be a test key, sk_test_…")
        if self.webhook_url and not is_here(self.webhook_url):
            raise ValueError(f"--webhook-url must be on this machine, not {self.webhook_url}")
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("--webhook-url needs STRIPE_WEBHOOK_SECRET")


@dataclass
class Bank:
    """Everything an act needs."""

    settings: Settings
    store: Store
    shelf: Shelf
    clock: Clock
    events: Events
    deliveries: Deliveries
    faults: Faults
    #: the sandbox's own address, known once it listens
    base: str = ""

    def now(self) -> int:
        return self.clock.now()

    async def close(self) -> None:
        await self.deliveries.close()
        self.store.close()


def assemble(settings: Settings) -> Bank:
    store = Store(settings.state / "stripe.sqlite3")
    shelf, clock = Shelf(store), Clock(store)
    listeners = Listeners(shelf, settings.webhook_url, settings.webhook_secret)
    deliveries = Deliveries(store, shelf, listeners, Courier(), settings.first_pause)
    return Bank(
        settings=settings,
        store=store,
        shelf=shelf,
        clock=clock,
        events=Events(shelf, clock, deliveries),
        deliveries=deliveries,
        faults=Faults(store),
    )
