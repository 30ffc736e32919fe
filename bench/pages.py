"""
Every page of somebody signed in, with a hundred thousand clips in the workspace: the time the
server takes, from the URL map. The first look has nothing remembered; it is the best of three.
`cpu` is what a request costs in computing, of ours and the database's, however busy the machine is.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import call_command

from bench.home import at_home
from bench.table import percentile

if TYPE_CHECKING:
    from bench.crowd import Crowd

CLIPS, LOOKS, FIRSTS = 100_000, 40, 3
#: Milliseconds that 95 of 100 answers may take, and so may the first.
MOST = 50.0
#: What is for programs, for staff, for visitors, or has no end.
OTHERS = ("api/", "v1/", "admin/", "docs", "webhooks/providers", "webhooks/stripe", "files/")
OTHERS += (
    "accounts/logout",
    "healthz",
    "readyz",
    "metrics",
    "live",
    "s/",
    "invitations/",
    "letters/stop",
)
#: part of an address -> which of the workspace's things stands there
NAMED = {
    "endpoint_id": "endpoint",
    "delivery_id": "delivery",
    "generation_id": "generation",
    "upload_id": "upload",
    "member_id": "member",
    "top_up_id": "top-up",
    "invitation_id": "invitation",
    "key_id": "key",
    "workspace": "workspace",
}
#: Pages that the URL map does not tell apart.
ALSO = (
    *("/library?q=boat", "/library?q=submarine", "/library?q=airship", "/library?status=failed"),
    *("/library?tag=deep", "/library?favourite=on", "/library?model=hailuo-2.3-fast"),
    "/usage?first={year_ago}&last={today}",
    *("/library?before={middle}", "/wallet?before={moves}"),
    "/studio?remix={generation}",
)


@dataclass(frozen=True)
class Page:
    """Milliseconds."""

    address: str
    first: float
    best: float
    median: float
    p95: float
    cpu: float

    @property
    def met(self) -> bool:
        return self.p95 <= MOST and self.first <= MOST

    def __str__(self) -> str:
        times = [self.first, self.best, self.median, self.p95, self.cpu]
        said = "".join(f"{one:>9.1f}" for one in times)
        return f"  {self.address[:58]:<58}{said}   {'ok' if self.met else 'MISSED'}"


def main(clips: int = CLIPS) -> bool:
    logging.disable(logging.WARNING)
    with at_home(SANDBOX="1") as var:
        call_command("collectstatic", interactive=False, verbosity=0)
        browser, addresses = _signed_in(var, clips)
        found, others = [], []
        for address in addresses:
            said = browser.get(address)
            if said.status_code == 200 and said["Content-Type"].startswith("text/html"):
                found.append(_measured(address, lambda at=address: browser.get(at)))
            else:
                others.append(f"{address} ({said.status_code})")
    return _show(found, others, clips)


def _show(found: list[Page], others: list[str], clips: int) -> bool:
    print(f"\nPages with {clips} clips in the workspace, milliseconds of the server's, ≤ {MOST:g}")
    print(f"  {'':<58}{'first':>9}{'best':>9}{'median':>9}{'p95':>9}{'cpu':>9}")
    for page in sorted(found, key=lambda page: -page.p95):
        print(page)
    print("  Not pages of their own: " + ", ".join(others))
    return all(page.met for page in found)


def _signed_in(var: Path, clips: int) -> tuple[Any, list[str]]:
    from allauth.account.models import EmailAddress
    from django.test import Client

    from bench.crowd import PASSWORD, Crowd

    crowd = Crowd(var, clips)
    user = crowd.member.user
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = Client(HTTP_HOST="localhost")
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser, list(_addresses(crowd))


def _addresses(crowd: Crowd) -> Iterator[str]:
    from tests.routes import routes

    for route in routes():
        if not route.path.startswith(OTHERS):
            address = _filled(route.path, crowd.place.things)
            if address and "<" not in address:
                yield f"/{address}"
    for address in ALSO:
        yield address.format(**_words(crowd))


def _filled(path: str, things: dict[str, str]) -> str:
    for part, thing in NAMED.items():
        path = path.replace(f"<str:{part}>", things[thing])
    return path


def _words(crowd: Crowd) -> dict[str, str]:
    from datetime import timedelta

    from django.utils import timezone

    from generations.models import Generation

    today = timezone.now().date()
    rows = Generation.objects.for_workspace(crowd.place.workspace).order_by("-id")
    return {
        "today": str(today),
        "year_ago": str(today - timedelta(days=364)),
        "middle": rows[rows.count() // 2].public_id,
        "moves": str(rows.count()),
        "generation": rows[rows.count() // 2].public_id,
    }


def _measured(address: str, ask: Callable[[], Any]) -> Page:
    from django.core.cache import cache

    from generations import timing

    firsts = []
    for _ in range(FIRSTS):
        cache.clear()
        timing.forget()
        firsts.append(_timed(ask))
    before = _computed()
    times = [_timed(ask) for _ in range(LOOKS)]
    cpu = (_computed() - before) / LOOKS * 1000
    ranked = percentile(times, 0.5), percentile(times, 0.95)
    return Page(address, min(firsts), min(times), *ranked, cpu)


def _computed() -> float:
    """Seconds of processor time, ours and those of the process that serves our connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


def _timed(ask: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    assert ask().status_code == 200
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
