"""`Prefer: wait=N`: the answer may come later, and holds up nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from rest_framework.request import Request

from accounts.api import waiting
from accounts.listener import listener
from generations.models import Generation
from tests.api.listening import Listener, Process
from tests.api.tools import WORDS, failed, finished, the_only
from tests.journeys.site import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("WAIT = 5", 5),
        ('respond-async, wait="7"; x=1', 7),
        ('handling="a, wait=3", wait=4', 4),
        ("wait=2, wait=9", 2),
        ("wait=60", 60),
        ("wait=61", 60),
        (f"wait={'9' * 5000}", 60),
        *[(wrong, 0) for wrong in ("", "wait", "wait=", "wait=0", "wait=-1", "wait=1.5", "wait=x")],
        *[(wrong, 0) for wrong in ("wait=x, wait=5", "await=5", "wait=²", '"wait=5', ",,;=,")],
    ],
)
def test_what_cannot_be_understood_is_no_preference(header, seconds):
    assert waiting.wished(header) == seconds


def test_who_waits_hears_of_the_end_when_it_comes(api, film):
    id = api.post("/generations", WORDS).json()["id"]

    answer, took = meanwhile(
        lambda: api.get(f"/generations/{id}", Prefer="wait=30"),
        lambda: finished(the_only(), film),
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer["Preference-Applied"] == "wait=30"
    assert took < 10


def test_when_the_time_is_over_the_answer_is_what_is_known(api):
    id = api.post("/generations", WORDS).json()["id"]
    begun = time.monotonic()

    answer = api.get(f"/generations/{id}", Prefer="wait=1")

    assert answer.json()["status"] == "queued"
    assert answer["Preference-Applied"] == "wait=1"
    assert 1 <= time.monotonic() - begun < 10


def test_what_is_finished_is_answered_at_once(api):
    id = api.post("/generations", WORDS).json()["id"]
    failed(the_only())

    answer, took = timed(lambda: api.get(f"/generations/{id}", Prefer="wait=30"))

    assert answer.json()["status"] == "failed"
    assert answer["Preference-Applied"] == "wait=30"
    assert took < 10
    assert "Preference-Applied" not in api.get(f"/generations/{id}")


def test_an_order_may_wait_and_so_may_its_repetition(api, film):
    def order() -> Any:
        return api.post("/generations", WORDS, Prefer="wait=30", Idempotency_Key="one")

    first, _ = meanwhile(order, lambda: finished(the_only(), film))
    again = order()
    without = api.post("/generations", WORDS, Idempotency_Key="one")

    for answer in (first, again):
        assert (answer.status_code, answer.json()["status"]) == (202, "succeeded")
        assert answer["Preference-Applied"] == "wait=30"
        assert answer.json()["timeline"]
    assert again["Idempotent-Replayed"] == "true"
    assert without.json()["status"] == "queued", "as it was answered before"
    assert Generation.objects.count() == 1


def test_an_order_of_several_waits_for_all(api):
    def end_them() -> None:
        wait_until(lambda: Generation.objects.count() == 2)
        for one in Generation.objects.whole():
            failed(one)

    answer, _ = meanwhile(
        lambda: api.post("/generations", WORDS | {"count": 2}, Prefer="wait=30"), end_them
    )

    assert answer.status_code == 202
    assert [one["status"] for one in answer.json()["data"]] == ["failed", "failed"]


def test_no_more_than_a_quarter_of_the_threads_wait(api):
    id = api.post("/generations", WORDS).json()["id"]
    with ExitStack() as places:
        for _ in range(2):  # of eight
            assert places.enter_context(waiting._place(a_request()))

        answer, took = timed(lambda: api.get(f"/generations/{id}", Prefer="wait=30"))

    assert answer.json()["status"] == "queued"
    assert "Preference-Applied" not in answer
    assert took < 10


def a_request() -> Request:
    return Request(RequestFactory().get("/"))


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.monotonic()
    return call(), time.monotonic() - begun


def meanwhile(ask: Callable[[], Any], happen: Callable[[], object]) -> tuple[Any, float]:
    """What is answered to somebody who waits while something happens."""
    with ThreadPoolExecutor(1) as thread:

        def asked() -> tuple[Any, float]:
            try:
                return timed(ask)
            finally:
                connection.close()

        answer = thread.submit(asked)
        wait_until(lambda: waits() or answer.done())
        happen()
        return answer.result(30)


def waits() -> bool:
    """Somebody listens for what they wait for."""
    return bool(listener._calls)


def test_one_connection_is_enough_for_many_who_wait_and_for_others(api, tmp_path):
    id = api.post("/generations", WORDS).json()["id"]
    process = Process(tmp_path / "log", DATABASE_POOL="1").start()
    client = Listener(process, api.key)
    answers: list[Any] = []

    def wait() -> None:
        answers.append(client.get(f"/generations/{id}", Prefer="wait=9"))

    try:
        threads = [threading.Thread(target=wait) for _ in range(4)]
        for thread in threads:
            thread.start()
        with client.open("/events") as ear:
            for _ in range(20):
                assert client.get("/me").status_code == 200
            assert not answers
            took = process.stop()
            assert not ear.event()
        for thread in threads:
            thread.join()
    finally:
        process.process.kill()
        process.process.wait()

    assert [one.json()["status"] for one in answers] == ["queued"] * 4
    assert took < 5, "who waits does not hold up a process that is to stop"
    assert "Traceback" not in process.log
