"""Low balances and limits nearly reached: told once each, to people and to their programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import CustomerEvent, Letter, Workspace
from billing import alerts, ledger, limits, money, spending
from billing.api.events import EXAMPLES
from billing.models import Payer
from tests.api.tools import together
from tests.factories import a_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("audited")]

NOW = datetime.now(UTC).replace(hour=12, minute=0)
TODAY = NOW.date()
NEXT_MONTH = (TODAY.replace(day=1) + timedelta(days=32)).replace(day=1)
CLIP, DOLLAR = 280_000, money.MICROS


@pytest.fixture
def workspace(db) -> Workspace:
    """Its people wish to hear when less than five of their ten dollars are left."""
    workspace = a_workspace(deposit="10.00")
    Payer.objects.create(workspace=workspace, warn_below=5 * DOLLAR)
    return workspace


def order(workspace: Workspace, *references: str, price: int = CLIP) -> None:
    for reference in references:
        ledger.hold(wallet=workspace.wallet, amount=price, reference=reference)


def counted(workspace: Workspace, reference: str, price: int) -> None:
    """Against every limit of this member and key."""
    who = limits.spender(workspace, member="usr_1", key="key_1")
    with transaction.atomic():
        limits.count(who, each=price, references=[reference], now=NOW)


def looked(times: int = 1) -> list[int]:
    """How much was told in so many minutes."""
    return [alerts.run(now=NOW + timedelta(minutes=n)) for n in range(times)]


def test_a_low_balance_is_told_once_however_many_orders_follow(workspace, listens):
    program = listens(workspace)
    order(workspace, "a", price=5 * DOLLAR)
    assert looked() == [0], "just enough is enough"

    found = []
    for reference in ("b", "c", "d", "e"):
        order(workspace, reference)
        found += looked(2)

    assert found == [1, 0, 0, 0, 0, 0, 0, 0]
    (event,) = program.told()
    assert event["type"] == "wallet.low"
    assert event["data"] == {"available": "4.72", "threshold": "5.00", "currency": "USD"}
    assert event["data"].keys() == EXAMPLES["wallet.low"].keys()
    assert Letter.objects.filter(template="low_balance").count() == 1


def test_it_is_told_again_only_after_there_was_enough(workspace, listens):
    program = listens(workspace)
    order(workspace, "a", price=6 * DOLLAR)
    assert looked() == [1]

    ledger.deposit(wallet=workspace.wallet, amount=DOLLAR // 2, key="too little")
    assert looked(2) == [0, 0]
    ledger.release(wallet=workspace.wallet, reference="a")
    assert looked() == [0], "that there is enough again is no news"
    order(workspace, "b", price=9 * DOLLAR)
    assert looked(3) == [1, 0, 0]

    assert [one["data"]["available"] for one in program.told("wallet.low")] == ["4.00", "1.50"]
    assert Letter.objects.filter(template="low_balance").count() == 2


def test_looking_from_eight_places_at_once_tells_once(workspace):
    order(workspace, "a", price=6 * DOLLAR)

    found = together([lambda: alerts.run(now=NOW)] * 8)

    assert sum(found) == 1
    assert CustomerEvent.objects.filter(type="wallet.low").count() == 1


def test_who_set_no_threshold_hears_nothing(workspace):
    Payer.objects.update(warn_below=None)
    order(workspace, "a", price=10 * DOLLAR)

    assert looked() == [0]
    assert not CustomerEvent.objects.exists()


@pytest.mark.parametrize(
    ("subject", "window", "named", "resets_at"),
    [
        ("workspace", "day", ("workspace per day", None), TODAY + timedelta(days=1)),
        (
            "key:key_1",
            "month",
            ("key per month", "key_1"),
            (TODAY.replace(day=1) + timedelta(days=32)).replace(day=1),
        ),
        ("member:usr_1", "lifetime", ("member per lifetime", "usr_1"), None),
    ],
)
def test_a_limit_nearly_reached_is_told_once(workspace, listens, subject, window, named, resets_at):
    program = listens(workspace)
    spending.set_limit(workspace, subject=subject, window=window, amount=10 * CLIP)
    counted(workspace, "a", 8 * CLIP)

    assert looked() == [1]
    counted(workspace, "b", CLIP)
    assert looked(2) == [0, 0]

    (event,) = program.told()
    assert event["type"] == "wallet.spend_warning"
    said = event["data"]
    assert (said["limit"], said["subject"]) == named
    assert (said["amount"], said["spent"], said["remaining"]) == ("2.80", "2.24", "0.56")
    assert said["resets_at"] == (resets_at and f"{resets_at}T00:00:00.000Z")
    assert said.keys() == EXAMPLES["wallet.spend_warning"].keys()
