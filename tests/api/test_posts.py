"""Every POST of the API, sent twice with one Idempotency-Key, happens once; or it says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import tasks, upkeep
from accounts.api.parsers import MAX_BODY
from accounts.models import IdempotencyRecord
from tests.api.tools import API, WORDS, a_picture, problem, together
from tests.routes import posts

pytestmark = pytest.mark.django_db

Send = Callable[..., Any]
#: What is there beforehand, and then how it is sent: `send(api, idempotency_key="…")`.
Prepare = Callable[[API], Send]


def sends(path: str, body: Any) -> Prepare:
    return lambda _: lambda api, **headers: api.post(path, body, **headers)


def cancels(api: API) -> Send:
    id = api.post("/generations", WORDS).json()["id"]
    return lambda api, **headers: api.post(f"/generations/{id}/cancel", **headers)


#: route → how it is sent; the second answer must be the first one, to the byte
REPLAYED: dict[str, Prepare] = {
    "api/v1/quotes": sends("/quotes", WORDS),
    "api/v1/generations": sends("/generations", WORDS),
    "api/v1/generations/<str:id>/cancel": cancels,
    "api/v1/uploads": lambda _: lambda api, **headers: api.upload(a_picture(), **headers),
    "api/v1/wallet/top-ups": sends("/wallet/top-ups", {"amount": "20.00"}),
}
#: route → why an Idempotency-Key means nothing there, or where it is tested instead
NOT_REPLAYED: dict[str, str] = {
    "api/v1/api-keys": "its text is told once: test_api_keys.py",
    "api/v1/api-keys/<str:id>/rotate": "its text is told once: test_api_keys.py",
    "api/v1/webhook-endpoints": "its secret is told once: tests/webhooks/test_api.py",
    "api/v1/webhook-endpoints/<str:id>/ping": "tests/webhooks/test_api.py",
    "api/v1/webhook-endpoints/<str:id>/rotate": "its secret is told once: tests/webhooks",
    "api/v1/webhook-endpoints/<str:id>/replay-missing": "tests/webhooks/test_api.py",
    "api/v1/webhook-deliveries/<str:id>/replay": "tests/webhooks/test_api.py",
    "api/v1/webhook-secret/rotate": "the secret is told once: tests/webhooks/test_api.py",
    "v1/videos": "in another envelope: tests/openai",
    "v1/videos/<str:id>/remix": "in another envelope: tests/openai",
}

ODD_KEYS = [
    "",
    " ",
    "a b",
    "x" * 256,
    "schön",
    "日本",
    "a\tb",
    "a\x7fb",
    "\x00",
    "a\r\nb",
    "\u2028",
]


@pytest.mark.parametrize("path", [route.path for route in posts()])
def test_every_post_is_replayed_or_says_why_not(path):
    assert path in REPLAYED or path in NOT_REPLAYED, (
        f'add to REPLAYED: "{path}": sends("/…", {{…}}),   or a reason to NOT_REPLAYED'
    )


@pytest.mark.parametrize("path", REPLAYED)
def test_the_second_answer_is_the_first_to_the_byte(api, stripe, path):
    send = REPLAYED[path](api)

    first, again = (send(api, idempotency_key="twice") for _ in range(2))

    assert first.status_code in (200, 201, 202), first.content
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", REPLAYED)
def test_of_eight_at_once_one_happens_and_the_others_say_the_same_or_wait(api, stripe, path):
    send = REPLAYED[path](api)

    answers = together([lambda: send(API(text=api.key), idempotency_key="race")] * 8)

    made = [answer for answer in answers if answer.status_code in (200, 201, 202)]
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in made) == 1
    for answer in answers:
        if answer not in made:
            problem(answer, 409, "idempotency_in_flight")
            assert answer["Retry-After"] == "1"


@pytest.mark.parametrize("path", REPLAYED)
@pytest.mark.parametrize("key", ODD_KEYS)
def test_an_odd_key_is_refused_everywhere_and_kept_nowhere(api, stripe, path, key):
    send = REPLAYED[path](api)

    problem(send(api, idempotency_key=key), 400, "invalid_request")

    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("path", REPLAYED)
def test_what_a_key_made_is_known_when_its_answer_is_gone(api, stripe, path):
    send = REPLAYED[path](api)
    first = send(api, idempotency_key="old")
    long_ago = timezone.now() - timedelta(days=30, minutes=1)
    IdempotencyRecord.objects.update(created_at=long_ago)

    tasks.tidy()
    again = send(api, idempotency_key="old")

    assert not IdempotencyRecord.objects.filter(answer__isnull=False).exists()
    assert (again.status_code, again["Idempotent-Replayed"]) == (first.status_code, "true")
    assert again.json()["id"] == first.json()["id"]


def test_answers_are_kept_for_thirty_days_and_go_in_small_bites(api):
    for number in range(7):
        api.post("/quotes", WORDS, idempotency_key=f"key-{number}")
    young = {"key-5", "key-6"}
    for record in IdempotencyRecord.objects.all():
        age = timedelta(days=29 if record.key in young else 31)
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=timezone.now() - age)

    assert upkeep.forget_answers(now=timezone.now(), at_once=2) == 5
    assert upkeep.forget_answers(now=timezone.now()) == 0

    kept = IdempotencyRecord.objects.filter(answer__isnull=False).values_list("key", flat=True)
    assert set(kept) == young
    assert IdempotencyRecord.objects.exclude(reference="").count() == 7


def test_looking_for_old_answers_reads_an_index_of_those_that_are_kept(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN UPDATE accounts_idempotencyrecord SET answer = NULL WHERE id IN (SELECT id "
            "FROM accounts_idempotencyrecord WHERE answer IS NOT NULL AND created_at < now() "
            "ORDER BY created_at LIMIT 1000)"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "idempotency_by_age" in plan


def test_a_body_too_large_for_an_address_uses_no_key_up(api):
    refused = api.post("/wallet/top-ups", b"[" + b" " * MAX_BODY + b"]", idempotency_key="large")

    problem(refused, 413, "payload_too_large")
    assert not IdempotencyRecord.objects.exists()
