"""Spend limits: what counts, for whom and until when; nobody passes one, however many try."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from accounts.models import Letter, Role, Workspace
from billing import alerts, ledger, limits, spending
from billing.models import Spending, SpendLimit
from tests.api.tools import API, WORDS, problem, together
from tests.factories import a_member, a_workspace
from tests.site.conftest import browser_of
from tests.site.forms import order_form

CLIP = 280_000
NOW = datetime.now(UTC).replace(hour=12, minute=0)
TODAY, DAY = NOW.date(), timedelta(days=1)
NEXT_MONTH = (NOW.replace(day=1) + timedelta(days=32)).replace(day=1)


@pytest.fixture
def workspace(db) -> Workspace:
    return a_workspace(deposit="100.00")


@pytest.fixture
def limit(workspace) -> SpendLimit:
    """Two clips a day for the whole workspace."""
    return limited(workspace, 2 * CLIP)


def limited(workspace: Workspace, amount: int, subject: str = "workspace", window: str = "day"):
    return spending.set_limit(workspace, subject=subject, window=window, amount=amount)


def order(workspace: Workspace, *references: str, now: datetime = NOW, **who: str) -> None:
    """Counted and held, in one transaction, as placing orders does it."""
    with transaction.atomic():
        spender = limits.spender(workspace, **who)
        limits.count(spender, each=CLIP, references=references, now=now)
        for reference in references:
            ledger.hold(wallet=workspace.wallet, amount=CLIP, reference=reference)


def spent(limit: SpendLimit, on: date = TODAY) -> int:
    limit.refresh_from_db()
    return limits.spent(limit, on=on)


# What counts


def test_what_is_held_counts_until_the_limit_and_not_beyond(workspace, limit):
    order(workspace, "a", "b")

    with pytest.raises(limits.LimitReached) as refused:
        order(workspace, "c")

    assert spent(limit) == 2 * CLIP
    assert refused.value.limit == limit
    assert "This workspace may spend 0.56 USD today; 0.00 of that is left" in str(refused.value)
    assert ledger.balance(workspace.wallet).held == 2 * CLIP, "and nothing was held for it"


def test_several_orders_at_once_are_counted_all_or_none(workspace, limit):
    with pytest.raises(limits.LimitReached):
        order(workspace, "a", "b", "c")

    assert spent(limit) == 0
    order(workspace, "a", "b")
    assert spent(limit) == 2 * CLIP


def test_what_is_released_counts_no_more(workspace, limit):
    order(workspace, "a", "b")

    with transaction.atomic():
        ledger.release(wallet=workspace.wallet, reference="a")

    assert spent(limit) == CLIP
    order(workspace, "c")


def test_of_what_is_partly_captured_only_that_counts(workspace, limit):
    order(workspace, "a", "b")

    for _ in range(2):
        with transaction.atomic():
            ledger.capture(wallet=workspace.wallet, amount=200_000, reference="a")

    assert spent(limit) == CLIP + 200_000


def test_what_is_refunded_counts_no_more_however_often_it_is_told(workspace, limit):
    order(workspace, "a", "b")
    with transaction.atomic():
        ledger.capture(wallet=workspace.wallet, amount=CLIP, reference="a")

    for number, amount in [(1, 100_000), (1, 100_000), (2, 80_000)]:
        with transaction.atomic():
            ledger.refund(wallet=workspace.wallet, amount=amount, reference="a", number=number)

    assert spent(limit) == 2 * CLIP - 180_000


@pytest.mark.django_db(transaction=True)
def test_a_release_that_is_refused_leaves_the_count_alone():
    workspace = a_workspace(deposit="1.00")
    limit = limited(workspace, CLIP)
    order(workspace, "a")
    with transaction.atomic():
        ledger.capture(wallet=workspace.wallet, amount=CLIP, reference="a")

    with transaction.atomic(), pytest.raises(ledger.NotHeld):
        ledger.release(wallet=workspace.wallet, reference="a")

    assert spent(limit) == CLIP


# Until when


@pytest.mark.parametrize(
    ("window", "until", "anew"),
    [("day", NOW + DAY, True), ("month", NEXT_MONTH, True), ("lifetime", NEXT_MONTH, False)],
)
def test_a_window_that_is_over_starts_anew(workspace, window, until, anew):
    limit = limited(workspace, CLIP, window=window)
    order(workspace, "a")
    with pytest.raises(limits.LimitReached):
        order(workspace, "b", now=NOW + timedelta(hours=11))

    assert limits.left(SpendLimit.objects.get(), on=until.date()) == (CLIP if anew else 0)
    if anew:
        order(workspace, "c", now=until)
    else:
        with pytest.raises(limits.LimitReached):
            order(workspace, "c", now=until)
    assert spent(limit, on=until.date()) == CLIP


def test_what_was_held_yesterday_and_comes_back_today_gives_today_nothing(workspace, limit):
    order(workspace, "a", "b")
    order(workspace, "c", now=NOW + DAY)

    with transaction.atomic():
        ledger.release(wallet=workspace.wallet, reference="a")

    assert spent(limit, on=TODAY + DAY) == CLIP


def test_an_order_that_waited_over_midnight_does_not_turn_the_day_back(workspace, limit):
    order(workspace, "a", "b", now=NOW + DAY)

    with pytest.raises(limits.LimitReached):
        order(workspace, "late", now=NOW)

    with pytest.raises(limits.LimitReached):
        order(workspace, "c", now=NOW + DAY)


@pytest.mark.parametrize(
    ("window", "day", "end"),
    [
        ("day", date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", date(2028, 2, 29), datetime(2028, 3, 1, tzinfo=UTC)),
        ("lifetime", date(2026, 12, 31), None),
    ],
)
def test_a_window_says_when_it_ends(window, day, end):
    assert limits.resets_at(window, day) == end


# For whom


WIDER = ["key:key_1", "member:usr_1", "workspace"]


@pytest.mark.parametrize("narrowest", range(3))
def test_the_narrowest_limit_in_the_way_is_named(workspace, narrowest):
    for subject in WIDER[narrowest:]:
        limited(workspace, CLIP - 1, subject)

    with pytest.raises(limits.LimitReached) as refused:
        order(workspace, "a", key="key_1", member="usr_1")

    assert refused.value.limit.subject == WIDER[narrowest]
    assert not Spending.objects.exists()


def test_a_limit_is_only_for_whom_it_names(workspace, db):
    limited(workspace, 0, "key:key_1")
    limited(workspace, 0, "member:usr_1")
    limited(a_workspace(), 0)

    order(workspace, "a", key="key_2", member="usr_2")

    with pytest.raises(limits.LimitReached):
        order(workspace, "b", key="key_2", member="usr_1")


def test_a_limit_set_later_counts_what_was_ordered_before(alice, bob):
    for one in (alice, bob, bob):
        assert API(one).post("/generations", WORDS).status_code == 202
    bobs = f"member:{bob.user.public_id}"

    assert limited(alice.workspace, 10 * CLIP).spent == 3 * CLIP
    limit = limited(alice.workspace, 2 * CLIP, bobs, "lifetime")

    assert limit.spent == 2 * CLIP
    problem(API(bob).post("/generations", WORDS), 403, "spend_limit_reached")
    assert API(alice).post("/generations", WORDS).status_code == 202


def test_a_limit_that_is_changed_forgets_nothing_and_one_taken_away_is_gone(workspace, limit):
    order(workspace, "a", "b")

    assert limits.left(limited(workspace, 3 * CLIP)) == CLIP
    assert limits.left(limited(workspace, CLIP)) == 0
    assert spending.set_limit(workspace, subject="workspace", window="day", amount=None) is None
    order(workspace, "c", "d")


# Many at once


@pytest.mark.django_db(transaction=True)
def test_thirty_orders_at_once_never_pass_a_limit():
    workspace = a_workspace(deposit="100.00")
    for subject, clips in [("key:key_1", 5), ("member:usr_1", 7), ("workspace", 9)]:
        limited(workspace, clips * CLIP, subject)
    whose = [{"key": "key_1", "member": "usr_1"}, {"member": "usr_1"}, {}]

    def attempt(number: int) -> str:
        try:
            order(workspace, f"order:{number}", **whose[number % 3])
        except limits.LimitReached:
            return "refused"
        if number % 2:
            with transaction.atomic():
                ledger.release(wallet=workspace.wallet, reference=f"order:{number}")
        return "ordered"

    ends = together([lambda n=n: attempt(n) for n in range(30)])

    held = ledger.balance(workspace.wallet).held
    assert set(ends) <= {"ordered", "refused"}
    assert 0 < held <= 9 * CLIP
    for limit in SpendLimit.objects.all():
        counted = sum(one.amount for one in limit.spendings.all())
        assert limit.spent == counted <= limit.amount
    assert SpendLimit.objects.get(subject="workspace").spent == held


@pytest.mark.django_db(transaction=True)
def test_changing_a_limit_while_an_order_is_taken_loses_no_count():
    workspace = a_workspace(deposit="1.00")
    limit = limited(workspace, 2 * CLIP)

    def change() -> None:
        limited(workspace, CLIP)
        connection.close()

    changing = threading.Thread(target=change)
    with transaction.atomic():
        order(workspace, "a")
        changing.start()
        changing.join(0.5)  # it waits for us, or is done
    changing.join()

    assert spent(limit) == CLIP


# What people see


def test_the_api_says_whose_limit_what_is_left_and_when_it_ends(alice):
    limited(alice.workspace, 3 * CLIP, window="month")
    api = API(alice)
    assert api.post("/generations", WORDS).status_code == 202

    said = problem(api.post("/generations", WORDS | {"count": 3}), 403, "spend_limit_reached")

    ends = limits.resets_at("month", limits.today())
    assert (said["limit"], said["remaining"]) == ("workspace per month", "0.56")
    assert datetime.fromisoformat(said["resets_at"]) == ends
    assert "this needs 0.84" in said["detail"]
    assert api.post("/generations", WORDS | {"count": 2}).status_code == 202


def test_a_limit_of_a_key_is_named_and_one_for_ever_has_no_end(alice):
    api = API(alice)
    name = api.get("/me").json()["key"]["id"]
    limited(alice.workspace, 0, f"key:{name}", "lifetime")

    said = problem(api.post("/generations", WORDS), 403, "spend_limit_reached")

    assert (said["limit"], said["subject"]) == ("key per lifetime", name)
    assert "resets_at" not in said


def test_the_studio_says_what_is_in_the_way_and_keeps_what_was_typed(alice):
    limited(alice.workspace, CLIP - 10_000, f"member:{alice.user.public_id}")
    browser = browser_of(alice)

    answer = browser.post("/studio", order_form(browser, prompt="A paper boat"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "You may spend 0.27 USD today" in page
    assert "A paper boat" in page
    assert ledger.balance(alice.workspace.wallet).held == 0


def test_the_page_sets_shows_and_takes_away_a_limit(alice):
    browser = browser_of(alice)
    wish = {"subject": "workspace", "window": "month", "amount": "5.50"}

    page = browser.post("/wallet/limits", wish, follow=True).content.decode()
    assert "5.50" in page
    assert "The whole workspace" in page
    browser.post("/wallet/limits", wish | {"amount": ""})

    assert not SpendLimit.objects.exists()


@pytest.mark.parametrize("change", [{"amount": "1.001"}, {"subject": "key:theirs"}], ids=str)
def test_a_limit_that_makes_no_sense_is_refused(alice, change):
    wish = {"subject": "workspace", "window": "day", "amount": "5"} | change

    assert browser_of(alice).post("/wallet/limits", wish).status_code == 422
    assert not SpendLimit.objects.exists()


def test_a_member_sees_the_limits_and_cannot_change_them(alice, bob):
    limited(alice.workspace, CLIP)
    browser = browser_of(bob)
    wish = {"subject": "workspace", "window": "day", "amount": "500"}

    assert "0.28" in browser.get("/wallet/limits").content.decode()
    assert browser.post("/wallet/limits", wish).status_code == 403
    assert SpendLimit.objects.get().amount == CLIP


# Who is told


def test_those_who_care_for_money_are_told_once_in_a_window(alice):
    a_member(alice.workspace, Role.BILLING)
    a_member(alice.workspace)
    limited(alice.workspace, 2 * CLIP)
    order(alice.workspace, "a")
    assert alerts.run(now=NOW) == 0
    order(alice.workspace, "b")

    told = [alerts.run(now=NOW + timedelta(minutes=n)) for n in range(3)]
    order(alice.workspace, "c", "d", now=NOW + DAY)
    told += [alerts.run(now=NOW + DAY) for _ in range(2)]

    assert told == [1, 0, 0, 1, 0]
    assert Letter.objects.filter(template="spend_warning").count() == 2 * 2


def test_a_limit_nearly_reached_yesterday_is_nobodys_news_today(alice, limit):
    order(limit.workspace, "a", "b")

    assert alerts.run(now=NOW + DAY) == 0


def test_many_limits_of_yesterday_do_not_keep_todays_from_being_told(alice):
    limited(alice.workspace, CLIP)
    SpendLimit.objects.update(spent=CLIP)
    SpendLimit.objects.bulk_create(
        SpendLimit(
            workspace=alice.workspace, subject=f"key:{n}", window="day", amount=CLIP, spent=CLIP,
            period=TODAY - DAY,
        )
        for n in range(alerts.LIMIT)
    )  # fmt: skip

    assert alerts.run(now=NOW) == 1
