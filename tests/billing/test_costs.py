"""What providers take from us: booked by saying what is true now; never changed, only added to."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from billing import costs
from billing.models import Cost
from tests.api.tools import together

pytestmark = pytest.mark.django_db

CLIP = 280_000


def book(payable: int = 0, suspense: int = 0, reference: str = "attempt:a") -> list[Cost]:
    return costs.book(
        provider="runware", reference=reference, payable=payable, suspense=suspense, why="test"
    )


def rows(reference: str = "attempt:a") -> list[tuple[int, str, str, int]]:
    found = Cost.objects.filter(reference=reference).order_by("number")
    return [(one.number, one.debit, one.credit, one.amount) for one in found]


def owed(account: str) -> int:
    return sum(
        one.amount * ((one.credit == account) - (one.debit == account))
        for one in Cost.objects.all()
    )


def test_what_an_attempt_costs_is_owed_to_its_provider():
    (row,) = book(CLIP)

    assert (row.provider, row.why) == ("runware", "test")
    assert rows() == [(1, "cost", "payable", CLIP)]


def test_saying_the_same_again_books_nothing():
    book(CLIP)

    assert book(CLIP) == []
    assert len(rows()) == 1


def test_saying_that_nothing_is_owed_books_nothing():
    assert book() == []
    assert rows() == []


def test_what_was_in_doubt_becomes_certain():
    book(suspense=CLIP)

    book(payable=CLIP)

    assert rows()[0] == (1, "cost", "suspense", CLIP)
    assert (owed("payable"), owed("suspense"), owed("cost")) == (CLIP, 0, -CLIP)


def test_what_was_in_doubt_was_not_taken():
    book(suspense=CLIP)

    book()

    assert rows()[1] == (2, "suspense", "cost", CLIP)
    assert (owed("payable"), owed("suspense"), owed("cost")) == (0, 0, 0)


@pytest.mark.parametrize("said", [[280, 490], [490, 280], [280, 0, 280], [280, 350, 300, 0]])
def test_a_bill_that_says_otherwise_adds_the_difference(said):
    for payable in said:
        book(payable)

    assert owed("payable") == said[-1]
    changes = [now - before for before, now in zip([0, *said], said, strict=False)]
    assert [amount for *_, amount in rows()] == [abs(change) for change in changes]


def test_each_attempt_has_its_own_account():
    book(CLIP)
    book(2 * CLIP, reference="attempt:b")

    assert (len(rows()), len(rows("attempt:b")), owed("payable")) == (1, 1, 3 * CLIP)


def test_a_booking_that_is_rolled_back_leaves_nothing():
    with transaction.atomic():
        book(CLIP)
        transaction.set_rollback(True)

    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_said_by_many_at_once_is_booked_once():
    together([lambda: book(payable=CLIP)] * 24)

    assert rows() == [(1, "cost", "payable", CLIP)]


@pytest.mark.django_db(transaction=True)
def test_many_who_say_different_things_at_once_take_turns():
    together([lambda n=n: book(payable=CLIP + n % 3, suspense=n % 2) for n in range(24)])

    assert CLIP <= owed("payable") <= CLIP + 2
    assert 0 <= owed("suspense") <= 1
    assert [number for number, *_ in rows()] == list(range(1, len(rows()) + 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_cost SET amount = amount + 1",
        "UPDATE billing_cost SET why = 'other'",
        "DELETE FROM billing_cost",
    ],
)
def test_the_database_lets_nobody_change_or_delete_a_row(statement):
    book(CLIP)

    with (
        pytest.raises(DatabaseError, match="never changed or deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert rows() == [(1, "cost", "payable", CLIP)]


@pytest.mark.parametrize(
    "change",
    [{"amount": 0}, {"amount": -1}, {"debit": "payable"}, {"number": 1}],
    ids=str,
)
def test_the_database_takes_no_row_that_makes_no_sense(change):
    book(CLIP)
    row = {
        "provider": "runware", "reference": "attempt:a", "number": 2, "debit": "cost",
        "credit": "payable", "amount": 1,
    }  # fmt: skip

    with pytest.raises(IntegrityError), transaction.atomic():
        Cost.objects.create(**row | change)
