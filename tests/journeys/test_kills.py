"""Any one process is killed while ten clips are under way: all ten end, each paid for once."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("victim", ["web", "worker", "beat", "sandbox"])
def test_ten_clips_survive_the_death_of_one_process(site, customer, victim):
    orders = ten_under_way(customer, victim)

    site.kill(victim)

    all_ten_end_and_are_paid_once(site, customer, victim, orders)


@pytest.mark.parametrize("victim", ["postgres", "valkey"])
def test_ten_clips_survive_the_death_of_a_service(site, customer, victim):
    orders = ten_under_way(customer, victim)

    site.kill_service(victim)
    answers = [customer.api.get("/wallet").status_code for _ in range(20)]

    assert set(answers) <= {200, 503}, "anything but an answer that says to come back"
    all_ten_end_and_are_paid_once(site, customer, victim, orders)


def ten_under_way(customer, victim) -> list[str]:
    """Some are waiting, some are with the provider, some come home."""
    orders = [customer.order(f"Boat {n} near the {victim}")["id"] for n in range(10)]
    time.sleep(1.5)
    return orders


def all_ten_end_and_are_paid_once(site, customer, victim, orders) -> None:
    ends = customer.finished(*orders, within=150)
    assert {end["status"] for end in ends} == {"succeeded"}, [end["error"] for end in ends]
    for end in ends:
        assert customer.transactions(end["id"]) == ["hold", "capture"]
    assert customer.wallet()["held"] == "0.00"
    assert len(billed(site, victim)) == 10


def billed(site, victim: str) -> list[str]:
    """The renders the provider charged us for: one for each clip, never two."""
    jobs = site.sandbox("GET", "/control/jobs")["jobs"]
    return [job["uuid"] for job in jobs if job["billed"] and f"near the {victim}" in job["prompt"]]
