"""Result files: ranges, heads, kinds, and addresses that expire."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def address(house):
    return house.clip(house.submit("Waves [[stock]]"))["videoURL"]


@pytest.fixture
def content(house, address):
    return house.client.get(address).content


def test_a_file_says_what_it_is(house, address, content):
    answer = house.client.head(address)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"]
    assert answer.content == b""


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=5-99999999", 5, None),
    ],
)
def test_a_part_of_a_file_is_206(house, address, content, asked, start, end):
    answer = house.client.get(address, headers={"Range": asked})

    expected = content[start:end]
    first = start % len(content)
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["Content-Range"] == (
        f"bytes {first}-{first + len(expected) - 1}/{len(content)}"
    )


def test_a_part_beyond_the_end_is_416(house, address, content):
    answer = house.client.get(address, headers={"Range": f"bytes={len(content)}-"})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(content)}"


def test_a_known_file_is_304(house, address):
    tag = house.client.get(address).headers["ETag"]

    assert house.client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["none.mp4", "../sandbox.sqlite3", "%2e%2e%2fsandbox.sqlite3"])
def test_only_results_are_served(house, name):
    assert house.client.get(f"/files/{name}").status_code == 404


def test_the_name_must_have_the_right_ending(house, address):
    assert house.client.get(address.replace(".mp4", ".mov")).status_code == 404


def test_an_address_with_a_lifetime_is_signed_and_ends(house):
    address = house.clip(house.submit("Waves [[stock]]", ttl=60))["videoURL"]
    bare = address.split("?")[0]
    longer = address.replace("expires=", "expires=1")

    assert house.client.get(address).status_code == 200
    assert house.client.get(bare).status_code == 403
    assert house.client.get(longer).status_code == 403
    expires = int(dict(part.split("=") for part in address.split("?")[1].split("&"))["expires"])
    assert time.time() < expires <= time.time() + 61
