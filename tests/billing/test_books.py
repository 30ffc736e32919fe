"""The database itself keeps the books right; the audit notices when somebody got round it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from billing import audit, ledger
from billing.models import Transfer, Wallet
from billing.money import MICROS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_transfer SET amount = amount + 1",
        "DELETE FROM billing_transfer",
        "UPDATE billing_wallet SET available = -1",
        "UPDATE billing_wallet SET held = -1",
        "UPDATE billing_wallet SET debt = -1",
    ],
)
def test_the_database_refuses_to_falsify_the_books(wallet, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert audit.own_faults() == []


@pytest.mark.parametrize(
    ("kind", "debit", "credit"),
    [("hold", "held", "available"), ("deposit", "available", "stripe"), ("x", "stripe", "held")],
)
def test_the_database_knows_only_the_moves_that_exist(wallet, kind, debit, credit):
    with pytest.raises(DatabaseError), transaction.atomic():
        Transfer.objects.create(
            wallet=wallet,
            position=99,
            kind=kind,
            debit=debit,
            credit=credit,
            amount=1,
            key="forged",
            available_after=0,
            held_after=0,
            debt_after=0,
        )


def test_the_database_settles_no_more_than_was_held(wallet):
    ledger.hold(wallet=wallet, amount=100, reference="generation:a")

    with pytest.raises(DatabaseError, match="more than"), transaction.atomic():
        Transfer.objects.create(
            wallet=wallet,
            position=3,
            kind="capture",
            debit="held",
            credit="revenue",
            amount=101,
            key="forged",
            reference="generation:a",
            available_after=0,
            held_after=0,
            debt_after=0,
        )


def test_the_audit_names_a_wallet_that_was_changed_by_hand(wallet):
    Wallet.objects.filter(pk=wallet.pk).update(available=11 * MICROS)

    faults = audit.own_faults()

    assert len(faults) == 1
    assert str(wallet.pk) in faults[0]
    assert "11000000" in faults[0]


def test_the_audit_names_a_transfer_that_is_missing(wallet):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
        cursor.execute("DELETE FROM billing_transfer")
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert any("numbered" in fault for fault in audit.own_faults())
