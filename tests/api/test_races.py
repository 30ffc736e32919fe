"""Many at once on one wallet."""

from __future__ import annotations

from collections import Counter

import pytest

from accounts import crashpoints
from accounts.models import IdempotencyRecord, Workspace
from billing import ledger
from billing.ledger import Balance
from generations.models import Generation
from tests.api.tools import API, WORDS, problem, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_parallel_orders_for_which_there_is_money_for_five(api, wallet):
    ledger.adjust(wallet=wallet, amount=-8_600_000, key="spent", description="", actor="test")

    answers = together([lambda: API(text=api.key).post("/generations", WORDS)] * 20)

    assert Counter(answer.status_code for answer in answers) == {202: 5, 402: 15}
    for answer in answers:
        if answer.status_code == 402:
            assert problem(answer, 402, "insufficient_funds")["needed"] == "0.28"
    assert Generation.objects.count() == 5
    assert ledger.balance(wallet) == Balance(available=0, held=1_400_000)


def test_a_quote_is_used_by_one_of_many(api):
    quote = api.post("/quotes", WORDS).json()["id"]

    answers = together(
        [lambda: API(text=api.key).post("/generations", WORDS | {"quote": quote})] * 8
    )

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 7}
    assert Generation.objects.count() == 1


def test_an_order_canceled_by_many_is_released_once(api, wallet):
    id = api.post("/generations", WORDS).json()["id"]

    answers = together([lambda: API(text=api.key).post(f"/generations/{id}/cancel")] * 8)

    assert {answer.status_code for answer in answers} == {200}
    assert ledger.balance(wallet) == Balance(available=10_000_000, held=0)


def test_a_key_that_was_answered_after_it_was_looked_for_changes_nothing(api, wallet):
    """The lock is free a moment before the record of whoever had it can be seen."""

    def answered_elsewhere(name: str) -> None:
        if name == "CP1":
            crashpoints.passing = None
            together([lambda: _answer("order-1")])

    crashpoints.passing = answered_elsewhere
    try:
        response = api.post("/generations", WORDS, idempotency_key="order-1")
    finally:
        crashpoints.passing = None

    problem(response, 409, "idempotency_in_flight")
    assert response["Retry-After"] == "1"
    assert not Generation.objects.exists()
    assert ledger.balance(wallet) == Balance(available=10_000_000, held=0)


def _answer(key: str) -> None:
    IdempotencyRecord.objects.create(
        workspace=Workspace.objects.get(api_keys__isnull=False),
        scope="POST /api/v1/generations",
        key=key,
        fingerprint="0" * 64,
        status=202,
    )
