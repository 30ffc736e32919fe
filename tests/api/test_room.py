"""What a workspace may keep: told when it orders, never at the cost of what it has ordered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing import ledger
from generations import retention
from generations.models import Clip, Generation
from tests.api.tools import API, WORDS, problem, queries
from tests.openai.tools import OpenAI
from tests.openai.tools import refused as refused_by_openai
from tests.site import lives
from tests.site.conftest import browser_of
from tests.site.forms import order_form

pytestmark = pytest.mark.django_db

A_CLIP = b"a clip of twenty-six bytes"


@pytest.fixture
def kept(alice) -> Generation:
    """The one clip that Alice keeps."""
    return lives.delivered(lives.ordered(alice), A_CLIP)


@pytest.fixture(params=["CLIPS_MAX_BYTES", "CLIPS_MAX_FILES"])
def full(request, settings, kept) -> Generation:
    """Likewise, and it takes all the room that she has."""
    most = {"CLIPS_MAX_BYTES": len(A_CLIP), "CLIPS_MAX_FILES": 1}
    setattr(settings, request.param, most[request.param])
    return kept


def test_where_there_is_no_room_for_more_clips_none_is_ordered(api, others, full, wallet):
    before = ledger.balance(wallet)

    for more in ({}, {"dry_run": True}):
        said = problem(api.post("/generations", WORDS | more), 409, "storage_full")
        assert "Delete clips" in said["detail"]

    assert ledger.balance(wallet) == before
    assert Generation.objects.get() == full
    assert others.post("/generations", WORDS).status_code == 202


def test_openais_clients_are_told_and_do_not_try_again(alice, full):
    refused_by_openai(OpenAI(alice).create(WORDS), 409, "storage_full")


def test_the_studio_says_what_to_do_and_keeps_what_was_typed(alice, full):
    browser = browser_of(alice)

    answer = browser.post("/studio", order_form(browser, prompt="A lighthouse at night"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Delete clips you do not need any more" in page
    assert "How long things are kept" in page
    assert "A lighthouse at night" in page


def test_an_order_that_was_taken_before_is_answered_again(api, alice, settings):
    taken = api.post("/generations", WORDS, idempotency_key="one").json()
    settings.CLIPS_MAX_FILES = 0

    again = api.post("/generations", WORDS, idempotency_key="one")

    assert (again.status_code, again.json()["id"]) == (202, taken["id"])


def test_what_was_ordered_before_is_kept_whatever_it_takes(alice, settings, audited):
    under_way = [lives.ordered(alice) for _ in range(3)]
    settings.CLIPS_MAX_BYTES, settings.CLIPS_MAX_FILES = 1, 1

    for one in under_way:
        assert lives.delivered(one, A_CLIP).status == "succeeded"
    assert Clip.objects.count() == 3


def test_a_clip_that_is_deleted_makes_room_at_once(api, full, django_capture_on_commit_callbacks):
    problem(api.post("/generations", WORDS), 409, "storage_full")

    with django_capture_on_commit_callbacks(execute=True):
        api.delete(f"/generations/{full.public_id}")

    assert api.post("/generations", WORDS).status_code == 202


def test_a_clip_that_is_not_kept_any_longer_makes_room(
    api, full, settings, django_capture_on_commit_callbacks
):
    problem(api.post("/generations", WORDS), 409, "storage_full")
    settings.CLIPS_KEPT_DAYS = 1
    Generation.objects.update(finished_at=timezone.now() - timedelta(days=2))

    with django_capture_on_commit_callbacks(execute=True):
        retention.sweep(now=timezone.now())

    assert api.post("/generations", WORDS).status_code == 202


def test_of_several_at_once_all_must_find_room(api, kept, settings):
    settings.CLIPS_MAX_FILES = 3

    problem(api.post("/generations", WORDS | {"count": 3}), 409, "storage_full")

    assert api.post("/generations", WORDS | {"count": 2}).status_code == 202


def statements(api: API) -> list[str]:
    with queries() as asked:
        assert api.post("/generations", WORDS).status_code == 202
    return asked


def test_orders_ask_the_database_nothing_more_but_once_a_minute(api, kept, settings):
    statements(api)
    usual = len(statements(api))
    settings.CLIPS_MAX_BYTES = 1 << 30

    counts = [len(statements(api)) for _ in range(3)]

    assert counts == [usual + 1, usual, usual]


def test_without_redis_it_is_counted_each_time(alice, full, settings):
    """Over the API nothing is ordered then at all; the website goes on."""
    browser = browser_of(alice)
    form = order_form(browser, prompt="A lighthouse at night")
    settings.REDIS_URL = "redis://127.0.0.1:1"

    assert browser.post("/studio", form).status_code == 422


def test_unless_the_operator_says_so_there_is_no_end(settings):
    assert (settings.CLIPS_MAX_BYTES, settings.CLIPS_MAX_FILES) == (None, None)


def test_the_error_has_a_page():
    assert Client().get("/docs/errors/storage_full").status_code == 200
