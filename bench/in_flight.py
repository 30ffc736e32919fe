"""
Ten thousand jobs in flight: are looks sent when they are due, and what does following them cost?

Real rows in a real PostgreSQL, the real look loop as the worker runs it (a tick a second, and the
task that stays), real HTTP to a stand-in that costs little. Half of the jobs are with Runware
(batches of 20), half with ToAPIs (one a request); no webhooks. Finished ones are replaced, so that
as many stay in flight. Files are not brought home here: `bench/lifecycles.py` does that.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil

from bench import instant
from bench.home import at_home
from bench.table import Figure, percentile, show

JOBS = 10_000
WARM_UP, MEASURED = 60.0, 60.0
MEDIAN, SIGMA = 90.0, 0.25
SKU = "hailuo-2.3/text-to-video/768P/6"


def main(jobs: int = JOBS, warm_up: float = WARM_UP, measured: float = MEASURED) -> bool:
    with _stand_in() as url:
        keys = {
            "RUNWARE_API_KEY": "a-key-of-the-bench", "RUNWARE_BASE_URL": f"{url}/runware",
            "TOAPIS_API_KEY": "a-key-of-the-bench", "TOAPIS_BASE_URL": f"{url}/toapis",
        }  # fmt: skip
        with at_home(**keys):
            return _measure(jobs, url, warm_up, measured)


def _measure(jobs: int, url: str, warm_up: float, measured: float) -> bool:
    crowd = Crowd(random.Random(7), jobs)
    crowd.fill(spread=True)
    sent = _note_sendings()
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(stop, crowd), daemon=True)
    before = _memory()
    with _worker():
        beat.start()
        figures = _figures(jobs, url, crowd, sent, warm_up, measured, before)
        stop.set()
        beat.join(30)
    return show(f"{jobs} jobs in flight ({measured:.0f} s, after {warm_up:.0f} s)", figures)


def _figures(
    jobs: int,
    url: str,
    crowd: Crowd,
    sent: list[float],
    warm_up: float,
    measured: float,
    before: float,
) -> list[Figure]:
    time.sleep(warm_up)
    sent.clear()
    asked, load, done = _asked(url), psutil.Process().cpu_times(), crowd.replaced
    database = _database_seconds()
    time.sleep(measured)
    lags, asked = list(sent), {name: n - asked[name] for name, n in _asked(url).items()}
    clips = crowd.replaced - done
    own = sum(psutil.Process().cpu_times()[:2]) - sum(load[:2])
    database = _database_seconds() - database
    grown = _memory() - before
    seen = crowd.lags()
    fixed = measured * jobs / 2 / 5
    return [
        Figure("due to sent, p50", percentile(lags, 0.5), "s"),
        Figure("due to sent, p95", percentile(lags, 0.95), "s", most=0.5),
        Figure("looks a second at ToAPIs", asked["toapis"] / measured, "/s"),
        Figure(
            "looks at ToAPIs against fixed 5 s polling", asked["toapis"] / fixed, "×", most=0.55
        ),
        Figure("requests a second at Runware", asked["runware"] / measured, "/s"),
        Figure(
            "requests at Runware against fixed 5 s polling",
            asked["runware"] / fixed,
            "×",
            most=0.25,
        ),
        Figure("jobs in a Runware request", asked["jobs"] / max(1, asked["runware"]), ""),
        Figure("done to seen at ToAPIs, p95 (fixed 5 s: 4.75)", seen["toapis"], "s"),
        Figure("done to seen at Runware, p95", seen["runware"], "s", most=2.0),
        Figure("jobs found done a second", clips / measured, "/s"),
        Figure("memory of one of two workers, more than at the start", grown, "MiB"),
        Figure(
            "processor of one of two workers, and of feeding it", 100 * own / measured, "% of 1"
        ),
        Figure("processor of PostgreSQL", 100 * database / measured, "% of 1"),
    ]


class Crowd:
    """Rows that are under way, as many as asked for."""

    def __init__(self, chance: random.Random, jobs: int) -> None:
        from generations import orders
        from tests.factories import a_workspace

        self.chance, self.jobs, self.number, self.replaced = chance, jobs, 0, 0
        self.workspace = a_workspace(deposit="900000.00")
        self.customer = orders.Customer(workspace=self.workspace)
        self.begun = time.time()

    def fill(self, *, spread: bool = False) -> None:
        """`spread`: as if they had been ordered one after the other, not all at once."""
        from django.db import connection

        from generations.models import Generation

        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('session_replication_role', 'replica', false)")
            missing = self.jobs - Generation.objects.filter(state="running").count()
            for start in range(0, missing, 1000):
                self._insert(min(1000, missing - start), spread=spread)
            cursor.execute("SELECT set_config('session_replication_role', 'origin', false)")
        self.replaced += 0 if spread else missing

    def _insert(self, count: int, *, spread: bool) -> None:
        from generations.models import Attempt, Generation

        made = [self._job(spread) for _ in range(count)]
        Generation.objects.bulk_create([generation for generation, _ in made])
        Attempt.objects.bulk_create([attempt for _, attempt in made])

    def _job(self, spread: bool) -> tuple[Any, Any]:
        from datetime import UTC, datetime, timedelta

        from generations import pace, waiting
        from generations.models import Attempt, Generation

        self.number += 1
        provider = ("runware", "toapis")[self.number % 2]
        span = self.chance.lognormvariate(0, SIGMA) * MEDIAN
        now = time.time()
        start = now - (self.chance.random() * span if spread else 0.0)
        moment = datetime.fromtimestamp(start, UTC)
        learned, asking = waiting._known(provider, SKU, datetime.now(UTC))
        due = pace.due(start, pace.first_look(learned, asking), asking)
        due = due if due > now else now + self.chance.random() * 5
        generation = Generation(
            workspace=self.workspace, state="running", state_since=moment, started_at=moment,
            due_at=datetime.fromtimestamp(due, UTC), model="hailuo-2.3", mode="text-to-video",
            prompt="A red kite", resolution="768P", duration=6, provider=provider, sku=SKU,
            routes=[], rate_version=1, quoted=280_000,
        )  # fmt: skip
        attempt = Attempt(
            generation=generation, number=1, provider=provider, sku=SKU, price=280_000,
            cost=280_000, job_id=instant.name(start + span, self.number), looks=1,
            submitted_at=moment, sent_at=moment, accepted_at=moment + timedelta(milliseconds=1),
        )  # fmt: skip
        return generation, attempt

    def lags(self) -> dict[str, float]:
        """From done to seen, p95, of what was found done since the last third of the run."""
        from datetime import timedelta

        from django.utils import timezone

        from generations.models import Attempt

        since = timezone.now() - timedelta(seconds=(time.time() - self.begun) / 3)
        found: dict[str, list[float]] = {"runware": [], "toapis": []}
        rows = Attempt.objects.filter(rendered_at__gt=since)
        for provider, job, seen in rows.values_list("provider", "job_id", "rendered_at"):
            found[provider].append(seen.timestamp() - instant.done_at(job))
        return {provider: percentile(lags, 0.95) for provider, lags in found.items()}


@contextmanager
def _worker() -> Iterator[None]:
    """
    Real Celery workers with a real broker: two processes, as many as the machine has cores; one of
    them is this, so that its sendings can be timed.
    """
    from celery.contrib.testing.worker import start_worker

    from config.celery import app

    words = "-m celery -A config.celery worker --pool threads --concurrency 3 --queues look"
    other = subprocess.Popen([sys.executable, *words.split(), "-l", "ERROR", "--without-mingle"])
    try:
        with start_worker(
            app, pool="threads", concurrency=4, perform_ping_check=False, queues=["celery", "look"]
        ):
            yield
    finally:
        other.terminate()
        other.wait()


def _beat(stop: threading.Event, crowd: Crowd) -> None:
    """What beat does, and as many new jobs as were finished."""
    from django.db import connection

    from generations import tasks

    while not stop.wait(1.0):
        tasks.tick.apply_async(expires=2)
        crowd.fill()
        connection.close()


def _note_sendings() -> list[float]:
    """Each job's seconds from due to the moment its question is handed to the network."""
    from datetime import UTC, datetime

    from generations import sending

    lags: list[float] = []
    plain = sending.job

    def noting(generation: Any, attempt: Any) -> Any:
        lags.append((datetime.now(UTC) - generation.due_at).total_seconds())
        return plain(generation, attempt)

    sending.job = noting
    return lags


@contextmanager
def _stand_in() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.instant"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def _asked(url: str) -> dict[str, int]:
    return dict(httpx.get(f"{url}/counts").json())


def _memory() -> float:
    return psutil.Process().memory_info().rss / 2**20


def _database_seconds() -> float:
    """Processor seconds of every PostgreSQL process of this bench."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        folder = cursor.fetchone()[0]
    total = 0.0
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and folder in " ".join(process.info["cmdline"] or []):
            for one in [process, *process.children(recursive=True)]:
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
