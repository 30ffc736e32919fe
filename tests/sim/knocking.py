"""Provider webhooks: true ones, early, late and repeated; lies; and forgeries."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.sim.companies import Company, Job
from tests.sim.processes import Process
from tests.sim.world import Broken, World

EVIL = "http://127.0.0.1:9/evil.mp4"
JUNK = [b"", b"{", b"[1, 2]", b"\xff\xfe", b'{"id": "../../balance"}', b'{"id": 7}']


def knock(world: World) -> None:
    """The company calls about a job that is over, or calls once more."""
    over = [(company, job) for company, job in _callable(world) if job.is_over]
    fresh = [one for one in over if not one[1].knocks] or over
    if fresh:
        company, job = world.chance.choice(fresh)
        job.knocks += 1
        state = "done" if job.end == "done" else "failed"
        _call(world, job.webhook, {"id": job.id, "state": state}, f"{company.name} calls")


def knock_oddly(world: World) -> None:
    """With the right address: too early, again, junk, lies, or naming somebody else's job."""
    if not (known := _callable(world)):
        return
    company, job = world.chance.choice(known)
    others = [one.id for one in company.jobs.values() if one.prompt != job.prompt]
    bodies: list[object] = [
        {"id": job.id, "state": "working", "again": world.chance.randrange(3)},
        {"id": job.id, "state": "done", "link": EVIL, "cost": 99, "video": {"url": EVIL}},
        {"id": job.id, "state": "failed", "error": "It never was anything of the kind."},
        {"id": world.chance.choice(others or ["nobody"]), "state": "done", "link": EVIL},
        world.chance.choice(JUNK),
    ]
    _call(world, job.webhook, world.chance.choice(bodies), f"{company.name} calls oddly")


def forge(world: World) -> None:
    """Somebody who does not know the address."""
    if not (known := _callable(world)):
        return
    company, job = world.chance.choice(known)
    head, _, token = job.webhook.rpartition("/")
    other = world.chance.choice([name for name in world.companies if name != company.name])
    address = world.chance.choice(
        [
            f"{head}/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
            f"{head}/{token[:32]}",
            f"{head}/{token[32:]}",
            f"{head.replace(company.name, other)}/{token}",
        ]
    )
    before = _filed(world)

    def then(process: Process) -> None:
        assert isinstance(process.result, HttpResponse)
        if process.result.status_code != 404:
            raise Broken(f"a forged webhook is answered {process.result.status_code}")
        if _filed(world) != before:
            raise Broken("a forged webhook left something behind")

    body = {"id": job.id, "state": "done", "link": EVIL}
    world.say(f"somebody forges a call of {company.name}")
    process = world.start("web", lambda: _posted(address, json.dumps(body).encode()))
    if process.is_over and not process.is_killed:
        then(process)


def _callable(world: World) -> list[tuple[Company, Job]]:
    return [
        (company, job)
        for company in world.companies.values()
        for job in company.jobs.values()
        if job.webhook
    ]


def _call(world: World, address: str, body: object, told: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def then(process: Process) -> None:
        assert isinstance(process.result, HttpResponse)
        if process.result.status_code != 200:
            raise Broken(f"a webhook is answered {process.result.status_code}")

    world.say(f"{told}: {content[:80]!r}")
    world.start("web", lambda: _posted(address, content), then=then)


def _posted(address: str, content: bytes) -> HttpResponse:
    client = Client(raise_request_exception=False)
    path = urlsplit(address).path
    return client.generic("POST", path, content, "application/json")


def _filed(world: World) -> list[tuple[object, ...]]:
    return world.ask("SELECT count(*) FROM generations_knock")
