"""Event streams: nothing is missed, nothing comes twice, and nobody hears what is not theirs."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from accounts import events, keys
from accounts.models import APIKey, CustomerEvent
from accounts.streams.holders import Program
from accounts.streams.reading import START, Told
from accounts.streams.stream import MOST_WAITING, Stream
from config.embedded import VAR
from config.services import notes
from tests.api.listening import Listener, Process, told
from tests.api.tools import WORDS, finished, problem, the_only
from tests.journeys.site import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOWHERE = "gen_00000000000070008000000000000000"


@pytest.fixture(scope="module")
def process(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("streams") / "log").start()
    yield process
    process.stop()
    assert "Traceback" not in process.log


@pytest.fixture
def listener(process, api) -> Listener:
    return Listener(process, api.key)


def tell(workspace, number: int = 1, **more) -> None:
    data = {"number": number}
    events.tell(workspace_id=workspace.pk, type="wallet.topped_up", data=data, **more)


def numbers(ear, count: int) -> list[int]:
    return [ear.event()["data"]["number"] for _ in range(count)]


# One generation


def test_a_generations_stream_tells_its_past_follows_it_and_closes(api, listener, film):
    id = api.post("/generations", WORDS).json()["id"]

    with listener.open(f"/generations/{id}/events") as ear:
        finished(the_only(), film)
        heard = list(ear.events())

    assert [one["id"] for one in heard] == told()
    assert [one["type"] for one in heard] == ["generation.running", "generation.succeeded"]
    assert [one["data"]["generation"]["status"] for one in heard] == ["running", "succeeded"]
    for last, rest in [("", told()), (told()[0], told()[1:])]:
        with listener.open(f"/generations/{id}/events", last=last) as ear:
            assert [one["id"] for one in ear.events()] == rest


def test_who_comes_back_after_the_end_is_told_not_to_come_again(api, listener, film):
    id = api.post("/generations", WORDS).json()["id"]
    finished(the_only(), film)

    response = listener.get(f"/generations/{id}/events", Last_Event_ID=told()[-1])

    assert (response.status_code, response.content) == (204, b"")


def test_a_generations_stream_tells_of_nothing_else(api, alice, listener):
    id = api.post("/generations", WORDS).json()["id"]

    with listener.open(f"/generations/{id}/events") as ear:
        tell(alice.workspace)
        ear.silence()
        assert api.post(f"/generations/{id}/cancel").status_code == 200
        assert [one["type"] for one in ear.events()] == ["generation.canceled"]


# A workspace


def test_a_workspaces_stream_starts_now_and_tells_of_nobody_else(alice, charlie, listener):
    tell(alice.workspace, 1)

    with listener.open("/events") as ear:
        tell(charlie.workspace, 2)
        tell(alice.workspace, 3)
        events.tell(workspace_id=alice.workspace.pk, type=events.PING)
        tell(alice.workspace, 4)
        assert numbers(ear, 2) == [3, 4]
        ear.silence()


def test_its_head_keeps_proxies_from_holding_it_back(listener):
    with listener.open("/events") as ear:
        head = ear.response.headers
    assert head["Content-Type"] == "text/event-stream"
    assert (head["Cache-Control"], head["X-Accel-Buffering"]) == ("no-cache", "no")
    assert "Content-Encoding" not in head
    assert head["X-Request-Id"]
    assert listener.head("/events").headers["Content-Type"] == "text/event-stream"


def test_what_was_missed_is_told_from_the_last_event_on(alice, listener):
    for number in range(450):  # more than two pages
        tell(alice.workspace, number)
    behind = told()[9]

    with listener.open("/events", last=behind) as ear:
        assert numbers(ear, 440) == list(range(10, 450))
        tell(alice.workspace, 450)
        assert numbers(ear, 1) == [450]


def test_an_event_that_is_no_longer_kept_leads_to_all_that_are(alice, listener):
    for number in range(3):
        tell(alice.workspace, number)
    gone = told()[0]
    CustomerEvent.objects.earliest("id").delete()

    with listener.open("/events", last=gone) as ear:
        assert numbers(ear, 2) == [1, 2]


def test_what_is_committed_later_is_told_later_and_not_missed(alice, listener):
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            tell(alice.workspace, 1)
            begun.set()
            go_on.wait(10)
        connection.close()

    with listener.open("/events") as ear:
        thread = threading.Thread(target=slowly)
        thread.start()
        begun.wait(10)
        tell(alice.workspace, 2)
        ear.silence()  # or 2 would be the last event of somebody who has not heard of 1
        go_on.set()
        thread.join()
        assert numbers(ear, 2) == [1, 2]
    with listener.open("/events", last=told()[0]) as ear:
        assert numbers(ear, 1) == [2]


def test_nothing_is_missed_or_repeated_by_who_comes_back_again_and_again(alice, listener):
    writers = [threading.Thread(target=write_a_lot, args=(alice.workspace, n)) for n in range(4)]
    tell(alice.workspace)
    (last,) = first = told()
    heard: list[str] = []

    for writer in writers:
        writer.start()
    while len(heard) < 120:
        with listener.open("/events", last=last) as ear:
            heard += [ear.event()["id"] for _ in range(min(7, 120 - len(heard)))]
        last = heard[-1]
    for writer in writers:
        writer.join()

    assert first + heard == told()


def write_a_lot(workspace, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(15):
        with transaction.atomic():
            tell(workspace)
            time.sleep(dice.random() * 0.05)
            tell(workspace)
    connection.close()


def test_many_streams_of_a_workspace_hear_the_same_until_no_place_is_left(alice, listener):
    with ExitStack() as stack:
        ears = [stack.enter_context(listener.open("/events")) for _ in range(12)]
        response = listener.get("/events")
        assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
        assert response.headers["Retry-After"]

        tell(alice.workspace, 7)

        assert [numbers(ear, 1) for ear in ears] == [[7]] * 12
        ears[0].response.close()
        wait_until(lambda: is_open(listener), within=10)


def is_open(listener: Listener) -> bool:
    """A place was free, and is free again."""
    with suppress(AssertionError), listener.open("/events"):
        return True
    return False


def test_a_client_that_takes_nothing_is_let_go_before_it_fills_the_memory():
    stream = Stream(workspace_id=uuid4(), holder=Program(uuid4()), mark=START, joined=START)
    event = Told(mark=(1, uuid4()), type="wallet.low", subject="", frame=b"-")

    stream.offer([event] * MOST_WAITING)
    assert not stream.ended
    stream.offer([event])
    assert stream.ended
    assert stream.take([]) == b""


# Redis


def test_a_redis_that_is_away_costs_seconds_and_no_event(alice, listener):
    service = notes.read(VAR / "services.json")
    if "valkey" not in service:
        pytest.skip("Redis is not ours to kill")
    with listener.open("/events") as ear:
        os.kill(int(service["keeper"]), signal.SIGSTOP)  # or it is back at once
        try:
            os.kill(int(service["valkey"]), signal.SIGKILL)
            tell(alice.workspace, 1)
            assert numbers(ear, 1) == [1]
        finally:
            os.kill(int(service["keeper"]), signal.SIGCONT)
        wait_until(redis_listens)
        tell(alice.workspace, 2)
        assert numbers(ear, 1) == [2]


def redis_listens() -> bool:
    """It is back, and so is the one who listens there."""
    try:
        with Redis.from_url(settings.REDIS_URL) as redis:
            return bool(redis.pubsub_numsub(events.CHANNEL)[0][1])
    except RedisError:
        return False


# Who may


def test_a_key_that_is_revoked_is_heard_no_longer(api, listener):
    with listener.open("/events") as ear:
        keys.revoke(key=APIKey.objects.get(), now=timezone.now())
        assert list(ear.events()) == []
    assert listener.get("/events").status_code == 401


def test_what_is_not_there_or_belongs_to_others_is_not_found(api, others, process):
    id = api.post("/generations", WORDS).json()["id"]

    for one, path in [(others, id), (api, NOWHERE), (api, "nonsense")]:
        response = Listener(process, one.key).get(f"/generations/{path}/events")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert response.headers["Content-Type"] == "application/problem+json"


def test_nobody_listens_without_a_key(api, process):
    id = api.post("/generations", WORDS).json()["id"]

    for path in ("/events", f"/generations/{id}/events"):
        response = Listener(process).get(path)
        assert (response.status_code, response.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("last", ["nonsense", "evt_1", "gen_00000000000070008000000000000000"])
def test_a_last_event_that_is_none_is_named(listener, last):
    response = listener.get("/events", Last_Event_ID=last)

    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert response.json()["errors"][0]["field"] == "Last-Event-ID"


def test_a_last_event_of_others_is_none(alice, others, process):
    tell(alice.workspace)

    response = Listener(process, others.key).get("/events", Last_Event_ID=told()[0])

    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


def test_a_process_that_cannot_stream_says_so(api):
    id = api.post("/generations", WORDS).json()["id"]

    for path in ("/events", f"/generations/{id}/events"):
        assert "events process" in problem(api.get(path), 503, "unavailable")["detail"]
