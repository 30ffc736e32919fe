"""How long a busy wallet's files take. The small one keeps watch, the big one is the promise."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from accounts.models import Workspace
from billing import money
from billing.statements import files, periods, usage
from tests.billing.statements.past import LAST_MONTH, THIS_MONTH, TODAY, at

pytestmark = [pytest.mark.urls("tests.billing.statements.urls"), pytest.mark.slow]

MONTH = f"{LAST_MONTH:%Y-%m}"
SPLITS = [(), ("day",), ("model",), ("day", "member", "key", "model")]


@contextmanager
def within(seconds: float, what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    taken = time.perf_counter() - start
    print(f"{what}: {taken:.2f} s")  # noqa: T201
    assert taken < seconds, what


def take_the_time(client, workspace: Workspace, *, long: bool) -> None:
    here = f"/billing/statements/{workspace.public_id}"
    client.get("/billing/statements/")  # the first request of a process imports the whole site
    with within(0.3, "list of months"):
        assert client.get("/billing/statements/").status_code == 200
    with within(1, "first movements of the month's CSV"):
        pieces = iter(client.get(f"{here}/{MONTH}.csv").streaming_content)
        for _ in range(3):
            next(pieces)
    with within(5, "month's CSV to its end"):
        assert client.get(f"{here}/{MONTH}.csv").getvalue().count(b"\n") > 10_000
    with within(1, "first movements of the whole ledger"):
        pieces = iter(client.get(f"{here}/ledger").streaming_content)
        for _ in range(2):
            next(pieces)
    with within(5, "month's PDF"):
        assert client.get(f"{here}/{MONTH}.pdf").content.startswith(b"%PDF")
    for by in SPLITS:
        with within(2, f"usage of a month by {by}"):
            usage.spend(workspace=workspace, first=LAST_MONTH, last=TODAY, by=by)
        with within(10 if long else 2, f"usage of all days by {by}"):
            usage.spend(workspace=workspace, first=workspace.created_at.date(), last=TODAY, by=by)


def test_twenty_thousand_movements_are_nothing(past, dora):
    past.topped_up(10_000 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(10_000, LAST_MONTH, THIS_MONTH)

    take_the_time(dora, past.workspace, long=False)


def test_a_file_takes_no_more_memory_the_longer_it_is(past):
    past.topped_up(10_000 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(5_000, LAST_MONTH, THIS_MONTH)
    book = periods.book(workspace=past.workspace, start=LAST_MONTH, end=THIS_MONTH)

    tracemalloc.start()
    _, _, second, *following = [_peak() for _ in files.ledger_csv(book)]
    tracemalloc.stop()

    assert len(following) == 4
    assert max(following) < second * 1.2  # a page, and the one before it until it is sent


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_million_movements_in_one_wallet(past, dora):
    """A year of them, 83 000 a month."""
    born = THIS_MONTH
    for _ in range(12):
        born = (born - timedelta(days=1)).replace(day=1)
    Workspace.objects.filter(pk=past.workspace.pk).update(created_at=at(born, 0))
    past.workspace.refresh_from_db()
    past.topped_up(1_000_000 * money.MICROS, at(born, 0))
    with within(900, "writing a million transfers"):
        past.many_clips(500_000, born, THIS_MONTH)

    take_the_time(dora, past.workspace, long=True)


def _peak() -> int:
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    return peak
