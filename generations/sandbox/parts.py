"""The sandbox's parts, put together once and handed to everything that serves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from generations.sandbox.deliveries import Deliveries
from generations.sandbox.links import Links
from generations.sandbox.notes import Notes
from generations.sandbox.providers.base import Announcer
from generations.sandbox.records import Records
from generations.sandbox.renderer import Renderer
from generations.sandbox.store import Store
from generations.sandbox.work import Work


@dataclass(frozen=True, slots=True)
class Settings:
    """How one sandbox is started. Without a token its control endpoint is off."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 8010
    render_seconds: float = 3.0
    workers: int = 2
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    store: Store
    records: Records
    notes: Notes
    links: Links
    renderer: Renderer
    deliveries: Deliveries
    announcers: dict[str, Announcer]
    work: Work

    async def reset(self) -> None:
        """Forget everything but the clips, which other orders may share."""
        await self.work.drop()
        await self.deliveries.drop()
        self.store.reset()

    async def close(self) -> None:
        """Stop working; everything accepted stays in the store."""
        await self.work.drop()
        await self.renderer.close()
        await self.deliveries.close()
        self.store.close()


def assemble(settings: Settings) -> Parts:
    """Open the state folder; nothing runs yet. Players add themselves to `announcers`."""
    store = Store(settings.state / "sandbox.sqlite3")
    records, notes = Records(store), Notes(store)
    renderer = Renderer(settings.state / "clips", workers=settings.workers)
    deliveries = Deliveries(store, notes)
    announcers: dict[str, Announcer] = {}
    work = Work(
        store=store,
        records=records,
        notes=notes,
        renderer=renderer,
        deliveries=deliveries,
        announcers=announcers,
    )
    links = Links(secret=notes.secret())
    return Parts(settings, store, records, notes, links, renderer, deliveries, announcers, work)
