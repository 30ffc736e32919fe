"""
What money must reach: DESIGN section 10 and reliability (f), on a real PostgreSQL.

First 200 at once on one wallet, each with many small transactions of every kind. Then a wallet with
a million transfers in twelve months: its audit, its pages, its files. Their references are about
nothing, so what it takes to describe clips is not in the figures of the files.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.home import at_home
from bench.table import Figure, percentile, show

AT_ONCE, EACH = 200, 20
#: As many as PostgreSQL gives, less some for itself.
CONNECTIONS = 80
TRANSFERS = 1_000_000
CLIP = 280_000
STATEMENTS = "/billing/statements/"


def main(transfers: int = TRANSFERS) -> bool:
    with at_home(DATABASE_POOL=str(CONNECTIONS)):
        return all([_crowd(), _big_wallet(transfers)])


# Many at once


def _crowd() -> bool:
    from billing import audit
    from tests.factories import a_workspace

    wallet = a_workspace(deposit="20.00").wallet
    crowd = [Customer(wallet, number) for number in range(AT_ONCE)]
    before, start = _deadlocks(), time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda one: one.live(EACH), crowd))
    taken = time.perf_counter() - start
    for one in crowd:
        one.leave()
    ends = sum((one.ends for one in crowd), Counter[str]())
    waits = [wait for one in crowd for wait in one.waits]
    done, short = ends.pop("done"), ends.pop("InsufficientFunds", 0)
    if ends:
        print(f"  {dict(ends)}")
    return show(
        f"{AT_ONCE} at once on one wallet, {EACH} transactions each",
        [
            Figure("transactions a second", (done + short) / taken, "/s", least=300),
            Figure("moved something", done),
            Figure("refused for want of money", short),
            Figure("errors", ends.total(), most=0),
            Figure("deadlocks", _deadlocks() - before, most=0),
            Figure("a transaction among them, p95", percentile(waits, 0.95), "s"),
            Figure("faults in the books", len(audit.own_faults()), most=0),
        ],
    )


class Customer:
    """Somebody who does everything that can be done to a wallet, at random."""

    def __init__(self, wallet: Any, number: int) -> None:
        self.wallet, self.number, self.dice = wallet, number, random.Random(number)
        self.held: list[str] = []
        self.captured: list[str] = []
        self.deposits: list[str] = []
        self.ends, self.waits, self.made = Counter[str](), list[float](), 0

    def live(self, steps: int) -> None:
        from django.db import connection, transaction

        from billing import ledger

        for _ in range(steps):
            act, start = self._act(), time.perf_counter()
            try:
                with transaction.atomic():
                    act()
                self.ends["done"] += 1
            except ledger.InsufficientFunds as error:
                self.ends[type(error).__name__] += 1
            except Exception as error:  # whatever it is, it is counted and shown
                self.ends[f"{type(error).__name__}: {error}"[:120]] += 1
            finally:
                self.waits.append(time.perf_counter() - start)
                connection.close()

    def leave(self) -> None:
        """Orders of nothing: none may stay under way."""
        from billing import ledger

        for name in self.held:
            ledger.release(wallet=self.wallet, reference=name)

    def _act(self) -> Callable[[], object]:
        acts = [self._hold, self._hold, self._deposit]
        acts += [self._capture, self._release] if self.held else []
        acts += [self._refund] if self.captured else []
        acts += [self._claw_back] if self.deposits else []
        return self.dice.choice(acts)

    def _name(self, kind: str) -> str:
        self.made += 1
        return f"{kind}:{self.number}-{self.made}"

    def _hold(self) -> None:
        from billing import ledger

        name = self._name("job")
        ledger.hold(wallet=self.wallet, amount=CLIP, reference=name)
        self.held.append(name)

    def _capture(self) -> None:
        from billing import ledger

        name, amount = self.held.pop(), self.dice.randint(1, CLIP)
        ledger.capture(wallet=self.wallet, amount=amount, reference=name)
        if amount > 1000:
            self.captured.append(name)

    def _release(self) -> None:
        from billing import ledger

        ledger.release(wallet=self.wallet, reference=self.held.pop())

    def _refund(self) -> None:
        from billing import ledger

        name = self.captured.pop()
        ledger.refund(wallet=self.wallet, amount=1000, reference=name, number=1)

    def _deposit(self) -> None:
        from billing import ledger

        name = self._name("paid")
        ledger.deposit(wallet=self.wallet, amount=CLIP, key=name, reference=name)
        self.deposits.append(name)

    def _claw_back(self) -> None:
        from billing import ledger

        name = self.deposits.pop()
        ledger.claw_back(
            wallet=self.wallet, amount=CLIP, key=name, reference=name, description="Disputed"
        )


def _deadlocks() -> int:
    from django.db import connection

    time.sleep(1.5)  # the counters come a little late
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


# A long past


def _big_wallet(transfers: int) -> bool:
    from django.core.management import call_command
    from django.test import Client

    from billing import audit

    call_command("collectstatic", verbosity=0, interactive=False)
    workspace, month = _with_a_past(transfers)
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(workspace.people.get())
    here = f"{STATEMENTS}{workspace.public_id}/{month:%Y-%m}"
    audited, faults = _timed(audit.faults)
    for fault in faults[:3]:
        print(f"  {fault}")
    return show(
        f"A wallet of {transfers:,} transfers in twelve months",
        [
            Figure("audit of the books", audited, "s", most=60),
            Figure("faults in the books", len(faults), most=0),
            Figure("wallet, worst of ten", _slowest(browser, "/wallet"), "ms", most=300),
            Figure("statements, worst of ten", _slowest(browser, STATEMENTS), "ms", most=300),
            Figure("month's statement as CSV", _read(browser, f"{here}.csv"), "s", most=5),
            Figure("month's statement as PDF", _read(browser, f"{here}.pdf"), "s", most=5),
        ],
    )  # fmt: skip


def _with_a_past(transfers: int) -> tuple[Any, date]:
    """Half as many clips, held and captured, evenly over twelve months; and the last of those."""
    from django.db import connection

    from accounts.models import Workspace
    from billing.models import Wallet
    from tests.billing.statements.past import LAST_MONTH, MANY, THIS_MONTH
    from tests.factories import a_workspace

    first, until = date(THIS_MONTH.year - 1, THIS_MONTH.month, 1), THIS_MONTH
    workspace, clips = a_workspace(deposit="1000000.00"), transfers // 2
    Workspace.objects.filter(pk=workspace.pk).update(created_at=_midnight(first))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT set_config('session_replication_role', 'replica', false)")
        _date_the_first(cursor, workspace, first)
        cursor.execute(
            MANY,
            {
                "wallet": workspace.pk, "position": 1, "available": 1_000_000_000_000, "held": 0,
                "count": clips, "amount": CLIP, "first": _midnight(first) + timedelta(minutes=1),
                "step": (_midnight(until) - _midnight(first)) / (transfers + 10),
            },
        )  # fmt: skip
        cursor.execute("SELECT set_config('session_replication_role', 'origin', false)")
        Wallet.objects.filter(pk=workspace.pk).update(
            available=1_000_000_000_000 - clips * CLIP, moves=1 + clips * 2
        )
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    return Workspace.objects.get(pk=workspace.pk), LAST_MONTH


def _date_the_first(cursor: Any, workspace: Any, first: date) -> None:
    cursor.execute(
        "UPDATE billing_transfer SET created_at = %s WHERE wallet_id = %s",
        [_midnight(first), workspace.pk],
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def _slowest(browser: Any, address: str) -> float:
    """In milliseconds; the first request of a process imports the whole site."""
    assert browser.get(address).status_code == 200
    return max(_timed(lambda: browser.get(address))[0] for _ in range(10)) * 1000


def _read(browser: Any, address: str) -> float:
    taken, content = _timed(lambda: browser.get(address).getvalue())
    assert len(content) > 10_000, content[:200]
    return taken


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
