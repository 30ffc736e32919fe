"""One file comes home whole, or the reason is said and nothing stays behind."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from accounts.outbound import errors
from accounts.outbound.addresses import Guard
from generations.media.fetch import fetch
from tests.generations.media.servers import canary, file, redirect, says, serving

BODY = bytes(range(256)) * 4096  # 1 MiB
OK = "HTTP/1.1 200 OK"


def bring(url, *servers, into=None, **options):
    """`fetch` with what the tests have in common: only these servers may be reached."""
    options = {"max_bytes": 4 << 20, "timeout_total": 5} | options
    guard = Guard(frozenset(server.pair for server in servers))
    return fetch(url, into=io.BytesIO() if into is None else into, guard=guard, **options)


def bring_from(behave, **options):
    with serving(behave) as server:
        return bring(server.url(), server, **options)


# What arrives


def test_a_file_arrives_with_its_hash_and_what_they_said_of_it():
    into = io.BytesIO()

    with serving(file(BODY, content_type="Video/MP4; charset=binary")) as server:
        fetched = bring(server.url("/clip.mp4?sig=1"), server, into=into)

    assert into.getvalue() == BODY
    assert fetched.bytes == fetched.content_length == len(BODY)
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    assert fetched.content_type == "video/mp4"
    assert fetched.final_url.endswith("/clip.mp4?sig=1")
    assert "sig=1" not in repr(fetched)


def test_the_request_asks_for_plain_bytes_and_carries_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    with serving(file(b"clip")) as server:
        bring(server.url(), server)

    names = {
        line.partition(":")[0].lower() for line in server.requests[0].split("\r\n")[1:] if line
    }
    assert "Accept-Encoding: identity\r\n" in server.requests[0]
    assert names == {"host", "accept", "accept-encoding", "connection", "user-agent"}


@pytest.mark.parametrize("size", [0, 1, 65_536, 1 << 20])
def test_a_file_of_any_size_up_to_the_limit_arrives(size, tmp_path):
    path = tmp_path / "clip"

    fetched = bring_from(file(BODY[:size]), into=path, max_bytes=1 << 20)

    assert fetched.bytes == size
    assert path.read_bytes() == BODY[:size]


def test_a_chunked_answer_without_a_length_arrives():
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (b"abc", b"d" * 5000)) + b"0\r\n\r\n"

    fetched = bring_from(says(OK, "Transfer-Encoding: chunked", body=chunks))

    assert (fetched.bytes, fetched.content_length) == (5003, None)


def test_an_answer_that_ends_with_its_connection_arrives():
    assert bring_from(says("HTTP/1.0 200 OK", body=b"clip")).bytes == 4


def test_a_length_that_is_too_short_takes_no_byte_more():
    """HTTP has no way to see this lie; the box walk does (test_probe)."""
    into = io.BytesIO()

    bring_from(says(OK, "Content-Length: 5", body=b"clip and more"), into=into)

    assert into.getvalue() == b"clip "


# What is refused


@pytest.mark.parametrize(
    "behave",
    [
        says(OK, "Content-Length: 10", body=b"short"),
        says(OK, "Content-Length: 5, 6", body=b"hello"),
        says(OK, "Content-Length: 5", "Content-Length: 6", body=b"hello"),
        says(OK, "Content-Length: -1", body=b"hello"),
        says(OK, "Content-Length: five", body=b"hello"),
        says(OK, "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
        says(OK, "Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n0\r\n\r\n"),
        says(OK, "Transfer-Encoding: chunked", "Content-Length: 9", body=b"1\r\nx\r\n0\r\n\r\n"),
        says(OK, "Transfer-Encoding: gzip", body=b"hello"),
        says(OK, "Content-Encoding: gzip", "Content-Length: 5", body=b"hello"),
        says(OK, "Content-Encoding: br", body=b"hello"),
        says("HTTP/1.1 206 Partial", "Content-Range: bytes 0-4/9", "Content-Length: 5", body=b"x"),
        says("HTTP/1.1 204 No Content"),
        says("HTTP/1.1 304 Not Modified"),
        says("HTTP/1.1 300 Choices", "Content-Length: 0"),
        says("HTTP/1.1 302 Found", "Content-Length: 0"),
        says("HTTP/1.1 999999 Odd"),
        says("SSH-2.0-OpenSSH_9.9"),
        says(OK, "X: " + "y" * 200_000),
        says(OK, "Bad header line"),
    ],
)
def test_an_answer_that_is_not_the_whole_plain_file_is_broken(behave, tmp_path):
    path = tmp_path / "clip"

    with pytest.raises(errors.Broken) as caught:
        bring_from(behave, into=path)

    assert caught.value.code == "broken"
    assert not path.exists()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 416, 451])
def test_a_link_that_is_no_good_is_gone(status):
    with pytest.raises(errors.Gone, match=str(status)):
        bring_from(says(f"HTTP/1.1 {status} No", "Content-Length: 2", body=b"no"))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_unreachable(status):
    with pytest.raises(errors.Unreachable, match=str(status)):
        bring_from(says(f"HTTP/1.1 {status} Later", "Content-Length: 0"))


def test_a_refused_connection_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pair = listener.getsockname()

    with pytest.raises(errors.Unreachable):
        fetch(
            f"http://127.0.0.1:{pair[1]}/",
            into=io.BytesIO(),
            guard=Guard(frozenset({pair})),
            max_bytes=1,
            timeout_total=5,
        )


@pytest.mark.parametrize("answer", [[], OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_means_nothing_is_unreachable(answer):
    def resolve(host, port):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(errors.Unreachable, match=r"cdn\.example\.com"):
        bring("http://cdn.example.com/", resolve=resolve)


def test_a_connection_closed_without_a_word_is_unreachable():
    with pytest.raises(errors.Unreachable):
        bring_from(lambda connection, head: None)


def test_an_announced_giant_is_refused_before_a_byte_of_it_is_read():
    into = io.BytesIO()

    with pytest.raises(errors.TooLarge):
        bring_from(says(OK, "Content-Length: 99999999", body=BODY), into=into)

    assert into.getvalue() == b""


@pytest.mark.parametrize("head", [[OK], [OK, "Transfer-Encoding: chunked"]])
def test_an_endless_body_is_cut_at_the_limit(head, tmp_path):
    path = tmp_path / "clip"
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n" if len(head) > 1 else bytes(65536)

    def pour(connection, request):
        says(*head)(connection, request)
        while True:
            connection.sendall(chunk)

    with pytest.raises(errors.TooLarge) as caught:
        bring_from(pour, into=path, max_bytes=1 << 20)

    assert caught.value.code == "too_large"
    assert not path.exists()


def _drip(connection, request, *, first=b""):
    connection.sendall(first)
    for _ in range(200):
        connection.sendall(b"H")
        time.sleep(0.02)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_slow_drip_ends_at_the_deadline(first, tmp_path):
    path = tmp_path / "clip"
    started = time.monotonic()

    with (
        serving(lambda c, r: _drip(c, r, first=first)) as server,
        pytest.raises(errors.Unreachable, match="too long"),
    ):
        bring(server.url(), server, into=path, timeout_total=0.4)
    took = time.monotonic() - started

    assert took < 2
    assert not path.exists()


def test_endless_preliminary_answers_end_at_the_deadline():
    def continues(connection, request):
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.01)

    with pytest.raises(errors.Unreachable, match="too long"):
        bring_from(continues, timeout_total=0.3)


def test_a_slow_name_ends_at_the_deadline():
    def resolve(host, port):
        time.sleep(1)
        return []

    started = time.monotonic()
    with pytest.raises(errors.Unreachable):
        bring("http://cdn.example.com/", resolve=resolve, timeout_total=0.2)

    assert time.monotonic() - started < 0.8


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_our_own_trouble():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(errors.NoRoom) as caught:
        bring_from(file(BODY), into=full)

    assert caught.value.code == "no_room"


def test_a_place_where_no_file_can_be_made_is_our_own_trouble(tmp_path):
    with pytest.raises(errors.NoRoom):
        bring_from(file(BODY), into=tmp_path / "missing" / "clip")


@pytest.mark.parametrize("status", [200, 404, 503, 206, 302])
def test_no_message_holds_a_query_string(status):
    with (
        serving(says(f"HTTP/1.1 {status} X", "Content-Length: 99999999")) as server,
        pytest.raises(errors.FetchError) as caught,
    ):
        bring(server.url("/clip.mp4?token=secret"), server)

    assert "/clip.mp4?…" in str(caught.value)
    assert "secret" not in str(caught.value)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/other?a=b", "other?a=b", "//127.0.0.1:{port}/other?a=b"])
def test_a_redirect_is_followed_when_asked_for(status, location):
    def behave(connection, head):
        place = location.replace("{port}", str(server.port))
        answer = file(b"clip") if "/other" in head else redirect(f"{place}#there", status)
        answer(connection, head)

    with serving(behave) as server:
        fetched = bring(server.url(), server, redirects=3)

        with pytest.raises(errors.Broken):
            bring(server.url(), server, redirects=0)

    assert fetched.bytes == 4
    assert fetched.final_url == server.url("/other?a=b")


def test_a_redirect_loop_ends_after_as_many_as_were_allowed():
    with serving(redirect("/clip.mp4")) as server, pytest.raises(errors.Broken):
        bring(server.url(), server, redirects=3)

    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://user@127.0.0.1:{port}/",
        "http://127.0.0.1\\@example.com:{port}/",
        "http://inside.example.com:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_",
        "http://[",
        "http://\xff\xfe/",
    ],
)
def test_a_redirect_to_inside_is_refused(status, location):
    with canary() as inside:
        place = location.replace("{port}", str(inside.port))
        with (
            serving(redirect(place, status)) as server,
            pytest.raises(errors.ForbiddenAddress),
        ):
            bring(server.url(), server, redirects=3, resolve=lambda host, port: ["127.0.0.1"])

        assert server.connections == 1
        assert inside.connections == 0


# Names that mean several things


def test_a_name_is_asked_once_and_what_it_meant_is_what_is_reached():
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with serving(file(b"clip")) as server:
        fetch(
            f"http://cdn.example.com:{server.port}/",
            into=io.BytesIO(),
            guard=Guard(frozenset({server.pair})),
            max_bytes=10,
            timeout_total=5,
            resolve=lambda host, port: next(answers),
        )

    assert server.connections == 1
    assert next(answers) == ["127.0.0.2"]


def test_a_name_that_changes_its_mind_between_two_hops_is_judged_again():
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with (
        serving(redirect("/again")) as server,
        pytest.raises(errors.ForbiddenAddress, match=r"cdn\.example\.com"),
    ):
        bring(
            f"http://cdn.example.com:{server.port}/",
            server,
            redirects=3,
            resolve=lambda host, port: next(answers),
        )


PUBLIC = ("93.184.216.34", "2606:4700:4700::1111")
INSIDE = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%lo")


@pytest.mark.parametrize(
    "addresses",
    [order for pair in itertools.product(PUBLIC, INSIDE) for order in (pair, pair[::-1])],
)
def test_one_inside_address_among_public_ones_condemns_the_name(addresses):
    with canary() as inside, pytest.raises(errors.ForbiddenAddress):
        bring(f"http://cdn.example.com:{inside.port}/", resolve=lambda host, port: addresses)

    assert inside.connections == 0


def test_a_second_address_is_tried_when_the_first_is_silent():
    with serving(file(b"clip")) as server:
        guard = Guard(frozenset({("cdn.example.com", server.port)}))

        fetched = fetch(
            f"http://cdn.example.com:{server.port}/",
            into=io.BytesIO(),
            guard=guard,
            max_bytes=10,
            timeout_total=5,
            resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"],
        )

    assert fetched.bytes == 4


# Cost

MEASURE = """
import io, json, resource, sys
from accounts.outbound.addresses import Guard
from generations.media.fetch import fetch

class Sink(io.RawIOBase):
    def writable(self): return True
    def write(self, data): return len(data)

def bring(path):
    guard = Guard(frozenset({("127.0.0.1", int(sys.argv[1]))}))
    url = f"http://127.0.0.1:{sys.argv[1]}{path}"
    return fetch(url, into=Sink(), guard=guard, max_bytes=512 << 20, timeout_total=60).bytes

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

bring("/small")
before = peak()
size = bring("/large")
print(json.dumps([size, peak() - before]))
"""


def test_two_hundred_megabytes_cost_a_few_of_memory():
    def pour(connection, head):
        size = (200 << 20) if "/large" in head else 10
        says(OK, f"Content-Length: {size}")(connection, head)
        for _ in range(size >> 20):
            connection.sendall(BODY)
        connection.sendall(BODY[: size % (1 << 20)])

    with serving(pour) as server:
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, str(server.port)],
            check=True,
            capture_output=True,
            timeout=60,
        )

    size, grown = json.loads(measured.stdout)
    assert size == 200 << 20
    assert grown <= 16
