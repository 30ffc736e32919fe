"""Asking twice does it once."""

from __future__ import annotations

from collections import Counter

import pytest

from accounts.models import IdempotencyRecord
from billing import ledger
from generations.models import Generation, Upload
from tests.api.tools import WORDS, a_picture, data_uri, problem, the_only, together

pytestmark = pytest.mark.django_db


def test_the_same_key_and_body_get_the_same_answer_to_the_byte(api, wallet):
    first = api.post("/generations", WORDS, idempotency_key="order-1")
    again = api.post(
        "/generations",
        b' { "prompt":"A red kite over a harbour at dawn.",\n"model":"hailuo-2.3"}',
        idempotency_key="order-1",
    )

    assert (again.status_code, again.content) == (202, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Generation.objects.count() == 1
    assert ledger.balance(wallet).held == 280_000


def test_the_same_key_with_another_body_is_refused(api):
    api.post("/generations", WORDS, idempotency_key="order-1")

    response = api.post("/generations", WORDS | {"duration": 10}, idempotency_key="order-1")

    problem(response, 422, "idempotency_mismatch")
    assert Generation.objects.count() == 1


def test_a_key_belongs_to_one_workspace_and_one_path(api, others):
    api.post("/generations", WORDS, idempotency_key="order-1")

    assert others.post("/generations", WORDS, idempotency_key="order-1").status_code == 202
    assert api.post("/quotes", WORDS, idempotency_key="order-1").status_code == 201
    assert Generation.objects.count() == 2


def test_a_refusal_is_not_kept(api, wallet):
    ledger.adjust(wallet=wallet, amount=-9_900_000, key="spent", description="", actor="test")
    problem(api.post("/generations", WORDS, idempotency_key="k"), 402, "insufficient_funds")
    assert not IdempotencyRecord.objects.exists()
    ledger.deposit(wallet=wallet, amount=1_000_000, key="more")

    assert api.post("/generations", WORDS, idempotency_key="k").status_code == 202


@pytest.mark.parametrize("key", ["", " ", "with space", "x" * 256, "schön", "a\tb", "日本"])
def test_a_key_is_1_to_255_visible_ascii_characters(api, key):
    problem(api.post("/generations", WORDS, idempotency_key=key), 400, "invalid_request")
    assert not Generation.objects.exists()


@pytest.mark.parametrize("path", ["/generations", "/quotes"])
def test_a_dry_run_refuses_such_a_key_too(api, path):
    dry = WORDS | {"dry_run": True}

    problem(api.post(path, dry, idempotency_key="x" * 256), 400, "invalid_request")


@pytest.mark.parametrize("key", ["x", "x" * 255, "!~", '"quoted"'])
def test_odd_but_legal_keys_are_taken(api, key):
    assert api.post("/generations", WORDS, idempotency_key=key).status_code == 202


def test_an_answer_no_longer_kept_is_given_as_things_are_now(api):
    first = api.post("/generations", WORDS, idempotency_key="old").json()
    batch = api.post("/generations", WORDS | {"count": 2}, idempotency_key="old-batch").json()
    IdempotencyRecord.objects.update(answer=None)
    api.post(f"/generations/{first['id']}/cancel")

    again = api.post("/generations", WORDS, idempotency_key="old")
    assert (again.status_code, again["Idempotent-Replayed"]) == (202, "true")
    assert (again.json()["id"], again.json()["status"]) == (first["id"], "canceled")

    again = api.post("/generations", WORDS | {"count": 2}, idempotency_key="old-batch").json()
    assert again["batch"] == batch["batch"]
    assert {one["id"] for one in again["data"]} == {one["id"] for one in batch["data"]}


def test_quotes_cancels_and_uploads_are_done_once_too(api):
    quotes = [api.post("/quotes", WORDS, idempotency_key="q").json()["id"] for _ in range(2)]
    assert quotes[0] == quotes[1]

    uploads = [api.upload(a_picture(), idempotency_key="u") for _ in range(2)]
    assert uploads[0].content == uploads[1].content
    assert Upload.objects.count() == 1
    problem(api.upload(a_picture(500, 500), idempotency_key="u"), 422, "idempotency_mismatch")

    id = api.post("/generations", WORDS).json()["id"]
    cancels = [api.post(f"/generations/{id}/cancel", idempotency_key="c") for _ in range(2)]
    assert cancels[0].content == cancels[1].content
    assert cancels[1]["Idempotent-Replayed"] == "true"


def test_an_image_sent_twice_is_kept_once(api):
    wish = WORDS | {"first_frame_image": data_uri(a_picture())}

    first, again = (api.post("/generations", wish, idempotency_key="i") for _ in range(2))

    assert first.content == again.content
    assert Upload.objects.count() == 1


def test_a_dry_run_uses_no_key_up(api):
    api.post("/generations", WORDS | {"dry_run": True}, idempotency_key="k")

    assert api.post("/generations", WORDS, idempotency_key="k").status_code == 202


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_make_one_generation(api, wallet):
    def order():
        return api_of(api).post("/generations", WORDS, idempotency_key="race")

    answers = together([order] * 16)

    ends = Counter(answer.status_code for answer in answers)
    assert set(ends) <= {202, 409}
    assert ends[202] >= 1
    assert len({answer.content for answer in answers if answer.status_code == 202}) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "idempotency_in_flight")
            assert answer["Retry-After"] == "1"
    assert Generation.objects.count() == 1
    assert ledger.balance(wallet).held == 280_000


@pytest.mark.django_db(transaction=True)
def test_the_same_image_at_once_is_kept_once(api):
    wish = WORDS | {"first_frame_image": data_uri(a_picture())}

    together([lambda: api_of(api).post("/generations", wish, idempotency_key="race")] * 4)

    assert the_only().first_frame is not None
    assert Upload.objects.count() == 1


def api_of(api):
    """The same key on a line of its own."""
    return type(api)(text=api.key)
