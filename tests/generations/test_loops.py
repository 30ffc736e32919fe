"""The loops, with nobody at the other end: leases, deadlines, pauses, knocks and notices."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.claims import take
from accounts.concurrency import stopping
from billing import audit, ledger
from config.providers import ProviderSettings
from generations import connect, health, knocks, lifecycle, orders, refusals, tasks
from generations.loops import dispatch, hold, look, notify, store
from generations.models import Attempt, Generation, Knock, Notice, ProviderStatus
from generations.providers.base import (
    Accepted,
    Busy,
    Failure,
    JobState,
    Misconfigured,
    Snapshot,
    Unclear,
)
from generations.routing import Route
from generations.spec import ClipSpec
from generations.states import State
from tests.factories import a_user, a_workspace

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _nobody_at_the_other_end(settings):
    """A provider whose port is closed: nothing is ever sent."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    settings.PROVIDERS = {"runware": ProviderSettings(base_url=address, api_key="a-key-of-tests")}
    connect.provider.cache_clear()
    yield
    connect.provider.cache_clear()


@pytest.fixture(autouse=True)
def _books_are_right():
    yield
    assert audit.faults() == []


@pytest.fixture
def order():
    workspace = a_workspace(owner=a_user("alice@example.org"), deposit="1.00")
    customer = orders.Customer(workspace=workspace, user=workspace.people.get())
    spec = ClipSpec(model="hailuo-2.3", prompt="A red kite")
    return orders.place(customer=customer, spec=spec, now=timezone.now())[0]


def claimed(order):
    """The row as a worker has it in hand; the tests are the only workers here."""
    Generation.objects.filter(pk=order.pk).update(due_at=timezone.now(), lease_until=None)
    return take(Generation, where="id = %s", parameters=[order.pk], limit=1)[0]


def submitting(order):
    claim = claimed(order)
    route = Route(**order.routes[0])
    return claim, lifecycle.begin(claim, route=route)


def running(order):
    claim, attempt = submitting(order)
    lifecycle.accepted(claim, attempt=attempt, answer=Accepted(str(attempt.token)))
    return attempt


def state_of(order):
    return Generation.objects.get(pk=order.pk).state


def test_a_provider_that_cannot_be_reached_keeps_the_order_in_the_queue(order):
    assert dispatch.run() == 1

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.provider) == (State.QUEUED, "")
    assert row.due_at > timezone.now()
    assert row.attempts.get().state == "returned"
    assert ledger.balance(order.workspace.wallet).held == order.quoted


def test_nobody_takes_it_for_six_hours_and_the_money_comes_back(order):
    dispatch.run(now=timezone.now() + 6 * HOUR + timedelta(minutes=1))

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.error_code) == (State.FAILED, "no_capacity")
    assert ledger.balance(order.workspace.wallet).available == 1_000_000


def test_what_a_killed_worker_was_sending_becomes_unknown_and_keeps_its_hold(order):
    submitting(order)

    look.run(now=timezone.now() + timedelta(seconds=21))

    assert state_of(order) == State.UNKNOWN
    assert ledger.balance(order.workspace.wallet).held == order.quoted


def test_a_lease_that_still_runs_is_respected(order):
    submitting(order)

    assert look.run(now=timezone.now() + timedelta(seconds=15)) == 0
    assert state_of(order) == State.SUBMITTING


def test_an_unknown_outcome_ends_after_an_hour_and_the_money_comes_back(order):
    claim, attempt = submitting(order)
    lifecycle.unclear(claim, attempt=attempt, error=Unclear("cut"))

    look.run(now=timezone.now() + timedelta(minutes=59))
    assert state_of(order) == State.UNKNOWN
    look.run(now=timezone.now() + timedelta(minutes=62))

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.error_code) == (State.FAILED, "outcome_unknown")
    assert row.attempts.get().state == "abandoned"
    assert ledger.balance(order.workspace.wallet).available == 1_000_000


def test_a_job_that_never_ends_is_overdue_then_over(order):
    running(order)

    look.run(now=timezone.now() + timedelta(minutes=31))
    assert state_of(order) == State.OVERDUE
    assert ledger.balance(order.workspace.wallet).held == order.quoted
    look.run(now=timezone.now() + 25 * HOUR)

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.error_code) == (State.FAILED, "timeout")
    assert ledger.balance(order.workspace.wallet).available == 1_000_000


def test_a_question_that_fails_says_nothing_about_the_job(order):
    running(order)

    look.run(now=timezone.now() + timedelta(minutes=1))

    assert state_of(order) == State.RUNNING


def test_somebody_who_overslept_their_lease_changes_nothing(order):
    stale, attempt = submitting(order)
    fresh = claimed(order)
    lifecycle.accepted(fresh, attempt=attempt, answer=Accepted("job"))

    assert not lifecycle.returned(stale, attempt=attempt, error=Busy(), wait=timedelta(0))
    assert not lifecycle.unclear(stale, attempt=attempt, error=Unclear())
    assert not lifecycle.failed(stale, code="timeout")
    assert state_of(order) == State.RUNNING
    attempt.refresh_from_db()
    assert (attempt.state, attempt.job_id, attempt.error_code) == ("open", "job", "")


def test_two_workers_never_get_the_same_row(order):
    workspace = order.workspace
    customer = orders.Customer(workspace=a_workspace(owner=workspace.people.get(), deposit="9.00"))
    spec = ClipSpec(model="hailuo-2.3", prompt="A red kite")
    orders.place(customer=customer, spec=spec, count=10, now=timezone.now())

    def work(_):
        try:
            return [claim.row.pk for claim in take(Generation, where="state = 'queued'", limit=2)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        got = [pk for taken in threads.map(work, range(8)) for pk in taken]

    assert len(got) == len(set(got)) == 11


def test_our_own_fault_pauses_the_provider_longer_each_time(order):
    for seconds in (60, 120, 240, 480, 900, 900):
        health.pause("runware", Misconfigured("our key", code="misconfigured"))
        status = ProviderStatus.objects.get(pk="runware")
        assert status.pause_seconds == seconds

    dispatch.run()
    assert Attempt.objects.count() == 0
    assert state_of(order) == State.QUEUED
    health.took("runware")
    assert ProviderStatus.objects.get(pk="runware").paused_until is None


def test_what_is_queued_is_canceled_at_once_and_twice_is_once(order):
    for _ in range(2):
        assert orders.cancel(generation=order).state == State.CANCELED

    assert ledger.balance(order.workspace.wallet).available == 1_000_000


def test_a_wish_to_cancel_is_fulfilled_when_the_order_comes_back(order):
    claim, attempt = submitting(order)
    with pytest.raises(refusals.NotCancelable):
        orders.cancel(generation=order)

    lifecycle.returned(claim, attempt=attempt, error=Busy(), wait=timedelta(0))

    assert state_of(order) == State.CANCELED
    assert ledger.balance(order.workspace.wallet).available == 1_000_000


def test_what_a_provider_makes_is_not_canceled(order):
    running(order)

    with pytest.raises(refusals.NotCancelable):
        orders.cancel(generation=order)

    assert state_of(order) == State.RUNNING


def test_what_is_finished_is_not_canceled_but_deleted(order):
    lifecycle.failed(claimed(order), code="no_capacity")

    with pytest.raises(refusals.AlreadyFinished):
        orders.cancel(generation=order)
    orders.delete(generation=order)

    assert not Generation.objects.for_workspace(order.workspace).exists()


def test_what_is_under_way_is_not_deleted(order):
    with pytest.raises(refusals.NotFinished):
        orders.delete(generation=order)


def test_a_knock_is_filed_once_and_makes_the_job_due(order):
    attempt = running(order)
    Generation.objects.filter(pk=order.pk).update(due_at=timezone.now() + HOUR)

    for _ in range(3):
        knocks.file(attempt, b'{"status": "success"}')

    assert Knock.objects.count() == 1
    assert Generation.objects.get(pk=order.pk).due_at <= timezone.now()


def test_a_knock_while_somebody_looks_makes_them_look_again_at_once(order):
    attempt = running(order)
    claim = claimed(order)
    knocks.file(attempt, b"{}")

    lifecycle.seen(claim, attempt=attempt, snapshot=Snapshot(JobState.WORKING))

    assert Generation.objects.get(pk=order.pk).due_at <= timezone.now()


def test_surplus_knocks_are_not_filed(order):
    attempt = running(order)

    for number in range(30):
        knocks.file(attempt, str(number).encode())

    assert Knock.objects.count() == knocks.MOST


def test_a_forged_webhook_changes_nothing(order, client):
    attempt = running(order)
    good = connect.webhook_token(attempt)
    for token in [good[:-1] + ("A" if good[-1] != "A" else "B"), "x", good[32:], good[:32]]:
        answer = client.post(f"/webhooks/providers/runware/{token}", b"{}", "application/json")
        assert answer.status_code == 404

    assert client.get(f"/webhooks/providers/runware/{good}").status_code == 405
    huge = client.post(f"/webhooks/providers/runware/{good}", b"x" * 65537, "application/json")
    assert huge.status_code == 413
    assert Knock.objects.count() == 0


def test_a_true_webhook_is_answered_and_its_body_believed_for_nothing(order, client):
    attempt = running(order)
    lie = b'{"status": "success", "videoURL": "http://169.254.169.254/", "cost": 99}'

    token = connect.webhook_token(attempt)
    answer = client.post(f"/webhooks/providers/runware/{token}", lie, "application/json")

    assert answer.status_code == 200
    assert state_of(order) == State.RUNNING
    attempt.refresh_from_db()
    assert attempt.result_url == ""


def test_who_ordered_is_told_once(order):
    attempt = running(order)
    failure = Snapshot(JobState.FAILED, failure=Failure("content_policy", "no kites"))
    lifecycle.seen(claimed(order), attempt=attempt, snapshot=failure)

    assert notify.run() == 1
    assert notify.run() == 0

    [letter] = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert order.public_id in letter.body
    assert Notice.objects.get().sent_at


def test_a_mail_server_that_fails_is_tried_for_days_and_then_given_up(order, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    lifecycle.failed(claimed(order), code="no_capacity")

    for tries in range(1, 13):
        notify.run(now=timezone.now() + timedelta(days=tries))
        assert Notice.objects.get().tries == tries

    notice = Notice.objects.get()
    assert notice.given_up_at
    assert "refused" in notice.error
    assert notify.run(now=timezone.now() + timedelta(days=30)) == 0


def test_a_fault_of_our_own_while_storing_is_counted_and_tried_again(order, settings, tmp_path):
    attempt = running(order)
    done = Snapshot(JobState.DONE, video_url="http://127.0.0.1:1/clip.mp4")
    lifecycle.seen(claimed(order), attempt=attempt, snapshot=done)
    (tmp_path / "a-file").touch()
    settings.SPOOL = tmp_path / "a-file" / "spool"  # no folder can be made there

    store.run()

    attempt.refresh_from_db()
    assert (state_of(order), attempt.store_tries) == (State.RUNNING, 1)
    assert attempt.error_code == "unexpected"
    assert ledger.balance(order.workspace.wallet).held == order.quoted


@pytest.fixture
def told_to_stop() -> Iterator[None]:
    """This process is a worker that has just got SIGTERM."""
    stopping.set()
    yield
    stopping.clear()


@pytest.mark.parametrize("loop", [dispatch, hold], ids=["dispatch", "hold"])
def test_a_worker_that_is_told_to_stop_sends_nothing_more_and_comes_to_an_end(
    order, told_to_stop, loop
):
    assert loop.run() == 0

    assert state_of(order) == State.QUEUED


def test_a_worker_that_is_told_to_stop_takes_up_no_more_files(order, told_to_stop):
    attempt = running(order)
    done = Snapshot(JobState.DONE, video_url="http://127.0.0.1:1/clip.mp4")
    lifecycle.seen(claimed(order), attempt=attempt, snapshot=done)

    assert store.run() == 0

    assert state_of(order) == State.STORING


def test_a_worker_that_is_told_to_stop_stays_for_no_further_look(order, told_to_stop):
    running(order)
    soon = timezone.now() + timedelta(seconds=0.9)
    Generation.objects.filter(pk=order.pk).update(due_at=soon)

    tasks.look()

    assert Generation.objects.get(pk=order.pk).due_at == soon
