"""The gateway's logs: where a cut call can be found again (cloudflare SDK 5.9.0, ai_gateway)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.generations.sandbox.house_cloudflare import (
    ACCOUNT,
    KEY,
    ROOT,
    Cloudflare,
    an_order,
    inner,
    refusal,
)

#: What LogListResponse of the SDK has, without what is optional.
NEEDED = {"id", "cached", "created_at", "duration", "model", "path", "provider", "success"}


@pytest.fixture
def cloudflare(house):
    return Cloudflare(house)


def tags(**entries: object) -> dict[str, str]:
    return {"cf-aig-metadata": json.dumps(entries)}


def a_filter(key: str, operator: str, *values: object) -> dict[str, object]:
    return {"key": key, "operator": operator, "value": list(values)}


def found(cloudflare, *filters: dict[str, object], **query: object) -> list[str]:
    """The `name` tags of what a search finds."""
    sent = {"filters": json.dumps(filters), **query} if filters else query
    rows = inner_list(cloudflare.logs(**sent))
    return [json.loads(row["metadata"])["name"] for row in rows]


def inner_list(answer):
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    return answer.json()["result"]


def test_a_call_is_in_the_logs_when_it_has_ended_and_not_before(cloudflare):
    call = cloudflare.begin(an_order("Waves [[stock, slow=0.5]]"), "order-1")
    time.sleep(0.25)
    during = cloudflare.tagged("order-1")
    answer = call.result()

    (row,) = cloudflare.tagged("order-1")

    assert during == []
    assert row.keys() >= NEEDED
    assert row["id"] == answer.headers["cf-aig-log-id"]
    assert (row["success"], row["cached"], row["status_code"]) == (True, False, 200)
    assert (row["provider"], row["model"]) == ("minimax", "minimax/hailuo-2.3")
    assert (row["cost"], row["metadata"]) == (0.28, '{"job": "order-1"}')
    assert 500 <= row["duration"] <= 3000
    age = datetime.now(UTC) - datetime.fromisoformat(row["created_at"])
    assert timedelta(0) <= age < timedelta(seconds=10)


def test_a_row_leads_to_what_was_sent_and_said(cloudflare):
    order = an_order("Waves [[stock]]")
    answer = cloudflare.run(order, "order-1")
    number = answer.headers["cf-aig-log-id"]

    detail = inner(cloudflare.log(number))

    assert cloudflare.log(number, "/request").json() == order
    assert cloudflare.log(number, "/response").json() == inner(answer)
    assert detail["id"] == number
    assert json.loads(detail["response_head"]) == inner(answer)
    assert (detail["request_head_complete"], detail["response_head_complete"]) == (True, True)


def test_a_refused_call_is_a_row_without_cost(cloudflare):
    answer = cloudflare.run(an_order(duration=7), "order-1")

    (row,) = cloudflare.tagged("order-1")

    assert row["id"] == answer.headers["cf-aig-log-id"]
    assert (row["success"], row["status_code"], row["cost"]) == (False, 400, 0)
    assert cloudflare.log(row["id"], "/response").json() == answer.json()


def test_a_failed_render_is_a_row_without_success(cloudflare):
    cloudflare.run(an_order("Waves [[fail]]"), "order-1")

    (row,) = cloudflare.tagged("order-1")

    assert (row["success"], row["status_code"], row["cost"]) == (False, 200, 0)


def test_key_and_value_of_a_tag_are_searched_apart(cloudflare):
    cloudflare.run(an_order(), **tags(name="first", job="x", other="y"))
    cloudflare.run(an_order(), **tags(name="second", job="y"))
    cloudflare.run(an_order(), **tags(name="third"))

    key = a_filter("metadata.key", "eq", "job")

    assert found(cloudflare, key, a_filter("metadata.value", "eq", "x")) == ["first"]
    assert found(cloudflare, key, a_filter("metadata.value", "eq", "y")) == ["second", "first"]
    assert found(cloudflare, a_filter("metadata.value", "eq", "x", "third")) == ["third", "first"]
    assert found(cloudflare, a_filter("metadata.value", "contains", "thi")) == ["third"]
    assert found(cloudflare, a_filter("metadata.key", "neq", "job")) == ["third"]
    assert found(cloudflare, search="second") == ["second"]


def test_numbers_and_truths_are_tags_too(cloudflare):
    cloudflare.run(an_order(), **tags(name="first", job=388507504709991, test=True))
    cloudflare.run(an_order(), **tags(name="second", job=388507504709992, test=False))

    assert found(cloudflare, a_filter("metadata.value", "eq", 388507504709991)) == ["first"]
    assert found(cloudflare, a_filter("metadata.value", "eq", "388507504709992")) == ["second"]
    assert found(cloudflare, a_filter("metadata.value", "eq", True)) == ["first"]


def test_filters_may_be_written_as_the_sdk_writes_them(cloudflare):
    cloudflare.run(an_order(), "order-1")
    cloudflare.run(an_order(), "order-2")
    pairs = [
        ("filters.key", "metadata.key"),
        ("filters.operator", "eq"),
        ("filters.value", "job"),
        ("filters.key", "metadata.value"),
        ("filters.operator", "eq"),
        ("filters.value", "order-2"),
    ]

    answer = cloudflare.house.client.get(
        f"{ROOT}/{ACCOUNT}/ai-gateway/gateways/default/logs?{urlencode(pairs)}", headers=KEY
    )

    assert [row["metadata"] for row in inner_list(answer)] == ['{"job": "order-2"}']


@pytest.fixture
def three(cloudflare):
    """A good call, a failed one, and a refused one of the other model."""
    cloudflare.run(an_order(), **tags(name="good"))
    time.sleep(0.01)
    cloudflare.run(an_order("Waves [[fail]]"), **tags(name="failed"))
    time.sleep(0.01)
    cloudflare.run(an_order(model="minimax/hailuo-2.3-fast"), **tags(name="refused"))
    return cloudflare


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["refused", "failed", "good"]),
        ({"order_by_direction": "asc"}, ["good", "failed", "refused"]),
        ({"direction": "asc"}, ["good", "failed", "refused"]),
        ({"order_by": "success"}, ["good", "refused", "failed"]),
        ({"success": "true"}, ["good"]),
        ({"success": "false", "model": "minimax/hailuo-2.3"}, ["failed"]),
        ({"model": "minimax/hailuo-2.3-fast"}, ["refused"]),
        ({"provider": "openai"}, []),
        ({"cached": "true"}, []),
        ({"min_cost": 0.1}, ["good"]),
        ({"max_cost": 0.1}, ["refused", "failed"]),
        ({"max_total_tokens": 0}, ["refused", "failed", "good"]),
        ({"start_date": "2020-01-01T00:00:00Z"}, ["refused", "failed", "good"]),
        ({"end_date": "2020-01-01T00:00:00Z"}, []),
        ({"feedback": 1}, []),
        ({"page": 2, "per_page": 2}, ["good"]),
        ({"page": 3, "per_page": 2}, []),
    ],
)
def test_the_logs_are_searched_by_every_parameter(three, query, names):
    assert found(three, **query) == names


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        (a_filter("success", "eq", True), ["good"]),
        (a_filter("cost", "gt", 0.1), ["good"]),
        (a_filter("cost", "lt", 0.1), ["refused", "failed"]),
        (a_filter("created_at", "gt", "2020-01-01T00:00:00Z"), ["refused", "failed", "good"]),
        (a_filter("created_at", "lt", "2020-01-01T00:00:00Z"), []),
        (a_filter("model", "contains", "fast"), ["refused"]),
        (a_filter("model", "neq", "minimax/hailuo-2.3"), ["refused"]),
        (a_filter("tokens", "eq", 0), ["refused", "failed", "good"]),
        (a_filter("event_id", "eq", "x"), []),
    ],
)
def test_the_logs_are_searched_by_every_filter(three, wish, names):
    assert found(three, wish) == names


def test_a_page_says_how_many_there_are(three):
    info = three.logs(per_page=2).json()["result_info"]

    assert info == {"page": 1, "per_page": 2, "count": 2, "total_count": 3}


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": 51},
        {"per_page": 0},
        {"page": "x"},
        {"order_by": "cost"},
        {"order_by_direction": "up"},
        {"min_cost": "much"},
        {"start_date": "yesterday"},
        {"metadata": "job"},
        {"filters": "job"},
        {"filters": json.dumps([a_filter("metadata.job", "eq", "x")])},
        {"filters": json.dumps([a_filter("metadata.key", "is", "x")])},
        {"filters": json.dumps([{"key": "metadata.key", "operator": "eq", "value": "x"}])},
        {"filters.key": "metadata.key"},
    ],
)
def test_a_question_the_sdk_cannot_ask_is_refused(cloudflare, query):
    assert refusal(cloudflare.logs(**query)) == (400, 7001)


def test_five_tags_are_kept(cloudflare):
    answer = cloudflare.run(an_order(), **tags(a=1, b=2, c=3, d=4, e=5, f=6))

    detail = inner(cloudflare.log(answer.headers["cf-aig-log-id"]))

    assert json.loads(detail["metadata"]) == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


@pytest.mark.parametrize("sent", ['{"job": "x", "no": null}', '{"job": {"id": 1}}', "job=x", "[]"])
def test_one_bad_tag_loses_them_all_without_a_word(cloudflare, sent):
    answer = cloudflare.run(an_order(), **{"cf-aig-metadata": sent})

    assert inner(cloudflare.log(answer.headers["cf-aig-log-id"]))["metadata"] is None


def test_a_call_may_ask_not_to_be_logged(cloudflare):
    answer = cloudflare.run(an_order(), "order-1", cf_aig_collect_log="false")
    number = answer.headers["cf-aig-log-id"]

    assert cloudflare.tagged("order-1") == []
    assert refusal(cloudflare.log(number)) == (404, 7002)


def test_a_call_may_ask_that_its_content_is_not_kept(cloudflare):
    cloudflare.run(an_order(), "order-1", cf_aig_collect_log_payload="false")

    (row,) = cloudflare.tagged("order-1")

    assert row["cost"] == 0.28
    assert refusal(cloudflare.log(row["id"], "/response")) == (404, 7002)
    assert "response_head" not in inner(cloudflare.log(row["id"]))


def test_every_gateway_has_logs_of_its_own(cloudflare):
    answer = cloudflare.run(an_order(), "order-1", cf_aig_gateway_id="videos")

    assert cloudflare.tagged("order-1") == []
    (row,) = inner_list(cloudflare.logs("videos"))
    assert row["id"] == answer.headers["cf-aig-log-id"]
    elsewhere = f"{ROOT}/other/ai-gateway/gateways/videos/logs"
    assert cloudflare.house.client.get(elsewhere, headers=KEY).json()["result"] == []


@pytest.mark.parametrize("side", ["", "/request", "/response"])
def test_an_unknown_row_is_not_found(cloudflare, side):
    assert refusal(cloudflare.log("01M3YQN1N85YEFXNT0T6WEWZJ5", side)) == (404, 7002)


def test_strangers_may_not_look(cloudflare):
    answers = [
        cloudflare.house.client.get(f"{ROOT}/{ACCOUNT}/{path}")
        for path in ("ai-gateway/gateways/default/logs", "ai-gateway/billing/credit-balance")
    ]

    assert [refusal(answer) for answer in answers] == [(401, 10000)] * 2
