"""Which bytes a browser gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.media.ranges import Range, Unsatisfiable, if_range_matches, parse_range

SIZES = st.integers(1, 10**12)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=10-", 10, 100),
        ("bytes=0-", 0, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-1000", 0, 100),
        ("bytes=99-1000", 99, 100),
        ("bytes=00-000000000000000000000000000009", 0, 10),
        ("bytes=0-" + "9" * 5000, 0, 100),
        ("bytes=-" + "9" * 5000, 0, 100),
        ("Bytes=0-9", 0, 10),
        ("bytes= 0-9 ", 0, 10),
    ],
)
def test_one_range_is_served(header, start, stop):
    found = parse_range(header, 100)

    assert found == Range(start, stop, 100)
    assert found.content_range == f"bytes {start}-{stop - 1}/100"
    assert found.length == stop - start


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=0-1,5-6",
        "bytes=0-1,",
        "bytes=+0-9",
        "bytes=0--9",
        "bytes=0x0-9",
        "bytes=٠-٩",
        "bytes=0-9;q=1",
        "bytes 0-9",
        "seconds=0-9",
        "bytes=0-9\n",
    ],
)
def test_anything_else_gets_the_whole_file(header):
    assert parse_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999-"])
def test_a_range_outside_the_file_cannot_be_satisfied(header):
    with pytest.raises(Unsatisfiable) as caught:
        parse_range(header, 100)

    assert caught.value.content_range == "bytes */100"


def test_an_empty_file_has_no_ranges():
    assert parse_range("bytes=-5", 0) is None
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=0-", 0)


@given(SIZES, st.integers(0, 10**13), st.integers(0, 10**13))
def test_a_range_lies_in_the_file_and_begins_where_it_was_asked_to(size, first, last):
    try:
        found = parse_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert size <= first <= last
        return
    if found is None:
        assert last < first
    else:
        assert found == Range(first, min(last + 1, size), size)
        assert 0 <= found.start < found.stop <= size


@given(SIZES, st.integers(1, 10**13))
def test_the_last_bytes_end_with_the_file(size, count):
    found = parse_range(f"bytes=-{count}", size)

    assert found is not None
    assert (found.stop, found.length) == (size, min(count, size))


@given(st.text(max_size=40), st.integers(0, 100))
def test_no_header_is_too_odd(header, size):
    for text in (header, f"bytes={header}"):
        try:
            found = parse_range(text, size)
        except Unsatisfiable:
            continue
        assert found is None or 0 <= found.start < found.stop <= size


ETAG = '"9f86d081884c7d65"'
CHANGED = datetime(2026, 11, 21, 8, 30, 5, 700_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (None, True),
        ("", True),
        (ETAG, True),
        ('"another"', False),
        (f"W/{ETAG}", False),
        (ETAG.strip('"'), False),
        ("Sat, 21 Nov 2026 08:30:05 GMT", True),
        ("Sat, 21 Nov 2026 08:30:06 GMT", False),
        ("Fri, 20 Nov 2026 08:30:05 GMT", False),
        ("yesterday", False),
        ("*", False),
    ],
)
def test_a_range_is_continued_only_in_the_same_file(header, matches):
    assert if_range_matches(header, etag=ETAG, modified_at=CHANGED) is matches
    elsewhere = CHANGED.astimezone(timezone(timedelta(hours=5)))
    assert if_range_matches(header, etag=ETAG, modified_at=elsewhere) is matches


def test_a_weak_tag_of_ours_and_an_unknown_date_match_nothing():
    assert not if_range_matches('W/"x"', etag='W/"x"')
    assert not if_range_matches("Sat, 21 Nov 2026 08:30:05 GMT", etag=ETAG)


@given(st.text(max_size=40))
def test_no_validator_is_too_odd(header):
    assert if_range_matches(header, etag=ETAG, modified_at=CHANGED) in (True, False)
