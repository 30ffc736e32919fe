"""Events reach customers' programs: signed, at least once, and without harm to anybody."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from standardwebhooks import WebhookVerificationError

from accounts import crashpoints, events, tasks
from accounts.letters import WAITS
from accounts.models import CustomerEvent, Letter, WebhookDelivery
from accounts.webhooks import courier, endpoints, loop, schedule, secrets
from tests.webhooks.receiver import drips, endless, hangs_up, late, receiving, says

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def fresh(delivery):
    return WebhookDelivery.objects.get(pk=delivery.pk)


def test_an_event_is_delivered_once_and_its_signature_fits(made, receiver, tell):
    delivery = tell()

    assert loop.run() == 1
    assert loop.run() == 0

    (post,) = receiver.posts
    said = post.verified(made.text)
    assert said == events.described([delivery.event])[delivery.event_id]
    assert post.id == said["id"] == delivery.event.public_id
    with pytest.raises(WebhookVerificationError):
        post.verified(secrets.new())
    after = fresh(delivery)
    assert (after.state, after.tries, after.lease_until) == ("delivered", 1, None)
    assert after.delivered_at
    (entry,) = after.log
    assert (entry["status"], entry["error"]) == (200, None)


def test_what_fails_is_tried_again_over_three_days_and_then_given_up(receiver, endpoint, tell):
    receiver.answer = says(500)
    delivery, now = tell(), datetime.now(UTC)

    waits = []
    while (row := fresh(delivery)).state == "pending":
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at + timedelta(seconds=1)
        assert loop.run(now=now) == 1

    assert (row.state, row.tries, row.due_at) == ("failed", 12, None)
    assert len({post.id for post in receiver.posts}) == 1
    assert len(receiver.posts) == 12
    for wait, planned in zip(waits[1:], WAITS, strict=True):
        assert 0.8 * planned - 2 <= wait <= 1.2 * planned + 2
    assert [entry["status"] for entry in row.log] == [500] * 12
    assert 71 < sum(WAITS) / 3600 < 72


def test_waits_differ_from_one_to_the_next():
    assert len({schedule.wait_after(3, asked=None) for _ in range(20)}) > 10


ASKED = {"120": 120, "999999": 86_400, "soon": 5, "": 5}


@pytest.mark.parametrize(("header", "least"), ASKED.items())
def test_an_endpoint_may_ask_us_to_wait_for_a_day_at_most(receiver, endpoint, tell, header, least):
    receiver.answer = says(503, Retry_After=header)
    delivery, now = tell(), datetime.now(UTC)

    loop.run(now=now + timedelta(seconds=1))

    wait = (fresh(delivery).due_at - now).total_seconds()
    assert least * 0.8 <= wait <= least * 1.2 + 5


def test_a_date_may_say_until_when():
    now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert schedule.retry_after("Mon, 30 Nov 2026 12:01:00 GMT", now=now) == 60


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
def test_only_a_2xx_counts_and_no_redirect_is_followed(receiver, endpoint, tell, status):
    receiver.answer = says(status, b"<html>", Location=receiver.url("/elsewhere"))

    delivery = tell()
    loop.run()

    assert fresh(delivery).state == "pending"
    assert [post.path for post in receiver.posts] == ["/hook"]


def test_an_answer_without_end_is_not_read(receiver, endpoint, tell):
    receiver.answer = endless
    delivery, begun = tell(), time.monotonic()

    loop.run()

    assert time.monotonic() - begun < 3
    assert fresh(delivery).state == "delivered"


@pytest.mark.parametrize("answer", [drips, late(3)], ids=["drips", "late"])
def test_an_answer_that_takes_too_long_is_none(receiver, endpoint, tell, answer):
    receiver.answer = answer
    delivery = tell()

    loop.run(total=1.0)

    row = fresh(delivery)
    assert row.state == "pending"
    assert row.log[0]["status"] is None
    assert "no answer" in row.log[0]["error"]


def test_they_have_fifteen_seconds():
    assert courier.TOTAL == 15


def test_who_hangs_up_or_is_not_there_is_asked_again(receiver, endpoint, tell):
    receiver.answer = hangs_up
    delivery = tell()
    loop.run()
    assert "lost" in fresh(delivery).log[0]["error"]

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        WebhookDelivery.objects.update(
            url=f"http://127.0.0.1:{closed.getsockname()[1]}/", due_at=datetime.now(UTC)
        )
    loop.run()
    assert fresh(delivery).log[1]["error"]


def test_gone_switches_the_endpoint_off_with_a_letter(receiver, endpoint, tell, bob):
    receiver.answer = says(410)
    first, second = tell("a:1"), tell("a:2")

    loop.run()

    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert "410" in endpoint.disabled_why
    assert {fresh(first).state, fresh(second).state} == {"failed"}
    assert [letter.to for letter in Letter.objects.all()] == ["alice@example.org"]


def test_five_days_without_success_switch_it_off_with_one_letter(receiver, endpoint, tell):
    receiver.answer = says(500)
    now = datetime.now(UTC) + timedelta(minutes=1)
    for day in range(8):
        tell(f"a:{day}")
        loop.run(now=now + day * DAY)

    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert not WebhookDelivery.objects.filter(state="pending").exists()
    (letter,) = Letter.objects.all()
    assert letter.template == "webhook_disabled"
    assert endpoint.url in str(letter.context)


def test_one_success_and_the_days_are_counted_anew(receiver, endpoint, tell):
    now = datetime.now(UTC) + timedelta(minutes=1)
    for day, status in enumerate([500, 500, 500, 200, 500, 500, 500, 500]):
        receiver.answer = says(status)
        tell(f"a:{day}")
        loop.run(now=now + day * DAY)

    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


def test_both_secrets_sign_for_a_day_after_a_rotation(made, receiver, tell):
    now = datetime.now(UTC)
    new = endpoints.rotate(made.endpoint, now=now)
    tell("a:1")
    loop.run(now=now + timedelta(hours=23))
    tell("a:2")
    loop.run(now=now + timedelta(hours=25))

    during, after = receiver.posts
    assert during.verified(made.text) == during.verified(new.text)
    after.verified(new.text)
    with pytest.raises(WebhookVerificationError):
        after.verified(made.text)


def test_who_dies_between_sending_and_writing_down_has_it_sent_again(receiver, endpoint, tell):
    """At CP17; the lease ends and somebody else takes it up."""

    def die(name: str) -> None:
        raise SystemError(name)

    delivery = tell()
    crashpoints.passing = die
    try:
        assert loop.run() == 0
    finally:
        crashpoints.passing = None
    assert fresh(delivery).state == "pending"
    assert loop.run() == 0  # it is in somebody's hands

    WebhookDelivery.objects.update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    assert loop.run() == 1

    first, second = receiver.posts
    assert first.id == second.id
    assert fresh(delivery).state == "delivered"


def test_a_worker_that_lost_its_lease_writes_nothing_down(receiver, endpoint, tell):
    delivery = tell()

    def stopped(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_webhookdelivery SET lease_token = lease_token + 1")

    crashpoints.passing = lambda name: _elsewhere(stopped, name)
    try:
        loop.run(stay=0.5)
    finally:
        crashpoints.passing = None

    assert fresh(delivery).state == "pending"


def _elsewhere(call, *arguments):
    thread = threading.Thread(target=lambda: (call(*arguments), connection.close()))
    thread.start()
    thread.join()


def test_a_name_that_changes_its_mind_is_never_followed_inside(settings, receiver, endpoint, tell):
    """Public when it is entered, private when it is connected to (rebinding)."""
    settings.OUTBOUND_ALLOW = []
    url = f"https://hooks.customer.example:{receiver.port}/"
    endpoints.change(endpoint, url=url)
    answers = [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"], ["::1"]]
    delivery, now = tell(), datetime.now(UTC)

    for answer in answers:
        loop.run(now=now, resolve=lambda host, port, answer=answer: answer)
        now += timedelta(days=1)

    assert receiver.connections == 0
    assert [entry["error"] for entry in fresh(delivery).log] == [
        "hooks.customer.example leads to an address that is not public."
    ] * len(answers)


def test_an_address_that_is_allowed_no_more_is_not_reached(settings, receiver, endpoint, tell):
    settings.OUTBOUND_ALLOW = []
    delivery = tell()

    loop.run()

    assert receiver.connections == 0
    assert "not a public address" in fresh(delivery).log[0]["error"]


def test_what_a_private_address_answers_is_nobodys_to_see(receiver, endpoint, tell):
    receiver.answer = says(500, b"credentials of the machine")
    delivery = tell()

    loop.run()

    assert fresh(delivery).log[0]["body"] is None


def test_a_slow_endpoint_delays_nobody_and_gets_two_at_once(settings, alice, receiver, endpoint):
    receiver.answer = late(1.5)
    with receiving() as quick:
        settings.OUTBOUND_ALLOW = [receiver.pair, quick.pair]
        for number in range(20):
            events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject=f"s:{number}")
        endpoints.create(alice.workspace, url=quick.url())
        for number in range(20):
            events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject=f"q:{number}")
        begun = time.monotonic()

        loop.run(stay=0.5)

        quickly = WebhookDelivery.objects.filter(url=quick.url())
        assert len(quick.posts) == 20
        assert {one.state for one in quickly} == {"delivered"}
        assert receiver.most_at_once == 2
        assert len(receiver.posts) == 2  # the rest of its turn was given back
        assert time.monotonic() - begun < 4


def test_an_order_names_an_address_of_its_own(alice, receiver):
    events.tell(
        workspace_id=alice.workspace.pk, type="wallet.low", subject="a:1", url=receiver.url()
    )

    loop.run()

    default = secrets.of_workspace(alice.workspace.pk)
    receiver.posts[0].verified(default.now)
    rotated = secrets.rotate_of_workspace(alice.workspace.pk, now=datetime.now(UTC))
    events.tell(
        workspace_id=alice.workspace.pk, type="wallet.low", subject="a:2", url=receiver.url()
    )
    loop.run()
    assert receiver.posts[1].verified(default.now) == receiver.posts[1].verified(rotated.now)


def test_what_cannot_be_signed_any_more_is_told_and_holds_up_nothing(
    settings, alice, receiver, endpoint, tell
):
    delivery = tell("a:1")
    settings.SECRET_KEY = "another one, and nobody kept the one before"
    endpoints.create(alice.workspace, url=receiver.url("/new"))
    tell("a:2")

    loop.run()

    assert "sign" in fresh(delivery).log[0]["error"]
    assert [post.path for post in receiver.posts] == ["/new"]


def test_old_events_are_forgotten_with_their_deliveries(endpoint, tell):
    tell("a:1")
    CustomerEvent.objects.update(created_at=datetime.now(UTC) - timedelta(days=31))
    tell("a:2")

    tasks.prune()

    assert [one.subject for one in CustomerEvent.objects.all()] == ["a:2"]
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.long
def test_two_hundred_a_second_are_delivered(alice, receiver, endpoint):
    for number in range(1000):
        events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject=f"a:{number}")
    begun = time.monotonic()

    loop.run(stay=60)

    assert len(receiver.posts) / (time.monotonic() - begun) >= 200
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()
