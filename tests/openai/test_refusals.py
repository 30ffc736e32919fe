"""Whatever is refused is refused in OpenAI's envelope, with the status its clients expect."""

from __future__ import annotations

import json

import pytest

from accounts.api.base import LARGE_BODIES
from accounts.models import Role
from billing import ledger, spending
from config.middleware import unavailable
from config.views import broken
from generations.models import Generation, ProviderStatus, Upload
from tests.api.tools import a_picture
from tests.factories import a_member
from tests.openai.tools import WORDS, OpenAI, refused

pytestmark = pytest.mark.django_db

WRONG = {
    "no prompt": ({"prompt": ""}, "missing_required_parameter", "prompt"),
    "a long prompt": ({"prompt": "x" * 2001}, "max_length", "prompt"),
    "a model of theirs": ({"model": "sora-2"}, "invalid_value", "model"),
    "another name of ours": ({"model": "minimax/hailuo-2.3"}, "invalid_value", "model"),
    "four seconds": ({"seconds": "4"}, "invalid_value", "seconds"),
    "eight seconds": ({"seconds": "8"}, "invalid_value", "seconds"),
    "a fraction": ({"seconds": "6.0"}, "invalid_value", "seconds"),
    "a portrait from words": ({"size": "720x1280"}, "invalid_value", "size"),
    "their larger size": ({"size": "1792x1024"}, "invalid_value", "size"),
    "no size": ({"size": ""}, "invalid_value", "size"),
    "ten seconds in 1080P": (
        {"size": "1920x1080", "seconds": "10"},
        "impossible_combination",
        "seconds",
    ),
    "Fast from words": (
        {"model": "hailuo-2.3-fast"},
        "missing_required_parameter",
        "input_reference",
    ),
    "a file that is no picture": (
        {"input_reference": b"GIF89a"},
        "image_not_supported",
        "input_reference",
    ),
    "an empty file": ({"input_reference": b""}, "image_not_supported", "input_reference"),
    "a small picture": (
        {"input_reference": a_picture(300, 300)},
        "image_too_small",
        "input_reference",
    ),
    "an address inside": (
        {"input_reference[image_url]": "https://127.0.0.1/a.png"},
        "image_url_not_allowed",
        "input_reference",
    ),
    "two pictures": (
        {"input_reference[image_url]": "https://a.example/a.png", "input_reference[file_id]": "x"},
        "invalid_value",
        "input_reference",
    ),
    "another reference": ({"input_reference[url]": "x"}, "invalid_value", "input_reference"),
    "two first frames": (
        {"input_reference": a_picture(), "first_frame_image": "https://a.example/a.png"},
        "repeated",
        "input_reference",
    ),
    "no switch": ({"watermark": "yes"}, "invalid_value", "watermark"),
    "a count": ({"count": "2"}, "unknown_parameter", "count"),
    "our name of seconds": ({"duration": "6"}, "unknown_parameter", "duration"),
    "our name of size": ({"resolution": "768P"}, "unknown_parameter", "resolution"),
    "something unknown": ({"seed": "42"}, "unknown_parameter", "seed"),
    "deep names": ({"provider[order][]": "x"}, "unknown_parameter", "provider[order]"),
    "one name twice": ({"seconds": ["6", "10"]}, "repeated", "seconds"),
    "a name both ways": ({"tags": "a", "tags[]": ["b"]}, "repeated", "tags"),
    "a long tag": ({"tags[]": ["a", "x" * 51]}, "max_length", "tags.1"),
    "an unknown provider": ({"provider": "acme"}, "invalid_value", "provider"),
}


@pytest.fixture
def nothing_happens(wallet):
    """No money is touched and nothing is stored."""
    before = ledger.balance(wallet)
    yield
    assert ledger.balance(wallet) == before
    assert not Generation.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("body", "code", "param"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_expressed_is_refused_by_name(openai, nothing_happens, body, code, param):
    refused(openai.create(WORDS | body), 400, code, param)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": 12}, "prompt"),
        ({"seconds": 6.0}, "seconds"),
        ({"seconds": True}, "seconds"),
        ({"seconds": [6]}, "seconds"),
        ({"size": 768}, "size"),
        ({"model": ["hailuo-2.3"]}, "model"),
        ({"input_reference": {}}, "input_reference"),
        ({"input_reference": {"image_url": 1}}, "input_reference"),
        ({"input_reference": {"image_url": None}}, "input_reference"),
        ({"input_reference": ["https://a.example/a.png"]}, "input_reference"),
        ({"input_reference": "kite.png"}, "input_reference"),
        ({"prompt_optimizer": "false"}, "prompt_optimizer"),
    ],
)
def test_json_of_the_wrong_type_is_refused_by_name(openai, nothing_happens, body, param):
    refused(openai.json(WORDS | body), 400, "invalid_value", param)


@pytest.mark.parametrize("name", ["seconds", "size", "model", "provider", "max_price", "quote"])
def test_a_field_of_a_form_that_says_nothing_is_refused_by_name(openai, nothing_happens, name):
    response = openai.create(WORDS | {name: ""})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == name


def test_several_mistakes_are_named_together(openai):
    error = refused(
        openai.create(WORDS | {"seconds": "8", "size": "7x7"}), 400, "invalid_value", "seconds"
    )

    assert "seconds: " in error["message"]
    assert "size: " in error["message"]


def test_an_upload_of_others_is_not_found(openai, others, nothing_happens):
    reference = {"input_reference": {"file_id": "upl_" + "0" * 32}}

    refused(openai.json(WORDS | reference), 404, "not_found", "input_reference")


def test_bodies_that_cannot_be_read_are_refused(openai, nothing_happens):
    for raw in (b"{", b"[1]", b'{"prompt": "a", "prompt": "b"}', b'{"prompt": NaN}', b"\xff"):
        refused(openai.post("/videos", raw), 400, "invalid_request")
    broken = openai.client.post(
        "/v1/videos",
        b"--x\r\nnot a part",
        "multipart/form-data; boundary=\xff",
        headers={"Authorization": f"Bearer {openai.key}"},
    )
    refused(broken, 400, "invalid_request")
    other = openai.client.post(
        "/v1/videos",
        "prompt=kite",
        "application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {openai.key}"},
    )
    refused(other, 415, "unsupported_media_type")


def test_bodies_above_the_cap_are_refused_after_authentication(openai, stranger, nothing_happens):
    large = WORDS | {"input_reference": bytes(29 << 20)}

    refused(stranger.create(large), 401, "unauthorized")
    refused(openai.create(large), 413, "payload_too_large")
    refused(openai.remix("gen_" + "0" * 32, "x" * (1 << 20)), 413, "payload_too_large")


def test_a_body_without_a_length_is_asked_for_one(openai):
    response = openai.client.post(
        "/v1/videos",
        headers={"Authorization": f"Bearer {openai.key}", "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )

    refused(response, 411, "length_required")


def test_who_has_no_key_or_a_wrong_one_is_told_so(stranger):
    for nobody in (stranger, OpenAI(text="sk-nobody"), OpenAI(text="rly_live_mistyped")):
        for answer in (nobody.create(WORDS), nobody.get("/videos"), nobody.get("/models")):
            error = refused(answer, 401, "unauthorized")
            assert error["type"] == "authentication_error"
            assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_whose_maker_may_only_look_orders_nothing(openai, alice):
    viewer = OpenAI(a_member(alice.workspace, Role.BILLING))
    id = openai.video()["id"]

    error = refused(viewer.create(WORDS), 403, "insufficient_scope")
    assert error["type"] == "permission_error"
    refused(viewer.remix(id), 403, "insufficient_scope")
    refused(viewer.delete(f"/videos/{id}"), 403, "insufficient_scope")
    assert viewer.get(f"/videos/{id}").status_code == 200


def test_who_has_not_enough_money_is_told_how_much_it_takes(openai, wallet):
    ledger.adjust(wallet=wallet, amount=-9_900_000, key="spent", description="", actor="test")

    error = refused(openai.create(WORDS), 402, "insufficient_funds")

    assert (error["type"], error["needed"], error["available"]) == (
        "insufficient_quota",
        "0.28",
        "0.10",
    )


def test_a_spend_limit_says_what_is_left_of_it(openai, alice):
    spending.set_limit(alice.workspace, subject="workspace", window="day", amount=100_000)

    error = refused(openai.create(WORDS), 403, "spend_limit_reached")

    assert error["remaining"] == "0.10"
    assert error["resets_at"]


def test_what_costs_too_much_or_has_no_maker_is_refused(openai):
    refused(openai.create(WORDS | {"max_price": "0.10"}), 409, "price_above_max", "max_price")
    strange = {"output_format": "webm", "watermark": "true"}
    refused(openai.create(WORDS | strange), 400, "not_sold")


def test_a_paused_provider_says_when_to_come_back_and_is_not_asked_again_at_once(openai):
    ProviderStatus.objects.update_or_create(name="runware", defaults={"draining": True})

    response = openai.create(WORDS | {"provider": "runware"})

    refused(response, 409, "provider_paused", "provider")
    assert response["Retry-After"] == "300"


def test_what_passes_may_be_asked_again(openai):
    held = [LARGE_BODIES.acquire(blocking=False) for _ in range(4)]
    try:
        response = openai.create(WORDS | {"input_reference": bytes(2 << 20)})
    finally:
        for _ in held:
            LARGE_BODIES.release()

    error = refused(response, 503, "unavailable", retry=True)
    assert error["type"] == "server_error"
    assert response["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [(unavailable, 503, "unavailable"), (broken, 500, "internal_error")],
)
def test_what_breaks_outside_of_any_view_is_told_in_the_same_envelope(rf, answer, status, code):
    response = answer(rf.get("/v1/videos"))

    error = json.loads(response.content)["error"]
    assert (response.status_code, error["code"], error["type"]) == (status, code, "server_error")
    assert "x-should-retry" not in response


@pytest.mark.parametrize("path", ["/", "/x", "/videos/", "/videos/a/b", "/chat/completions"])
def test_there_is_nothing_at_other_addresses(openai, stranger, path):
    for answer in (openai.get(path), stranger.post(path, {}), openai.delete(path)):
        refused(answer, 404, "not_found")


def test_what_is_not_offered_is_not_found(openai):
    for path in ("/videos/edits", "/videos/extensions", "/videos/characters"):
        refused(openai.post(path, {}), 404, "not_found")


def test_other_methods_are_refused(openai):
    for answer in (openai.delete("/videos"), openai.post("/models", {})):
        refused(answer, 405, "method_not_allowed")
        assert "GET" in answer["Allow"]
    refused(openai.get("/videos/x/remix"), 405, "method_not_allowed")


def test_a_language_other_than_json_is_not_spoken(openai):
    refused(openai.get("/videos", Accept="text/html"), 406, "not_acceptable")
