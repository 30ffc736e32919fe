"""What was spent, split as somebody wants it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import APIKey
from billing.api import shapes
from generations.models import Generation
from tests.api.tools import API, WORDS, faults, finished, problem, queries
from tests.site import lives

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(api, alice, bob, film):
    """Alice's key bought two clips, Bob's one; on the site Alice bought one."""
    for caller in [api, api, API(bob)]:
        caller.post("/generations", WORDS)
    lives.ordered(alice)
    for one in Generation.objects.whole().order_by("id"):
        finished(one, film)


def test_without_a_question_it_is_the_last_thirty_days_by_day(api, spent):
    today = timezone.now().date()

    shown = api.get("/usage").json()

    assert list(shown) == list(shapes.USAGE)
    assert (shown["from"], shown["to"]) == (str(today - timedelta(days=29)), str(today))
    assert shown["data"] == [{"day": str(today), "amount": "1.12", "charges": 4}]
    assert shown["total"] == {"amount": "1.12", "charges": 4}


def test_every_split_names_things_as_the_rest_of_the_api_does(api, alice, bob, spent):
    keys = {key.maker_id: key.public_id for key in APIKey.objects.all()}

    def by(split: str) -> list[tuple[str, ...]]:
        rows = api.get(f"/usage?by={split}").json()["data"]
        return sorted(tuple(map(str, row.values())) for row in rows)

    assert by("member") == sorted(
        [(alice.user.public_id, "0.84", "3"), (bob.user.public_id, "0.28", "1")]
    )
    assert by("key") == sorted(
        [(keys[alice.pk], "0.56", "2"), (keys[bob.pk], "0.28", "1"), ("None", "0.28", "1")]
    )
    assert by("model,member,model") == sorted(("hailuo-2.3", *row) for row in by("member"))


def test_a_period_without_anything_is_empty(api, spent):
    shown = api.get("/usage?from=2026-01-01&to=2026-01-31").json()

    assert shown["data"] == []
    assert shown["total"] == {"amount": "0.00", "charges": 0}


def test_nobody_sees_what_others_spent(others, spent):
    assert others.get("/usage?by=day,member,key,model").json()["data"] == []


def test_it_asks_the_same_number_of_questions_however_it_is_split(api, spent):
    asked = []
    for split in ("day", "day,member,key,model"):
        with queries() as statements:
            api.get(f"/usage?by={split}")
        asked.append(len(statements))

    assert asked[0] == asked[1] <= 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("from=2026-02-31", "from"),
        ("from=2026-1-1", "from"),
        ("from=20260101", "from"),
        ("to=1999-12-31", "to"),
        ("to=9999-12-31", "to"),
        ("to=2026-01-01%00", "to"),
        ("from=2026-11-02&to=2026-11-01", "from"),
        ("from=2025-01-01&to=2026-01-02", "from"),
        ("by=", "by"),
        ("by=provider", "by"),
        ("by=day,", "by"),
        ("by=Day", "by"),
        ("month=2026-11", "month"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(api, query, field):
    refused = problem(api.get(f"/usage?{query}"), 422, "invalid_request")

    assert [name for name, _ in faults(refused)] == [field]
