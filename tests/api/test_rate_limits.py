"""How often somebody may ask: to the request, however many ask at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache

from accounts import keys, rates
from accounts.models import APIKey, Membership
from tests.api.tools import API, WORDS, problem, together
from tests.factories import a_member

pytestmark = pytest.mark.django_db
NAMED = ("RateLimit", "RateLimit-Policy")


@pytest.fixture(autouse=True)
def _usual(settings):
    """The limits a customer has."""
    settings.API_PAID_PER_MINUTE, settings.API_PAID_BURST = 120, 40
    settings.API_OTHER_PER_MINUTE, settings.API_OTHER_BURST = 1200, 200


def limited(member: Membership, **columns: int) -> API:
    return API(text=keys.create(maker=member, name="slow", rates=columns).text)


def left(answer) -> dict[str, int]:
    """What is left of each limit, by its name."""
    items = [item.split(";") for item in answer["RateLimit"].split(", ")]
    return {name.strip('"'): int(rest[0].removeprefix("r=")) for name, *rest in items}


# Exactly


@pytest.mark.parametrize("paid", [True, False])
def test_of_two_hundred_at_once_not_one_too_many_passes(alice, paid):
    burst = 30
    key = keys.create(
        maker=alice,
        name="slow",
        # One a minute: none comes back while we try.
        rates={"paid_per_minute": 1, "paid_burst": burst, "other_per_minute": 1, "other_burst": 30},
    ).key
    for _ in range(3):
        barrier = threading.Barrier(200)

        def ask(number: int, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait(30)
            return rates.admit(key, paid=paid).refused_by is None

        with ThreadPoolExecutor(200) as threads:
            ends = Counter(threads.map(ask, range(200)))

        assert ends == {True: burst, False: 200 - burst}
        cache.clear()


@pytest.mark.django_db(transaction=True)
def test_over_the_api_not_one_too_many_passes_either(alice):
    api = limited(alice, other_per_minute=1, other_burst=20)

    answers = together([lambda: API(text=api.key).get("/me")] * 60)

    assert Counter(answer.status_code for answer in answers) == {200: 20, 429: 40}


def test_many_keys_at_once_pass_no_more_than_their_workspace_may(alice):
    alice.workspace.paid_per_minute, alice.workspace.paid_burst = 1, 25
    alice.workspace.save()
    ours = [keys.create(maker=alice, name=f"key {n}").key for n in range(8)]

    def ask(number: int) -> str:
        verdict = rates.admit(ours[number % 8], paid=True)
        return verdict.refused_by.name if verdict.refused_by else "passed"

    with ThreadPoolExecutor(50) as threads:
        ends = Counter(threads.map(ask, range(200)))

    assert ends == {"passed": 25, "workspace paid": 175}


def test_what_one_limit_refuses_uses_up_no_other(alice, settings):
    settings.API_PAID_PER_MINUTE = 1  # five of the workspace, and none comes back while we try
    api = limited(alice, paid_per_minute=1, paid_burst=1)
    assert api.post("/generations", WORDS).status_code == 202
    before = left(api.post("/generations", WORDS))

    for _ in range(5):
        after = left(api.post("/generations", WORDS))

    assert before == after == {"key paid": 0, "workspace paid": 4}


def test_after_the_time_that_is_told_one_more_passes_and_not_two(alice):
    api = limited(alice, other_per_minute=60, other_burst=2)
    assert [api.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get("/me")
    assert refused["Retry-After"] == "1"

    time.sleep(1)

    assert [api.get("/me").status_code for _ in range(2)] == [200, 429]


# Which limit


def test_a_refusal_says_which_limit_it_was_and_when_to_come_back(alice):
    api = limited(alice, paid_per_minute=2, paid_burst=1)
    api.post("/generations", WORDS)

    answer = api.post("/generations", WORDS)

    refused = problem(answer, 429, "rate_limited")
    assert refused["limit"] == "key paid"
    assert "2 a minute" in refused["detail"]
    assert 28 <= int(answer["Retry-After"]) <= 30
    assert answer["RateLimit-Policy"].startswith('"key paid";q=2;w=60;reelay-burst=1, "workspace')
    assert answer["RateLimit"].startswith('"key paid";r=0;t=')


def test_orders_and_other_requests_have_limits_of_their_own(alice):
    api = limited(alice, paid_per_minute=1, paid_burst=1, other_per_minute=1, other_burst=3)

    assert api.post("/generations", WORDS).status_code == 202
    assert api.get("/wallet").status_code == 200
    problem(api.post("/generations", WORDS), 429, "rate_limited")
    assert api.post("/quotes", WORDS).status_code == 201
    assert api.post("/generations", WORDS | {"dry_run": True}).status_code == 200
    assert problem(api.get("/me"), 429, "rate_limited")["limit"] == "key other"


def test_what_is_refused_as_it_is_counts_as_another_request(alice):
    api = limited(alice, paid_per_minute=1, paid_burst=1)

    problem(api.post("/generations", b"{"), 400, "invalid_request")
    reader = keys.create(maker=alice, name="r", scopes=["read"], rates={"paid_per_minute": 0}).text
    problem(API(text=reader).post("/generations", WORDS), 403, "insufficient_scope")

    assert api.post("/generations", WORDS).status_code == 202


def test_one_keys_haste_costs_no_other_key(alice, others):
    hasty = limited(alice, other_per_minute=1, other_burst=1)
    hasty.get("/me")
    problem(hasty.get("/me"), 429, "rate_limited")

    for api in (API(alice), API(a_member(alice.workspace)), others):
        assert api.get("/me").status_code == 200


@pytest.mark.parametrize("of", ["key", "workspace"])
def test_what_staff_set_counts_from_the_next_request_on(api, alice, of):
    row = APIKey.objects.get() if of == "key" else alice.workspace
    assert api.get("/me").status_code == 200

    row.other_per_minute = 0
    row.save()
    assert problem(api.get("/me"), 429, "rate_limited")["limit"] == f"{of} other"
    row.other_per_minute, row.other_burst = 5000, 5000
    row.save()

    answer = api.get("/me")
    assert f'"{of} other";q=5000;w=60;reelay-burst=5000' in answer["RateLimit-Policy"]


def test_a_slow_key_gets_no_bursts_of_a_fast_one(alice):
    answer = limited(alice, other_per_minute=6).get("/me")

    assert '"key other";q=6;w=60;reelay-burst=6' in answer["RateLimit-Policy"]


# On every answer


def test_the_limits_stand_on_every_answer(api, stranger, alice):
    child = api.post("/api-keys", {"name": "r", "scopes": ["read"]}).json()["key"]
    home = keys.create(maker=alice, name="home", allowed_addresses=["203.0.113.1/32"]).text
    answers = {
        200: api.get("/me"),
        201: api.post("/quotes", WORDS),
        202: api.post("/generations", WORDS),
        400: api.post("/generations", b"["),
        401: stranger.get("/me"),
        409: api.post("/generations", WORDS | {"max_price": "0.01"}),
        403: API(text=child).post("/generations", WORDS),
        404: api.get("/generations/gen_1"),
        405: api.delete("/me"),
        406: api.get("/me", Accept="text/csv"),
        415: api.client.post(
            "/api/v1/generations", "x", "text/csv", headers={"Authorization": f"Bearer {api.key}"}
        ),
        422: api.post("/generations", {}),
        503: api.post("/wallet/top-ups", {"amount": "25.00"}),
    }
    answers |= {
        "replayed": [api.post("/quotes", WORDS, Idempotency_Key="a") for _ in range(2)][1],
        "query": api.get(f"/me?key={api.key}"),
        "mistyped": API(text=api.key[:-1] + "-").get("/me"),
        "elsewhere": API(text=home).get("/me"),
        "dry": api.post("/generations", WORDS | {"dry_run": True}),
        "head": api.head("/me"),
        "nowhere": api.get("/nothing"),
    }

    for status, answer in answers.items():
        assert isinstance(status, str) or answer.status_code == status, answer.content
        for name in NAMED:
            assert answer.has_header(name), status
    assert answers[200]["RateLimit"].startswith('"key other";r=')
    assert answers[202]["RateLimit"].startswith('"key paid";r=39;t=1, "workspace paid";r=199;t=1')
    assert answers[401]["RateLimit-Policy"] == '"address";q=60;w=60;reelay-burst=60'
    for refused in (400, 403, 415):
        assert answers[refused]["RateLimit"].startswith('"key other";r=')


# Without a key that opens


def test_keys_cannot_be_tried_en_masse(api, settings):
    settings.API_FAILED_PER_MINUTE = 5
    revoked = api.post("/api-keys", {"name": "CI"}).json()
    api.delete(f"/api-keys/{revoked['id']}")
    theirs = API(text=revoked["key"])

    for _ in range(5):
        problem(theirs.get("/me"), 401, "unauthorized")
    answer = theirs.get("/me")

    assert problem(answer, 429, "rate_limited")["limit"] == "address"
    assert int(answer["Retry-After"]) == 12
    elsewhere = theirs.client.get(
        "/api/v1/me", headers={"Authorization": f"Bearer {theirs.key}"}, REMOTE_ADDR="203.0.113.9"
    )
    problem(elsewhere, 401, "unauthorized")
    assert api.get("/me").status_code == 200  # a key that opens is nobody's try


def test_what_is_plainly_no_key_counts_as_no_try(stranger, settings):
    settings.API_FAILED_PER_MINUTE = 2

    for _ in range(5):
        problem(API(text="rly_live_nonsense").get("/me"), 401, "unauthorized")
        problem(stranger.get("/me"), 401, "unauthorized")


# Without Redis


def test_without_redis_nothing_is_ordered_and_everything_else_goes_on(api, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = api.post("/generations", WORDS)

    problem(answer, 503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert api.post("/generations", WORDS | {"dry_run": True}).status_code == 200
    assert api.get("/wallet").json()["held"] == "0.00"
    assert '"key other"' in api.get("/me")["RateLimit-Policy"]
    problem(API(text=api.key[:-1]).get("/me"), 401, "unauthorized")
