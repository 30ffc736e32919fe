"""
Claims and leases: who has which row in hand.

A claim takes due rows with SKIP LOCKED, so two workers never get the same one, and leaves a lease
on them, so that a killed worker's rows are taken up again. Every write names the claim's token:
a worker that overslept its lease touches no row. All times are the database's, so a worker's own
clock does not matter.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model
from django.db.models.functions import Now
from django.utils import timezone

LEASE_SECONDS = 20
RENEWED_EVERY = 5.0
#: Whether a row may be taken, as SQL, for those who only ask.
IS_DUE = "due_at <= now() AND (lease_until IS NULL OR lease_until < now())"

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Claim(Generic[M]):
    """One row in hand. `now` is the database's time at the moment of claiming."""

    row: M
    token: int
    now: datetime


def take(
    model: type[M],
    *,
    where: str,
    parameters: Sequence[object] = (),
    limit: int,
    now: datetime | None = None,
    without: Collection[str] = (),
) -> list[Claim[M]]:
    """
    Take up to `limit` due rows, longest due first.

    :param where: a further condition on the row, as SQL of ours with `parameters`.
    :param now: replaces the database's clock, for tests that travel in time.
    :param without: columns that are read only if they are asked for.
    """
    table = model._meta.db_table
    columns = [one.column for one in model._meta.concrete_fields if one.column not in without]
    read = ", ".join(f'{table}."{column}"' for column in columns)
    query = f"""
        UPDATE {table} SET lease_until = clock.now + interval '{LEASE_SECONDS} seconds',
                           lease_token = lease_token + 1
          FROM (SELECT coalesce(%s, statement_timestamp()) AS now) AS clock
         WHERE id IN (SELECT id FROM {table}
                       WHERE ({where}) AND due_at <= coalesce(%s, statement_timestamp())
                         AND (lease_until IS NULL
                              OR lease_until < coalesce(%s, statement_timestamp()))
                       ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
     RETURNING {read}, clock.now AS claimed_at"""
    rows = model._default_manager.raw(query, [now, *parameters, now, now, limit])
    return [_taken(row) for row in rows]


@transaction.atomic
def seize(row: M, *, seen: str) -> Claim[M] | None:
    """
    Take one row out of whoever's hand while it is still in the state we saw it in.

    For people: a worker that has it in hand changes nothing any more, and of two people who do so
    at once the later one finds another state. None when it is in another state.
    """
    rows = type(row)._default_manager.filter(pk=row.pk, state=seen)
    until = Now() + timedelta(seconds=LEASE_SECONDS)
    if not rows.update(lease_token=F("lease_token") + 1, lease_until=until):
        return None
    row.refresh_from_db()
    return Claim(row=row, token=vars(row)["lease_token"], now=timezone.now())


@contextmanager
def kept(claims: Iterable[Claim[M]]) -> Iterator[None]:
    """Renew the leases of these claims for as long as the work on them takes."""
    held = list(claims)
    done = threading.Event()
    keeper = threading.Thread(target=_renew, args=(held, done), daemon=True, name="lease")
    if held:
        keeper.start()
    try:
        yield
    finally:
        done.set()


def _taken(row: M) -> Claim[M]:
    fields = vars(row)
    return Claim(row=row, token=fields["lease_token"], now=fields["claimed_at"])


def _renew(held: Sequence[Claim[M]], done: threading.Event) -> None:
    while not done.wait(RENEWED_EVERY):
        try:
            extend(held)
        except DatabaseError:  # the next renewal may get through; else the lease simply ends
            continue
        finally:
            connection.close()


def extend(held: Sequence[Claim[M]]) -> None:
    """Renew these leases, where they are still ours."""
    table = type(held[0].row)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET lease_until = now() + interval '{LEASE_SECONDS} seconds' "
            "WHERE lease_until IS NOT NULL AND (id, lease_token) IN "
            "(SELECT * FROM unnest(%s::uuid[], %s::bigint[]))",
            [[claim.row.pk for claim in held], [claim.token for claim in held]],
        )
