"""Whatever a member of staff has in hand leads to the clip, in one search."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import IdempotencyRecord
from billing.models import StripeEvent, TopUp
from config.staff.finding import find
from generations.models import Share
from tests.factories import a_user
from tests.operations.conftest import a_member_of_staff, browser_of
from tests.site import lives


@pytest.fixture
def clip(alice):
    return lives.delivered(lives.ordered(alice, prompt="A lighthouse in a storm"))


@pytest.fixture
def payment(alice):
    StripeEvent.objects.create(
        id="evt_1Qx", type="charge.succeeded", object_id="ch_1Qx", payload={},
        happened_at=timezone.now(),
    )  # fmt: skip
    return TopUp.objects.create(
        workspace=alice.workspace, amount=10_000_000, session="cs_test_a1",
        payment_intent="pi_1Qx", charge="ch_1Qx",
    )  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        lambda clip, payment: clip.public_id,
        lambda clip, payment: clip.id.hex,
        lambda clip, payment: str(clip.id),
        lambda clip, payment: f" {clip.public_id} ",
        lambda clip, payment: clip.attempts.get().job_id,
        lambda clip, payment: clip.attempts.get().id.hex,
        lambda clip, payment: clip.workspace.events.first().public_id,
        lambda clip, payment: "alice@example.org",
        lambda clip, payment: "ALICE@example",
        lambda clip, payment: "lighthouse storm",
        lambda clip, payment: payment.public_id,
        lambda clip, payment: "pi_1Qx",
        lambda clip, payment: "cs_test_a1",
        lambda clip, payment: "ch_1Qx",
        lambda clip, payment: "evt_1Qx",
        lambda clip, payment: "order-4711",
        lambda clip, payment: f"https://clips.example/clips/{clip.public_id}?tab=1",
        lambda clip, payment: f"My clip {clip.public_id.upper()}, ordered today",
        lambda clip, payment: clip.shares.get().token,
        lambda clip, payment: f"https://clips.example/s/{clip.shares.get().token}",
    ],
)
def test_any_of_these_finds_the_clip(clip, payment, stella, asked):
    IdempotencyRecord.objects.create(
        workspace=clip.workspace, scope="POST /api/v1/generations", key="order-4711",
        fingerprint="0" * 64, status=202, reference=clip.public_id,
    )  # fmt: skip
    Share.objects.create(generation=clip, expires_at=timezone.now())

    assert clip in [one.row for one in find(asked(clip, payment), user=stella)]


@pytest.mark.parametrize("kind", ["workspace", "orderer"])
def test_a_workspace_and_a_person_are_found_by_their_ids(clip, stella, kind):
    row = getattr(clip, kind)

    assert [one.row for one in find(row.public_id, user=stella)] == [row]


@pytest.mark.parametrize(
    "text", ["", " ", "x", "\x00\x00", "'; --", "gen_" + "0" * 32, "&|!(", "a" * 5000]
)
def test_nonsense_finds_nothing_and_breaks_nothing(desk, clip, text):
    assert desk.get("/admin/find", {"q": text}).status_code == 200


def test_the_only_hit_opens_at_once(desk, clip):
    answer = desk.get("/admin/find", {"q": clip.public_id})

    assert answer.headers["Location"] == f"/admin/generations/generation/{clip.pk}/change/"


def test_who_looks_for_a_request_is_sent_to_the_logs(desk, clip):
    page = desk.get("/admin/find", {"q": "7f4c2f0e9a8d4b7f9c1d2e3f4a5b6c7d"}).content.decode()

    assert "stands in the logs" in page


def test_staff_find_only_what_they_may_see(clip):
    nobody = a_member_of_staff("nobody")

    assert find(clip.public_id, user=nobody) == []
    assert (
        "Nothing is called so"
        in browser_of(nobody).get("/admin/find", {"q": clip.public_id}).content.decode()
    )


def test_the_themes_own_search_finds_it_too(desk, clip):
    answer = desk.get("/admin/search/", {"s": clip.public_id, "extended": "1"})

    assert clip.public_id in answer.content.decode()


def test_customers_search_nothing(client, alice):
    client.force_login(alice.user)

    assert client.get("/admin/find", {"q": "alice"}).status_code == 302


@contextmanager
def somebody_holding(table: str) -> Iterator[None]:
    """Whatever reads it waits: a search without an end, as far as the database is concerned."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            other.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["/admin/find", "/admin/generations/generation/"])
def test_a_search_that_takes_too_long_ends_and_says_so(settings, alice, page):
    settings.STAFF_SEARCH_SECONDS = 1
    desk = browser_of(a_user("stella@staff.example", is_staff=True, is_superuser=True))

    with somebody_holding("generations_generation"):
        begun = time.monotonic()
        answer = desk.get(page, {"q": "lighthouse"})
        took = time.monotonic() - begun

    assert took < 4  # what waits for a lock is given up after five anyway
    assert answer.headers["Location"] == page
    assert "This search took longer than 1 s" in desk.get(page).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",), "for this connection's next request"
