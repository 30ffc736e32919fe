"""
Whole life cycles a second, with providers that render at once: order, hold, submit, webhook or
poll, bring home, judge, capture, tell the customer. A whole Reelay as `make run` starts it, with
the sandbox, the database and the load on the same machine.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import psutil

from bench.table import Figure, show
from tests.journeys.site import Customer, Site

CLIPS = 600
CROWD = 4  # customers who order at once
UNBOUNDED = """
from generations.models import ProviderStatus
from generations.providers import REGISTRY
for name in REGISTRY:
    ProviderStatus.objects.update_or_create(
        name=name, defaults={"most_in_flight": 100000, "most_per_minute": 10000000})
"""


def main(clips: int = CLIPS) -> bool:
    with_boxes = _measure(clips, full_decode=False)
    decoded = _measure(max(40, clips // 5), full_decode=True)
    return with_boxes and decoded


def _measure(clips: int, *, full_decode: bool) -> bool:
    var = Path(tempfile.mkdtemp(prefix="bench-", dir=Path(__file__).parent.parent / "var"))
    settings = {"FULL_DECODE": str(int(full_decode)), "SANDBOX_RENDER_SECONDS": "0", "SANDBOX": "1"}
    site = Site(var, environment=settings).start()
    try:
        site.manage("shell", "-c", UNBOUNDED)
        customers = [site.customer("900.00") for _ in range(CROWD)]
        customers[0].finished(customers[0].order("Warm up [[stock]]", provider="runware")["id"])
        begun, load = time.monotonic(), _processor(site)
        _order_all(customers, clips)
        ordered = time.monotonic() - begun
        seconds = _until_done(site, clips + 1, begun)
        load = {name: spent - load.get(name, 0.0) for name, spent in _processor(site).items()}
        site.audit()
    finally:
        site.stop()
        shutil.rmtree(var, ignore_errors=True)
    how = "every frame decoded" if full_decode else "boxes walked"
    figures = [
        Figure("life cycles a second", clips / seconds, "/s", least=8 if full_decode else 50),
        Figure("orders a second while they were placed", clips / ordered, "/s"),
        *[
            Figure(f"processor of {name}, a clip", 1000 * spent / clips, "ms")
            for name, spent in sorted(load.items())
            if spent >= 0.0005 * clips
        ],
    ]
    return show(f"{clips} whole life cycles, {how}", figures)


def _order_all(customers: list[Customer], clips: int) -> None:
    def order(customer: Customer) -> None:
        wish = {"model": "hailuo-2.3", "provider": "runware"}
        with httpx.Client(**customer.api.options, verify=False) as client:
            for number in range(clips // CROWD):
                body = {**wish, "prompt": f"Kite {number} [[stock]]"}
                assert client.post("/generations", json=body).status_code == 202

    crowd = [threading.Thread(target=order, args=(customer,)) for customer in customers]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()


def _until_done(site: Site, clips: int, begun: float) -> float:
    """Asked over SQL, seldom, so that the asking costs little."""
    import psycopg

    with psycopg.connect(_database(site), autocommit=True) as connection:
        while True:
            row = connection.execute(
                "SELECT count(*) FILTER (WHERE finished_at IS NULL), count(*) FILTER (WHERE "
                "state = 'succeeded'), (SELECT count(*) FROM generations_notice "
                "WHERE sent_at IS NULL) FROM generations_generation"
            ).fetchone()
            assert row
            if row[0] == 0 and row[2] == 0 and row[1] >= clips:
                return time.monotonic() - begun
            assert time.monotonic() - begun < 600, row
            time.sleep(0.2)


def _database(site: Site) -> str:
    code = "from config import embedded; print(embedded.database_url())"
    return site.manage("shell", "-v", "0", "-c", code).strip().splitlines()[-1]


def _processor(site: Site) -> dict[str, float]:
    """Processor seconds of each process of the site so far, and of its children."""
    spent = {}
    for name, pid in site.pids().items():
        process = psutil.Process(pid)
        times = process.cpu_times()
        spent[name] = times.user + times.system
        spent[f"{name}'s children"] = _spent(process) - spent[name]
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] in ("postgres", "valkey-server") and process.ppid() != 1:
            words = " ".join(process.info["cmdline"] or [])
            if process.info["name"] == "valkey-server" or str(site.var.name) in words:
                spent[process.info["name"]] = _spent(process)
    return spent


def _spent(process: psutil.Process) -> float:
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
