"""Hundreds of seeds, each a while in which anything may happen: nothing forbidden ever does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LEAST_STEPS = 60


def simulator(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.sim", *options], cwd=CHECKOUT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
        pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(8 * 3600)]),
    ],
)
def test_whatever_happens_nothing_forbidden_does(count):
    played = simulator("--json", "--count", str(count), "--jobs", "2")

    told = json.loads(played.stdout.splitlines()[-1])
    failed = [f"python -m tests.sim {one['seed']}: {one['fault']}" for one in told["failed"]]
    assert failed == []
    assert told["seeds"] == count
    assert told["steps"] >= LEAST_STEPS * count


@pytest.mark.slow
def test_a_seed_plays_the_same_every_time():
    first, second = (simulator("7").stdout.partition("\n{\n")[0] for _ in range(2))

    assert first == second
    assert first.count("\n") > LEAST_STEPS
