"""Lists: pages that never shift, filters that mean what they say, a constant number of queries."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from generations.models import Generation
from tests.api.tools import WORDS, failed, faults, finished, problem, queries

pytestmark = pytest.mark.django_db


def orders(api, *bodies) -> list[str]:
    return [api.post("/generations", WORDS | body).json()["id"] for body in bodies]


def listed(api, query: str) -> list[str]:
    response = api.get(f"/generations?{query}")
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["data"]]


def test_pages_follow_each_other_without_gap_or_repeat(api):
    made = orders(api, *[{}] * 7)

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/generations?limit=3{cursor and f'&cursor={cursor}'}").json()
        assert list(page) == ["object", "data", "next_cursor"]
        assert len(page["data"]) <= 3
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
        orders(api, {})  # what arrives meanwhile does not shift the pages

    assert seen == sorted(made, reverse=True)


def test_lists_leave_the_timeline_out(api):
    orders(api, {})

    (one,) = api.get("/generations").json()["data"]

    assert "timeline" not in one
    assert one["queue_position"] == 1


def test_a_last_page_that_is_full_has_no_next(api):
    orders(api, {}, {})

    assert api.get("/generations?limit=2").json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1e1", "limit"),
        ("limit=-1", "limit"),
        ("limit=%D9%A3", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=" + "A" * 500, "cursor"),
        ("status=done", "status"),
        ("batch=bat_1", "batch"),
        ("model=sora", "model"),
        ("q=%00", "q"),
        ("tag=%00", "tag"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2026-11-21", "created_after"),
        ("created_after=2026-13-21T00:00:00Z", "created_after"),
        ("created_after=2026-11-21T00:00:00", "created_after"),
        ("created_before=0001-01-01T00:00:00%2B14:00", "created_before"),
        ("created_before=9999-12-31T23:59:59-14:00", "created_before"),
        ("colour=red", "colour"),
        ("status=queued&status=failed", "status"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(api, query, field):
    refused = problem(api.get(f"/generations?{query}"), 422, "invalid_request")

    assert [name for name, _ in faults(refused)] == [field]


def test_parameters_that_an_endpoint_does_not_know_are_refused_by_name(api):
    for path in [
        "/wallet?limit=1",
        "/me?x=1",
        "/models?model=hailuo-2.3",
        "/generations/gen_1?a=b",
    ]:
        assert problem(api.get(path), 422, "invalid_request")["errors"][0]["code"] == "unknown"
    problem(api.post("/generations?dry_run=true", WORDS), 422, "invalid_request")


def test_a_cursor_of_another_list_is_refused(api):
    orders(api, {}, {})
    cursor = api.get("/generations?limit=1").json()["next_cursor"]

    refused = problem(api.get(f"/wallet/transactions?cursor={cursor}"), 422, "invalid_request")

    assert faults(refused) == [("cursor", "invalid")]


def test_filters_find_what_they_say(api, film):
    kite, ship, fast = orders(
        api,
        {"prompt": "A red kite, 100% wind_y", "tags": ["sky", "red"]},
        {"prompt": "A GREY ship", "tags": ["sea"]},
        {"prompt": "A grey kite", "duration": 10},
    )
    finished(Generation.objects.get(prompt="A GREY ship"), film)
    failed(Generation.objects.get(prompt="A grey kite"))

    assert listed(api, "status=queued") == [kite]
    assert listed(api, "status=succeeded") == [ship]
    assert listed(api, "status=failed") == [fast]
    assert listed(api, "status=canceled") == []
    assert listed(api, "q=grey") == [fast, ship]
    assert listed(api, "q=grey&status=failed") == [fast]
    assert listed(api, "tag=sky") == [kite]
    assert listed(api, "tag=sk") == []
    assert listed(api, "model=hailuo-2.3") == [fast, ship, kite]
    assert listed(api, "model=hailuo-2.3-fast") == []


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "100%w", "wind__"])
def test_what_looks_like_a_wildcard_is_a_plain_character(api, wildcard):
    kite, _ = orders(api, {"prompt": "A kite, 100% wind_y \\o/"}, {"prompt": "A ship"})

    assert listed(api, f"q={quote(wildcard)}") == ([kite] if len(wildcard) == 1 else [])


def test_moments_bound_a_list_on_both_sides(api):
    first, second = orders(api, {}, {})
    created = Generation.objects.earliest("id").created_at
    Generation.objects.filter(id=Generation.objects.latest("id").id).update(
        created_at=created + timedelta(hours=1)
    )
    between = quote((created + timedelta(minutes=30)).isoformat())

    assert listed(api, f"created_before={between}") == [first]
    assert listed(api, f"created_after={between}") == [second]
    assert listed(api, "created_after=2026-01-01T00:00:00+00:00") == [second, first]
    assert listed(api, "created_after=2999-01-01T00:00:00z") == []


def test_a_list_asks_as_much_for_many_rows_as_for_few(api, film):
    def asked() -> int:
        """The past is asked anew every half minute, so the least of three counts."""
        counts = []
        for _ in range(3):
            with queries() as statements:
                assert api.get("/generations?limit=100").status_code == 200
            counts.append(len(statements))
        return min(counts)

    orders(api, {}, {}, {})
    finished(Generation.objects.earliest("id"), film)
    few = asked()
    for _ in range(3):
        api.post("/generations", WORDS | {"count": 10})
    finished(Generation.objects.latest("id"), film)

    assert asked() == few <= 4


def test_transactions_tell_every_movement_newest_first(api, film):
    (id,) = orders(api, {})
    finished(Generation.objects.get(), film)

    page = api.get("/wallet/transactions").json()

    capture, hold, deposit = page["data"]
    assert (
        list(hold)
        == (
            "id object type amount available_after held_after currency generation reference "
            "description created_at"
        ).split()
    )
    assert [row["type"] for row in page["data"]] == ["capture", "hold", "deposit"]
    assert (hold["amount"], hold["available_after"], hold["held_after"]) == (
        "-0.28",
        "9.72",
        "0.28",
    )
    assert (capture["available_after"], capture["held_after"]) == ("9.72", "0.00")
    assert (deposit["amount"], deposit["generation"]) == ("10.00", None)
    assert (hold["generation"], capture["generation"]) == (id, id)


def test_transactions_come_in_pages(api):
    orders(api, {}, {}, {})

    first = api.get("/wallet/transactions?limit=3").json()
    rest = api.get(f"/wallet/transactions?limit=3&cursor={first['next_cursor']}").json()

    assert [row["type"] for row in first["data"] + rest["data"]] == ["hold"] * 3 + ["deposit"]
    assert rest["next_cursor"] is None


def test_the_wallet_is_told_in_dollars(api):
    orders(api, {})

    assert api.get("/wallet").json() == {
        "object": "wallet",
        "available": "9.72",
        "held": "0.28",
        "debt": "0.00",
        "currency": "USD",
    }
