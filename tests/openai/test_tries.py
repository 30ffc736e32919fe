"""Their clients try again by themselves and send no key: nobody is charged twice for that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts import keys
from accounts.models import IdempotencyRecord
from billing import ledger
from generations.models import Generation, Upload
from tests.api.tools import a_picture, together
from tests.journeys.site import wait_until
from tests.openai.tools import WORDS, OpenAI, refused

pytestmark = pytest.mark.django_db

COUNT = "x_stainless_retry_count"


def first(openai: OpenAI, wish=WORDS):
    return openai.create(wish, **{COUNT: "0"})


def later(openai: OpenAI, wish=WORDS, count: str = "1"):
    return openai.create(wish, **{COUNT: count})


def test_a_second_try_gets_the_answer_of_the_first(openai, wallet):
    answer = first(openai)

    for count in ("1", "2"):
        again = later(openai, count=count)
        assert (again.status_code, again.content) == (200, answer.content)
        assert again["Idempotent-Replayed"] == "true"
    assert Generation.objects.count() == 1
    assert ledger.balance(wallet).held == 280_000


def test_two_first_tries_are_two_orders(openai):
    ids = {first(openai).json()["id"] for _ in range(3)}

    assert len(ids) == 3
    assert later(openai).json()["id"] == Generation.objects.latest("id").public_id


def test_a_second_try_whose_first_never_came_is_an_order(openai):
    """And a third one finds it."""
    second, third = later(openai), later(openai, count="2")

    assert second.status_code == 200
    assert third.content == second.content
    assert Generation.objects.count() == 1


def test_an_order_after_a_repeated_one_is_one_of_its_own(openai):
    later(openai)

    assert "Idempotent-Replayed" not in first(openai)
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("count", [{}, {COUNT: ""}, {COUNT: "x"}, {COUNT: "-1"}, {COUNT: "1.0"}])
def test_who_does_not_number_the_tries_orders_each_time(openai, count):
    for _ in range(2):
        assert openai.create(WORDS, **count).status_code == 200
    assert Generation.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_a_refusal_is_not_remembered(openai, wallet):
    ledger.adjust(wallet=wallet, amount=-9_900_000, key="spent", description="", actor="test")
    refused(first(openai), 402, "insufficient_funds")
    ledger.deposit(wallet=wallet, amount=1_000_000, key="more")

    assert later(openai).status_code == 200


def test_a_try_is_the_same_when_key_and_body_are(openai, alice):
    picture, another = a_picture(), a_picture(500, 500)
    first(openai)
    first(openai, WORDS | {"input_reference": picture})

    assert "Idempotent-Replayed" in later(openai, WORDS | {"seconds": "6"})
    assert "Idempotent-Replayed" in later(openai, WORDS | {"input_reference": picture})
    assert "Idempotent-Replayed" not in later(openai, WORDS | {"seconds": "10"})
    assert "Idempotent-Replayed" not in later(openai, WORDS | {"input_reference": another})
    other_key = OpenAI(text=keys.create(maker=alice, name="another").text)
    assert "Idempotent-Replayed" not in later(other_key)
    assert Upload.objects.count() == 2


def test_a_first_try_is_remembered_for_a_minute(openai):
    first(openai)
    age(seconds=59)
    assert "Idempotent-Replayed" in later(openai)

    age(seconds=2)
    assert "Idempotent-Replayed" not in later(openai)
    assert Generation.objects.count() == 2


def test_a_key_of_ones_own_counts_more_than_the_number_of_the_try(openai):
    answers = [
        openai.create(WORDS, idempotency_key=key, **{COUNT: count})
        for key, count in [("a", "0"), ("a", "1"), ("b", "1")]
    ]

    assert answers[0].content == answers[1].content != answers[2].content
    mismatch = openai.create(WORDS | {"seconds": "10"}, idempotency_key="a")
    refused(mismatch, 400, "idempotency_mismatch")


def test_a_remix_is_tried_again_like_any_order(openai):
    id = openai.video()["id"]
    answers = [openai.remix(id, **{COUNT: count}) for count in ("0", "1")]

    assert answers[0].content == answers[1].content
    assert Generation.objects.count() == 2


def age(*, seconds: int) -> None:
    earlier = F("created_at") - timedelta(seconds=seconds)
    IdempotencyRecord.objects.update(created_at=earlier)


# At the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wish", [WORDS, WORDS | {"input_reference": a_picture()}])
def test_later_tries_at_once_are_one_order(openai, wallet, wish):
    calls = [lambda count=count: later(of(openai), wish, str(count)) for count in range(1, 7)]

    answers = together(calls)

    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    for answer in answers:
        if answer not in done:
            refused(answer, 409, "idempotency_in_flight", retry=True)
            assert answer["Retry-After"] == "1"
    assert Generation.objects.count() == 1
    assert ledger.balance(wallet).held == 280_000


@pytest.mark.django_db(transaction=True)
def test_a_second_try_is_told_to_come_back_while_the_first_is_under_way(openai, wallet):
    with ThreadPoolExecutor() as threads:
        with held_up(wallet):
            the_first = threads.submit(alone, first, openai)
            wait_until(lambda: advisory_locks() == [True])
            refused(later(openai), 409, "idempotency_in_flight", retry=True)

        answer = the_first.result()
        assert later(openai, count="2").content == answer.content
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_first_try_that_was_overtaken_gets_the_answer_of_the_other(openai, wallet):
    with ThreadPoolExecutor() as threads:
        with held_up(wallet):
            second = threads.submit(alone, later, openai)
            wait_until(lambda: advisory_locks() == [True])
            the_first = threads.submit(alone, first, openai)
            wait_until(lambda: advisory_locks() == [False, True])

        assert the_first.result().content == second.result().content
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_first_tries_at_once_are_as_many_orders(openai, wallet):
    answers = together([lambda: first(of(openai))] * 6)

    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.json()["id"] for answer in answers}) == 6
    assert ledger.balance(wallet).held == 6 * 280_000


def of(openai: OpenAI) -> OpenAI:
    """The same key on a line of its own."""
    return OpenAI(text=openai.key)


def alone(send, openai: OpenAI):
    try:
        return send(of(openai))
    finally:
        connection.close()


@contextmanager
def held_up(wallet):
    """Nobody gets at the wallet meanwhile."""
    with transaction.atomic():
        assert type(wallet).objects.select_for_update().get(pk=wallet.pk)
        yield


def advisory_locks() -> list[bool]:
    """Those of this database, whether each was granted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT granted FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database() ORDER BY granted"
        )
        return [granted for (granted,) in cursor.fetchall()]
