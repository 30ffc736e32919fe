"""What is wrong is refused by name, before any money or network is touched."""

from __future__ import annotations

import pytest

from billing import ledger
from generations.models import Generation, Upload
from tests.api.tools import WORDS, faults, problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_happens(wallet):
    """No money is touched and nothing is stored."""
    before = ledger.balance(wallet)
    yield
    assert ledger.balance(wallet) == before
    assert not Generation.objects.exists()
    assert not Upload.objects.exists()


WRONG_SPECS = {
    "an unknown model": ({"model": "sora"}, [("model", "invalid_choice")]),
    "1080P with 10 s": (
        {"resolution": "1080P", "duration": 10},
        [("duration", "impossible_combination")],
    ),
    "an unknown resolution": ({"resolution": "4K"}, [("resolution", "invalid_choice")]),
    "an unknown duration": ({"duration": 7}, [("duration", "invalid_choice")]),
    "Fast without an image": (
        {"model": "hailuo-2.3-fast"},
        [("first_frame_image", "required")],
    ),
    "2001 characters": ({"prompt": "x" * 2001}, [("prompt", "max_length")]),
    "one character": ({"prompt": "x"}, [("prompt", "required")]),
    "only spaces": ({"prompt": "      "}, [("prompt", "required")]),
    "a NUL in the prompt": ({"prompt": "red\0kite"}, [("prompt", "null_characters_not_allowed")]),
    "an unknown format": ({"output_format": "gif"}, [("output_format", "invalid_choice")]),
    "a quality out of range": ({"output_quality": 100}, [("output_quality", "out_of_range")]),
    "an unknown provider": ({"provider": "acme"}, [("provider", "invalid_choice")]),
    "an unknown policy": ({"policy": "best"}, [("policy", "invalid_choice")]),
    "no count": ({"count": 0}, [("count", "min_value")]),
    "too large a count": ({"count": 11}, [("count", "max_value")]),
    "two mistakes": (
        {"model": "sora", "duration": 7},
        [("model", "invalid_choice"), ("duration", "invalid_choice")],
    ),
}

WRONG_TYPES = {
    "a number as prompt": ({"prompt": 12}, "prompt"),
    "a list as prompt": ({"prompt": ["x"]}, "prompt"),
    "null as prompt": ({"prompt": None}, "prompt"),
    "text as duration": ({"duration": "6"}, "duration"),
    "a fraction as duration": ({"duration": 6.0}, "duration"),
    "true as duration": ({"duration": True}, "duration"),
    "true as count": ({"count": True}, "count"),
    "a huge count": ({"count": 10**300}, "count"),
    "text as a switch": ({"watermark": "true"}, "watermark"),
    "a number as a switch": ({"prompt_optimizer": 1}, "prompt_optimizer"),
    "a number as money": ({"max_price": 0.28}, "max_price"),
    "a negative amount": ({"max_price": "-1"}, "max_price"),
    "an exponent": ({"max_price": "1e2"}, "max_price"),
    "Arabic digits": ({"max_price": "٣"}, "max_price"),
    "an amount too large": ({"max_price": "9" * 300}, "max_price"),
    "an image object": (
        {"first_frame_image": {"url": "https://example.org/a.png"}},
        "first_frame_image",
    ),
    "an image that is none of the three": ({"first_frame_image": "kite.png"}, "first_frame_image"),
    "an empty image": ({"first_frame_image": ""}, "first_frame_image"),
    "a list as metadata": ({"metadata": []}, "metadata"),
    "nested metadata": ({"metadata": {"a": {"b": 1}}}, "metadata"),
    "too many pairs": ({"metadata": {str(n): n for n in range(17)}}, "metadata"),
    "too much metadata": ({"metadata": {"a": "ä" * 2100}}, "metadata"),
    "a NUL in metadata": ({"metadata": {"a": "b\0"}}, "metadata"),
    "a word as tags": ({"tags": "kite"}, "tags"),
    "too many tags": ({"tags": ["kite"] * 21}, "tags"),
    "an empty tag": ({"tags": ["kite", ""]}, "tags.1"),
    "a long tag": ({"tags": ["x" * 51]}, "tags.0"),
    "a number as tag": ({"tags": [1]}, "tags.0"),
    "a NUL in a tag": ({"tags": ["a\0"]}, "tags.0"),
}


@pytest.mark.parametrize(("body", "named"), WRONG_SPECS.values(), ids=WRONG_SPECS)
def test_what_does_not_exist_or_go_together_is_refused_by_name(api, body, named):
    for path in ("/generations", "/quotes"):
        if path == "/quotes" and named == [("prompt", "required")]:
            continue  # a quote needs none
        assert faults(problem(api.post(path, WORDS | body), 422, "invalid_request")) == named


@pytest.mark.parametrize(("body", "field"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_what_is_of_the_wrong_type_is_refused_by_name(api, body, field):
    refused = problem(api.post("/generations", WORDS | body), 422, "invalid_request")

    assert [error["field"] for error in refused["errors"]] == [field]
    assert refused["detail"].startswith(f"{field}: ")


def test_unknown_fields_are_refused_by_name(api):
    body = WORDS | {"seed": 42, "negative_prompt": "fog"}

    refused = problem(api.post("/generations", body), 422, "invalid_request")

    assert faults(refused) == [
        ("seed", "unknown"),
        ("negative_prompt", "unknown"),
    ]


def test_missing_and_unknown_fields_are_named_together(api):
    refused = problem(api.post("/generations", {"colour": "red"}), 422, "invalid_request")

    assert set(faults(refused)) == {
        ("colour", "unknown"),
        ("model", "required"),
        ("prompt", "required"),
    }


UNREADABLE = {
    "no JSON": b"model=hailuo-2.3",
    "half a JSON": b'{"model": "hailuo-2.3"',
    "an array": b"[1, 2]",
    "a string": b'"hailuo"',
    "null": b"null",
    "NaN": b'{"metadata": {"a": NaN}}',
    "Infinity": b'{"metadata": {"a": -Infinity}}',
    "a number without end": b'{"metadata": {"a": 1e999}}',
    "ten thousand digits": b'{"count": ' + b"9" * 10_000 + b"}",
    "the same name twice": b'{"model": "hailuo-2.3", "model": "hailuo-2.3-fast"}',
    "half a character": b'{"prompt": "\\ud83d"}',
    "half a character as name": b'{"\\ud83d": 1}',
    "Latin-1": '{"prompt": "schön"}'.encode("latin-1"),
    "UTF-16": '{"prompt": "x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"prompt": "x"}',
    "nests": b'{"metadata": ' * 30 + b"1" + b"}" * 30,
    "very deep nests": b"[" * 100_000,
    "a raw control character": b'{"prompt": "a\x01b"}',
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
def test_bodies_that_readers_could_take_differently_are_refused(api, raw):
    assert problem(api.post("/generations", raw), 400, "invalid_request")["detail"]


def test_what_nobody_sells_is_refused(api):
    wish = WORDS | {"output_format": "webm", "watermark": True}

    problem(api.post("/generations", wish), 422, "not_sold")


def test_bodies_above_the_cap_are_refused_after_authentication(api, stranger):
    image = "data:image/png;base64," + "A" * (29 << 20)
    raw = b'{"model":"hailuo-2.3","prompt":"red kite","first_frame_image":"%s"}' % image.encode()

    problem(stranger.post("/generations", raw), 401, "unauthorized")
    problem(api.post("/generations", raw), 413, "payload_too_large")
    problem(api.post("/quotes", raw), 413, "payload_too_large")
    problem(api.upload(bytes(21_000_001)), 413, "payload_too_large")
    id = "gen_" + "0" * 32
    problem(api.post(f"/generations/{id}/cancel", bytes(1 << 20) + b" "), 413, "payload_too_large")


def test_other_media_types_are_refused(api):
    response = api.client.post(
        "/api/v1/generations",
        "model=hailuo-2.3",
        "application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {api.key}"},
    )

    problem(response, 415, "unsupported_media_type")


def test_a_body_without_a_length_is_asked_for_one(api):
    response = api.client.post(
        "/api/v1/generations",
        headers={"Authorization": f"Bearer {api.key}", "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )

    problem(response, 411, "length_required")


def test_a_form_that_is_none_is_refused(api):
    response = api.client.post(
        "/api/v1/uploads",
        b"--x\r\nnot a part",
        "multipart/form-data; boundary=\xff",
        headers={"Authorization": f"Bearer {api.key}"},
    )

    problem(response, 400, "invalid_request")
