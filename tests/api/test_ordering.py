"""Ordering over the API: accepted, held, followed, canceled, deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import ledger
from billing.ledger import Balance
from generations.models import Generation, ProviderStatus
from tests.api.tools import WORDS, failed, faults, finished, problem, submitted, the_only

pytestmark = pytest.mark.django_db

NAMES = (
    "id object status stage progress queue_position eta model mode prompt resolution duration "
    "first_frame_image prompt_optimizer fast_pretreatment watermark output_format output_quality "
    "policy provider_requested provider quote quoted price charged refunded currency batch "
    "retry_of metadata tags created_at started_at finished_at clip error timeline"
).split()


def test_an_order_is_accepted_and_its_price_is_held(api, wallet):
    response = api.post("/generations", WORDS | {"metadata": {"n": 1}, "tags": ["kite"]})

    assert response.status_code == 202
    shown = response.json()
    assert list(shown) == NAMES
    assert shown["id"] == the_only().public_id
    assert (shown["status"], shown["stage"], shown["provider"]) == ("queued", "waiting", None)
    assert (shown["quoted"], shown["price"], shown["charged"]) == ("0.28", "0.28", "0.00")
    assert (shown["metadata"], shown["tags"]) == ({"n": 1}, ["kite"])
    assert shown["eta"] > shown["created_at"]
    assert [line["type"] for line in shown["timeline"]] == ["generation.queued"]
    assert ledger.balance(wallet) == Balance(available=9_720_000, held=280_000)


def test_a_generation_is_shown_as_it_goes_on(api):
    first = api.post("/generations", WORDS).json()
    second = api.post("/generations", WORDS).json()
    waiting = api.get(f"/generations/{second['id']}").json()
    assert waiting["queue_position"] == 2

    submitted(Generation.objects.earliest("id"))

    running = api.get(f"/generations/{first['id']}").json()
    assert (running["status"], running["stage"]) == ("running", "rendering")
    assert running["provider"] == "runware"
    assert running["queue_position"] is None
    assert running["started_at"] < running["eta"]
    assert api.get(f"/generations/{second['id']}").json()["queue_position"] == 1


def test_a_finished_one_tells_what_was_charged_and_where_the_clip_is(api, wallet, film):
    api.post("/generations", WORDS)
    one = finished(the_only(), film)

    shown = api.get(f"/generations/{one.public_id}").json()

    assert shown["status"] == "succeeded"
    assert (shown["charged"], shown["price"]) == ("0.28", "0.28")
    assert shown["eta"] is None
    assert list(shown["clip"]) == (
        "url poster_url url_expires_at width height duration bytes sha256 content_type".split()
    )
    assert (shown["clip"]["bytes"], shown["clip"]["duration"]) == (len(film), 2.0)
    assert "money.captured" in [line["type"] for line in shown["timeline"]]
    assert ledger.balance(wallet) == Balance(available=9_720_000, held=0)


def test_a_failed_one_tells_why_and_costs_nothing(api, wallet):
    api.post("/generations", WORDS)
    one = failed(the_only())

    shown = api.get(f"/generations/{one.public_id}").json()

    assert shown["status"] == "failed"
    assert shown["error"]["code"] == "content_policy"
    assert shown["error"]["provider_message"] == "Not this."
    assert shown["clip"] is None
    assert ledger.balance(wallet) == Balance(available=10_000_000, held=0)


def test_a_count_makes_independent_clips_that_share_a_batch(api, wallet):
    response = api.post("/generations", WORDS | {"count": 3})

    assert response.status_code == 202
    body = response.json()
    assert list(body) == ["object", "batch", "data"]
    assert [list(one) for one in body["data"]] == [NAMES[:-1]] * 3
    assert {one["batch"] for one in body["data"]} == {body["batch"]}
    assert ledger.balance(wallet) == Balance(available=9_160_000, held=840_000)
    listed = api.get(f"/generations?batch={body['batch']}").json()["data"]
    assert {one["id"] for one in listed} == {one["id"] for one in body["data"]}


def test_a_count_the_wallet_does_not_cover_is_refused_whole(api, wallet):
    taken = api.post("/generations", WORDS | {"duration": 10, "count": 10}).json()
    assert len(taken["data"]) == 10

    refused = problem(
        api.post("/generations", WORDS | {"duration": 10, "count": 10}), 402, "insufficient_funds"
    )
    assert (refused["needed"], refused["available"]) == ("5.60", "4.40")
    assert Generation.objects.count() == 10
    assert ledger.balance(wallet) == Balance(available=4_400_000, held=5_600_000)


def test_without_money_nothing_is_accepted(api, wallet):
    ledger.adjust(wallet=wallet, amount=-9_750_000, key="spent", description="", actor="test")

    refused = problem(api.post("/generations", WORDS), 402, "insufficient_funds")

    assert (refused["needed"], refused["available"]) == ("0.28", "0.25")
    assert not Generation.objects.exists()


def test_what_waits_can_be_canceled_and_its_money_comes_back(api, wallet):
    id = api.post("/generations", WORDS).json()["id"]

    shown = api.post(f"/generations/{id}/cancel")

    assert shown.status_code == 200
    assert shown.json()["status"] == "canceled"
    assert ledger.balance(wallet) == Balance(available=10_000_000, held=0)
    again = api.post(f"/generations/{id}/cancel")
    assert (again.status_code, again.json()["status"]) == (200, "canceled")


def test_a_cancellation_takes_no_fields(api):
    id = api.post("/generations", WORDS).json()["id"]

    refused = problem(api.post(f"/generations/{id}/cancel", {"why": "x"}), 422, "invalid_request")

    assert faults(refused) == [("why", "unknown")]
    assert the_only().status == "queued"


def test_what_a_provider_is_making_cannot_be_canceled_but_the_wish_is_kept(api):
    id = api.post("/generations", WORDS).json()["id"]
    submitted(the_only())

    problem(api.post(f"/generations/{id}/cancel"), 409, "not_cancelable")

    assert the_only().cancel_wished_at is not None


def test_a_wish_to_cancel_is_kept_with_an_idempotency_key_too(api):
    id = api.post("/generations", WORDS).json()["id"]
    submitted(the_only())

    problem(api.post(f"/generations/{id}/cancel", idempotency_key="k"), 409, "not_cancelable")

    assert the_only().cancel_wished_at is not None


def test_what_has_ended_cannot_be_canceled(api, film):
    id = api.post("/generations", WORDS).json()["id"]
    finished(the_only(), film)

    problem(api.post(f"/generations/{id}/cancel"), 409, "already_finished")


def test_only_what_has_ended_can_be_deleted_and_then_it_is_gone(api, film, settings):
    id = api.post("/generations", WORDS).json()["id"]
    problem(api.delete(f"/generations/{id}"), 409, "not_finished")
    one = finished(the_only(), film)
    link = api.get(f"/generations/{id}").json()["clip"]["url"]

    response = api.delete(f"/generations/{id}")

    assert (response.status_code, response.content) == (204, b"")
    problem(api.get(f"/generations/{id}"), 404, "not_found")
    problem(api.delete(f"/generations/{id}"), 404, "not_found")
    assert api.get("/generations").json()["data"] == []
    assert api.open(link).status_code == 404
    assert not (settings.MEDIA_ROOT / one.clip.name).exists()


def test_a_dry_run_tells_the_price_and_keeps_nothing(api, wallet):
    response = api.post("/generations", WORDS | {"dry_run": True, "count": 2})

    assert response.status_code == 200
    shown = response.json()
    assert (shown["object"], shown["id"], shown["expires_at"]) == ("quote", None, None)
    assert (shown["unit_price"], shown["price"]) == ("0.28", "0.56")
    assert not Generation.objects.exists()
    assert not wallet.workspace.quotes.exists()
    assert ledger.balance(wallet).held == 0


def test_a_cap_on_the_price_is_kept_to(api):
    refused = problem(
        api.post("/generations", WORDS | {"max_price": "0.27"}), 409, "price_above_max"
    )

    assert "0.28" in refused["detail"]
    assert api.post("/generations", WORDS | {"max_price": "0.28"}).status_code == 202


def test_a_named_provider_that_is_paused_is_refused_with_a_time_to_come_back(api, wallet):
    in_a_minute = timezone.now() + timedelta(minutes=1)
    ProviderStatus.objects.create(name="runware", paused_until=in_a_minute)

    response = api.post("/generations", WORDS | {"provider": "runware"})

    problem(response, 409, "provider_paused")
    assert 0 < int(response["Retry-After"]) <= 61
    assert ledger.balance(wallet).held == 0
    assert api.post("/generations", WORDS).status_code == 202  # auto waits in the queue
