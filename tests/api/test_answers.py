"""What every answer has in common: problems in one shape, headers, nothing of a trace."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.api import problems
from accounts.api.base import LARGE_BODIES
from accounts.api.codes import CODES
from accounts.models import Workspace
from billing.models import Wallet
from generations.models import Generation
from tests.api.tools import API, WORDS, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/nothing", "/v1/generations/", "/v1/top-ups", "/v2/me"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_a_problem_in_json(api, path, method):
    response = getattr(api.client, method)(f"/api{path}")

    problem(response, 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/generations", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("patch", "/generations/gen_1", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("get", "/uploads", {"OPTIONS", "POST"}),
    ],
)
def test_a_method_that_does_not_exist_is_told_those_that_do(api, method, path, allowed):
    headers = {"Authorization": f"Bearer {api.key}"}

    response = getattr(api.client, method)(f"/api/v1{path}", headers=headers)

    problem(response, 405, "method_not_allowed")
    assert set(response["Allow"].split(", ")) == allowed


def test_options_tell_the_methods(api):
    response = api.client.options("/api/v1/me", headers={"Authorization": f"Bearer {api.key}"})

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_answers_are_json_or_a_problem_that_says_so(api):
    problem(api.get("/me", Accept="text/html"), 406, "not_acceptable")
    assert api.get("/me", Accept="application/json, text/html;q=0.5").status_code == 200
    assert api.get("/me", Accept="*/*")["Content-Type"] == "application/json"


def test_answers_are_not_kept_by_caches_and_can_be_named(api):
    response = api.get("/wallet", X_Request_Id="my-request-1")

    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-Id"] == "my-request-1"
    assert (
        problem(api.get("/nothing", X_Request_Id="my-request-2"), 404, "not_found")["request_id"]
        == "my-request-2"
    )


def test_what_breaks_on_our_side_is_a_problem_without_a_trace_and_is_written_down(api, caplog):
    id = api.post("/quotes", WORDS).json()["id"]
    Workspace.objects.get().quotes.update(details={})

    response = api.get(f"/quotes/{id}")

    body = problem(response, 500, "internal_error")
    assert "KeyError" not in response.content.decode()
    (record,) = [one for one in caplog.records if one.name == "accounts.api.problems"]
    assert body["request_id"] in record.getMessage()
    assert record.exc_info is not None


@pytest.mark.django_db(transaction=True)
def test_a_wallet_that_stays_locked_is_a_503_and_nothing_is_held(api, wallet):
    locked, done = threading.Event(), threading.Event()

    def hold_on() -> None:
        with transaction.atomic():
            Wallet.objects.select_for_update().get(pk=wallet.pk)
            locked.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold_on)
    thread.start()
    locked.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        response = api.post("/generations", WORDS)
    finally:
        done.set()
        thread.join()
        connection.close()

    problem(response, 503, "unavailable")
    assert response["Retry-After"] == "5"
    assert not Generation.objects.exists()


@pytest.mark.parametrize("error", [OperationalError("gone"), RedisConnectionError("refused")])
def test_a_dependency_that_does_not_answer_is_a_503_with_a_time_to_come_back(error):
    response = problems.handle(error, {"request": RequestFactory().get("/api/v1/me")})

    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_every_code_says_what_to_do(client):
    for code, known in CODES.items():
        assert 400 <= known.status <= 503
        assert known.title
        assert known.advice.endswith((".", "`"))
        assert code == code.lower()


def test_the_type_of_a_problem_leads_to_an_explanation(client):
    for code, known in CODES.items():
        page = client.get(f"/docs/errors/{code}")
        assert page.status_code == 200
        assert known.advice in page.content.decode()
    assert client.get("/docs/errors/nonsense").status_code == 404


def test_models_tell_what_is_on_sale(api):
    models = {one["id"]: one for one in api.get("/models").json()["data"]}

    assert list(models) == ["hailuo-2.3", "hailuo-2.3-fast"]
    fast = models["hailuo-2.3-fast"]
    assert fast["modes"] == ["image-to-video"]
    assert {(size["resolution"], size["duration"]) for size in fast["sizes"]} == {
        ("768P", 6),
        ("768P", 10),
        ("1080P", 6),
    }
    assert "Pan left" in fast["camera_directives"]
    prices = {
        (route["mode"], route["resolution"], route["duration"]): route["price"]
        for route in models["hailuo-2.3"]["routes"]
    }
    assert prices["text-to-video", "768P", 6] == "0.28"
    assert prices["image-to-video", "1080P", 6] == "0.49"
    assert {route["provider"] for route in fast["routes"]} == {"runware"}


def test_what_models_tell_can_be_ordered_at_that_price(api):
    for model in api.get("/models").json()["data"]:
        for route in model["routes"]:
            if route["mode"] == "text-to-video":
                names = ("resolution", "duration", "provider")
                wish = {name: route[name] for name in names} | {"dry_run": True}
                shown = api.post("/generations", WORDS | {"model": model["id"]} | wish).json()
                assert shown["price"] == route["price"]


def test_too_many_large_bodies_at_once_are_asked_to_come_back(api):
    raw = b'{"model": "hailuo-2.3", "prompt": "red kite", "x": "%s"}' % (b"y" * (2 << 20))
    places = [LARGE_BODIES.acquire(blocking=False) for _ in range(4)]
    try:
        assert all(places)
        response = api.post("/generations", raw)
        problem(response, 503, "unavailable")
        assert response["Retry-After"] == "1"
        assert api.get("/me").status_code == 200
    finally:
        for _ in places:
            LARGE_BODIES.release()
    for _ in range(6):  # a place is given back, whatever the answer
        problem(API(text=api.key).post("/generations", raw), 422, "invalid_request")
