"""The readers that all adapters share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.providers import http
from generations.providers.base import Busy, Misconfigured, Refused, Unclear

SECRET = "k-0123456789"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"cost": 0.1}', {"cost": Decimal("0.1")}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'{"a": 1e400, "b": 1e-400}', {"a": None, "b": None}),
        (b'{"a": 1e99999999999999999999, "b": 0.' + b"1" * 100 + b"}", {"a": None, "b": None}),
        (b'{"a": ' + b"9" * 5_000 + b"}", {"a": None}),
        (b'{"a": "x\\u0000y\\ud800z"}', {"a": "x\ufffdy\ufffdz"}),
        (b'{"a\\u0000": "\\ud83c\\udfac"}', {"a\ufffd": "🎬"}),
        (b"[1, 2", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_json_is_read_without_floats(content: bytes, value: object) -> None:
    assert http.read(content) == value


def test_what_lies_too_deep_is_dropped() -> None:
    deep = http.read(b"[" * 500 + b"]" * 500)

    assert json.dumps(deep).count("[") == http.DEEPEST
    assert http.read(b"[" * 100_000) is None


@given(
    st.binary()
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_reading_never_fails(content: bytes) -> None:
    json.dumps(http.kept(http.read(content), secret=SECRET))


def test_what_is_kept_is_plain_and_without_our_key() -> None:
    kept = http.kept(
        {"cost": Decimal("0.49"), "told": f"Bearer {SECRET}!", SECRET: [f"{SECRET}{SECRET}"]},
        secret=SECRET,
    )

    assert kept == {"cost": "0.49", "told": "Bearer ***!", "***": ["******"]}


def test_what_is_kept_is_bounded() -> None:
    image = "data:image/png;base64," + "A" * 1_000
    assert http.kept({"image": image}, secret=SECRET) == {"image": "data:… (1022 characters)"}
    assert len(http.kept({"words": "w" * 5_000}, secret=SECRET)["words"]) < 120
    assert len(json.dumps(http.kept({"many": ["word"] * 50_000}, secret=SECRET))) < 100
    assert http.kept([1], secret=SECRET) == {"answer": [1]}


def test_a_key_is_masked_before_words_are_cut() -> None:
    words = "x" * (http.LONGEST_MESSAGE - 5) + SECRET

    assert SECRET[:5] not in http.words(words, secret=SECRET)


def test_a_word_that_is_no_secret_is_left_alone() -> None:
    assert http.words("the sandbox is full", secret="sandbox") == "the sandbox is full"


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (Decimal("0.1234567"), Decimal("0.123457")),
        (5, Decimal(5)),
        (-5, Decimal(-5)),
        (10**30, None),
        (True, None),
        ("1", None),
        (None, None),
    ],
)
def test_dollars_are_exact_to_the_micro_dollar(value: Any, amount: Decimal | None) -> None:
    assert http.dollars(value) == amount


@pytest.mark.parametrize(
    ("status", "body", "when_paid", "when_not"),
    [
        (200, b"", Unclear, Busy),
        (302, b"", Unclear, Busy),
        (400, b"", Refused, Refused),
        (401, b"", Misconfigured, Misconfigured),
        (402, b"", Misconfigured, Misconfigured),
        (403, b"", Misconfigured, Misconfigured),
        (404, b"", Refused, Refused),
        (408, b'{"error":"timeout"}', Unclear, Busy),
        (429, b"", Busy, Busy),
        (500, b'{"error":"oops"}', Unclear, Busy),
        (503, b'{"error":"full"}', Busy, Busy),
        (503, b"<html>", Unclear, Busy),
        (503, b"{}", Unclear, Busy),
        (503, b'["full"]', Unclear, Busy),
        (504, b'{"error":"slow"}', Unclear, Busy),
    ],
)
def test_a_status_says_what_to_do_next(
    status: int, body: bytes, when_paid: type[Exception], when_not: type[Exception]
) -> None:
    response = httpx.Response(status, content=body)

    assert type(http.classify(response, paid=True)) is when_paid
    assert type(http.classify(response, paid=False)) is when_not
    assert str(http.classify(response, paid=True)) == f"HTTP {status}"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("vid_01J9", "vid_01J9"),
        (" task:a.b-c_D ", "task:a.b-c_D"),
        ("x" * 128, "x" * 128),
        ("x" * 129, ""),
        (".", ""),
        ("..", ""),
        ("a/b", ""),
        ("a%2Fb", ""),
        ("é", ""),
        ("a\nb", ""),
        ("", ""),
        (5, ""),
        (None, ""),
    ],
)
def test_only_what_may_stand_in_an_address_names_a_job(value: Any, name: str) -> None:
    assert http.job_name(value) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (9007199254740993, "9007199254740993"),
        ("9007199254740993", "9007199254740993"),
        (0, "0"),
        (2**63, ""),
        (True, ""),
        (Decimal("1E+15"), ""),
        ("a/b", ""),
        (None, ""),
    ],
)
def test_a_number_names_a_thing_exactly(value: Any, name: str) -> None:
    assert http.numbered(value) == name


@given(st.text())
def test_any_address_can_be_asked_when_it_stops_working(text: str) -> None:
    address = f"https://files.example/clip.mp4?{text}"

    if http.link(address):
        assert isinstance(http.expiry(address), datetime | None)


def test_a_signed_address_says_when_it_stops_working() -> None:
    signed = "https://files.example/clip.mp4?a=1&Expires=1795342400&Signature=x"

    assert http.expiry(signed) == datetime(2026, 11, 22, 10, 13, 20, tzinfo=UTC)
    assert http.expiry("https://files.example/clip.mp4") is None
    assert http.expiry("") is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1768466914, datetime(2026, 1, 15, 8, 48, 34, tzinfo=UTC)),
        (Decimal("1768466914.5"), datetime(2026, 1, 15, 8, 48, 34, tzinfo=UTC)),
        ("2026-03-31T10:00:15.000Z", datetime(2026, 3, 31, 10, 0, 15, tzinfo=UTC)),
        ("2026-03-31T10:00:15+02:00", datetime(2026, 3, 31, 8, 0, 15, tzinfo=UTC)),
        ("2026-03-31T10:00:15", datetime(2026, 3, 31, 10, 0, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("1768466914", None),
        ("soon", None),
        (1768466914000, None),
        (10**30, None),
        (-(10**30), None),
        (True, None),
        (None, None),
    ],
)
def test_a_moment_is_read_in_utc(value: Any, moment: datetime | None) -> None:
    assert http.moment(value) == moment


@given(st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False))
def test_any_moment_can_be_compared_with_ours(value: Any) -> None:
    moment = http.moment(value)

    assert moment is None or (moment < datetime.now(UTC)) in (True, False)


@pytest.mark.parametrize(
    ("message", "is_about_policy"),
    [
        ("Content violates the content policy", True),
        ("content_policy_violation", True),
        ("against our POLICIES", True),
        ("input new_sensitive", True),
        ("status_code: 1026", True),
        ("(1027)", True),
        ("Blocked by moderation", True),
        ("生成失败: 内容违反了内容政策", True),
        ("task 10260 failed", False),
        ("task 41027", False),
        ("The model stopped.", False),
        ("", False),
    ],
)
def test_a_refusal_in_free_text_is_recognised(message: str, is_about_policy: bool) -> None:
    assert http.speaks_of_policy(message) is is_about_policy


def test_a_question_that_is_refused_says_nothing_of_any_job() -> None:
    kinds = {
        status: type(http.unanswered(httpx.Response(status)))
        for status in (200, 400, 401, 402, 403, 404, 422, 429, 500)
    }

    assert kinds == dict.fromkeys(kinds, Busy) | dict.fromkeys((401, 402, 403), Misconfigured)


@given(st.text(st.characters(codec="latin-1")))
def test_any_pause_asked_for_is_between_nothing_and_an_hour(value: str) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", value.encode("latin-1"))])

    seconds = http.retry_after(response)

    assert seconds is None or 0 <= seconds <= 3600


def test_an_http_date_without_a_clock_beside_it_is_measured_by_ours() -> None:
    past = httpx.Response(429, headers={"retry-after": "Sat, 21 Nov 2020 10:00:00 GMT"})
    far = httpx.Response(429, headers={"retry-after": "Sat, 21 Nov 2099 10:00:00 GMT"})

    assert (http.retry_after(past), http.retry_after(far)) == (0, 3600)
