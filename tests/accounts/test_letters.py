"""Letters that hold a secret."""

from __future__ import annotations

from django.core import mail
from django.db import connection

from accounts import letters
from billing import tasks

SECRET = "a-token-that-opens-a-door"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(l::text, ' ') FROM accounts_letter l")
        return str(cursor.fetchone()[0])


def test_a_secret_is_sealed_until_the_letter_is_sent_and_gone_afterwards(db):
    letters.write(
        to=["dora@example.org"],
        template="low_balance",
        key="test",
        context={"workspace": "Lighthouse", "threshold": "5.00"},
        secrets={"available": SECRET},
    )
    assert "Lighthouse" in stored()
    assert "sealed" in stored()
    assert SECRET not in stored()

    tasks.work()

    assert SECRET in mail.outbox[0].body
    assert "sealed" not in stored()
