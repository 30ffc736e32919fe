"""Ledger, quotes, limits, codes and Stripe together, against a small model of them."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.billing.machine.machine import Wallets
from tests.billing.sandbox.house import House


def run(house: House, examples: int, *, steps: int) -> None:
    Wallets.house, Wallets.runs, Wallets.steps = house, 0, 0
    start = time.perf_counter()
    run_state_machine_as_test(
        Wallets,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    taken = time.perf_counter() - start
    print(f"{Wallets.runs} runs, {Wallets.steps} steps, {taken:.0f} s")  # noqa: T201
    assert Wallets.runs >= examples


@pytest.mark.slow
def test_two_hundred_stories_of_a_wallet_end_as_the_model_and_stripe_say(house):
    run(house, 200, steps=12)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_stories_of_a_wallet_end_as_the_model_and_stripe_say(house):
    run(house, 2000, steps=20)
