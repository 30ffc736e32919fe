"""Any one process is killed while ten clips are under way: all ten end, each paid for once."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("victim", ["web", "worker", "beat", "sandbox"])
def test_ten_clips_survive_the_death_of_one_process(site, customer, victim):
    orders = [customer.order(f"Boat {n} near the {victim}")["id"] for n in range(10)]
    time.sleep(1.5)  # some are waiting, some are with the provider, some come home

    site.kill(victim)
    ends = customer.finished(*orders, within=150)

    for end in ends:
        paid = ["hold", "capture"] if end["status"] == "succeeded" else ["hold", "release"]
        assert customer.transactions(end["id"]) == paid
    succeeded = [end for end in ends if end["status"] == "succeeded"]
    assert len(succeeded) == 10, [end["error"] for end in ends]
    assert customer.wallet()["held"] == "0.00"
    assert len(billed(site, victim)) == 10


def billed(site, victim: str) -> list[str]:
    """The renders the provider charged us for: one for each clip, never two."""
    jobs = site.sandbox("GET", "/control/jobs")["jobs"]
    return [job["uuid"] for job in jobs if job["billed"] and f"near the {victim}" in job["prompt"]]
