"""
Processes and services die at any moment, with clips under way at all five providers: all of them
end, each is charged once or not at all, none is sent twice, and the books are right.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection

import psutil
import pytest
import redis

from tests.faults.house import PROVIDERS, House, Order, wait_until
from tests.faults.judging import End, ends, judge, judge_together

pytestmark = pytest.mark.slow

PROCESSES = ("beat", "sandbox", "web", "worker")
SERVICES = ("postgres", "valkey")

#: Longer than a lease (DESIGN section 4: 20 s).
OVERSLEPT = 25.0


@pytest.fixture(scope="module")
def house(opened) -> House:
    return opened(SANDBOX_RENDER_SECONDS="2")


@pytest.mark.parametrize(
    ("clips", "deaths"),
    [
        pytest.param(40, 8, id="40 clips"),
        pytest.param(500, 100, id="500 clips", marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_clips_survive_deaths_at_random_moments(house, clips, deaths):
    dice = random.Random(clips)
    with house.database.kept_well():
        orders = []
        for death in range(deaths):
            orders += placed(house, clips // deaths, f"{clips}.{death}")
            time.sleep(dice.uniform(0, 1.5))
            kill(house, dice.choice(PROCESSES + SERVICES))
        all_end_honestly(house, orders, within=180)


def test_clips_survive_a_broker_that_forgets_everything_and_dies(house):
    broker = redis.Redis.from_url(house.environment("worker")["REDIS_URL"])
    with house.database.kept_well():
        orders = []
        for wave in range(6):
            orders += placed(house, 5, f"flush.{wave}")
            broker.flushall()
        house.site.kill_service("valkey")
        found = all_end_honestly(house, orders, within=90)

    assert {end.end["status"] for end in found} == {"succeeded"}, "nobody was cut off by it"


def test_clips_survive_the_death_of_the_database(house):
    with house.database.kept_well():
        orders = placed(house, 15, "database.1")
        house.site.kill_service("postgres")
        orders += placed(house, 15, "database.2")
        all_end_honestly(house, orders, within=90)


def test_a_worker_that_overslept_its_leases_changes_nothing(house):
    """It sleeps with orders in hand; another one takes them up and ends them meanwhile."""
    with house.database.kept_well():
        orders = placed(house, len(PROVIDERS), "sleep", knobs="submit-latency=8")
        sleeper = psutil.Process(house.site.pids()["worker"])
        wait_until(lambda: set(in_hand(house, orders)) == {"submitting", "running"})
        sleeper.suspend()
        with house.spare_workers(1):
            time.sleep(OVERSLEPT)
            found = ends(house, orders, within=60)
            before = history(house)
            sleeper.resume()
            time.sleep(5)
            after = history(house)

    assert after == before
    for end in found.values():
        judge(end)
    judge_together(house, found)


def placed(house: House, count: int, name: str, knobs: str = "stock") -> list[Order]:
    names = [PROVIDERS[n % len(PROVIDERS)] for n in range(count)]
    return [
        house.place(f"Boat {n} of {name} [[stock, {knobs}]]", provider=provider)
        for n, provider in enumerate(names)
    ]


def kill(house: House, victim: str) -> None:
    if victim in SERVICES:
        house.site.kill_service(victim)
    else:
        house.site.kill(victim)


def all_end_honestly(house: House, orders: Collection[Order], *, within: float) -> list[End]:
    found = ends(house, orders, within=within)
    for end in found.values():
        judge(end)
    judge_together(house, found)
    return list(found.values())


def in_hand(house: House, orders: Collection[Order]) -> Collection[str]:
    """Each is being sent, or held open by Cloudflare."""
    return house.database.states([order.id for order in orders]).values()


def history(house: House) -> list[tuple[object, ...]]:
    """Everything written down about all orders."""
    queries = [
        "SELECT id, state, state_since, lease_token FROM generations_generation ORDER BY id",
        "SELECT id, state, job_id, looks, raw::text FROM generations_attempt ORDER BY id",
        "SELECT id, created_at, type FROM generations_event ORDER BY id",
        "SELECT id FROM billing_transfer ORDER BY id",
    ]
    return [row for query in queries for row in house.database.rows(query)]
