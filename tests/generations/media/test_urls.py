"""What may be written, and that nothing written ever leads inside."""

from __future__ import annotations

import io
import socket
import time

import pytest

from accounts.outbound.addresses import Guard, parse_allow
from accounts.outbound.errors import FetchError, ForbiddenAddress
from accounts.outbound.names import system_resolver
from accounts.outbound.urls import parse
from generations.media.fetch import check_url, fetch
from generations.media.wire import Deadline, Wire
from tests.generations.media import spellings
from tests.generations.media.servers import canary, file, serving

HOUSE = spellings.inside_urls()

ALLOWED = (
    "http://example.com",
    "http://example.com/",
    "https://example.com/clip.mp4",
    "HTTPS://EXAMPLE.COM/Clip.MP4",
    "https://example.com:443/clip.mp4",
    "https://example.com:8443/clip.mp4",
    "https://example.com:/clip.mp4",
    "https://example.com./clip.mp4",
    "https://cdn-1.example.co.uk/a/b/c.mp4",
    "https://under_score.s3.amazonaws.com/clip.mp4",
    "https://example.com/clip.mp4?X-Amz-Signature=ab%2Fc&X-Amz-Expires=300",
    "https://example.com/?u=http://127.0.0.1/",
    "https://example.com/@127.0.0.1/clip.mp4",
    "https://example.com/http://localhost/",
    "https://example.com/ümlaut.mp4",
    "https://bücher.example/clip.mp4",
    "https://xn--bcher-kva.example/clip.mp4",
    "https://例え.テスト/clip.mp4",
    "https://127.0.0.1.example.com/clip.mp4",
    "https://localhost.example.com/clip.mp4",
    "https://internal.example.com/clip.mp4",
    "https://3.example.com/clip.mp4",
    "https://8.8.8.8/clip.mp4",
    "https://[2606:4700:4700::1111]/clip.mp4",
    "https://[64:ff9b::8.8.8.8]:8443/clip.mp4",
)


def stub_resolver(host, port):
    """Numbers as this machine reads them, names as the table says, nothing over the network."""
    if host in spellings.RESOLVES_INSIDE:
        return spellings.RESOLVES_INSIDE[host]
    return system_resolver(host, port) if host[-1:].isdigit() else ["127.0.0.1"]


@pytest.fixture(scope="module")
def trap():
    with canary() as server:
        yield server
        time.sleep(0.05)
        assert server.connections == 0


def test_the_house_of_spellings_is_large():
    assert len(HOUSE) == len(set(HOUSE)) >= 300


@pytest.mark.parametrize("url", HOUSE)
def test_no_spelling_of_an_inside_address_is_ever_connected_to(url, trap):
    with pytest.raises(ForbiddenAddress):
        fetch(
            url.replace("{port}", str(trap.port)),
            into=io.BytesIO(),
            guard=Guard(),
            max_bytes=1000,
            timeout_total=5,
            redirects=3,
            resolve=stub_resolver,
        )


@pytest.mark.parametrize("host", [*spellings.v4_spellings(), "１２７.0.0.1", "127。0。0。1"])
def test_the_socket_refuses_what_the_text_might_have_let_through(host, trap):
    wire = Wire(guard=Guard(), deadline=Deadline(5))

    with pytest.raises(ForbiddenAddress):
        wire.connect_tcp(host, trap.port)


def test_the_canary_would_have_noticed():
    with canary() as server:
        socket.create_connection(server.pair).close()
        time.sleep(0.05)

        assert server.connections == 1


def test_the_request_refuses_every_spelling_that_its_text_gives_away():
    taken = {url for url in HOUSE if not refused(url)}

    assert taken == {f"http://{name}:{{port}}/clip.mp4" for name in spellings.RESOLVES_INSIDE}


def refused(url: str) -> FetchError | None:
    try:
        check_url(url.replace("{port}", "8080"), Guard())
    except FetchError as error:
        return error
    return None


@pytest.mark.parametrize("url", ALLOWED)
def test_ordinary_addresses_may_be_written(url):
    check_url(url, Guard())


@pytest.mark.parametrize(
    ("url", "host_header", "path"),
    [
        ("http://cdn.example.com:{port}", "cdn.example.com:{port}", "/"),
        ("http://CDN.Example.com.:{port}/a", "cdn.example.com:{port}", "/a"),
        ("http://bücher.example:{port}/ü.mp4", "xn--bcher-kva.example:{port}", "/%C3%BC.mp4"),
        ("http://under_score.example.com:{port}/a/../b", None, "/a/../b"),
        ("http://cdn.example.com:{port}?a=%2F&b=~|'[]", None, "/?a=%2F&b=~|'[]"),
        ("http://127.0.0.1:{port}/", "127.0.0.1:{port}", "/"),
    ],
)
def test_a_permitted_name_is_reached_and_keeps_its_own_name_and_path(url, host_header, path):
    with serving(file(b"clip")) as server:
        place = url.replace("{port}", str(server.port))

        fetched = fetch(
            place,
            into=io.BytesIO(),
            guard=Guard(frozenset({server.pair})),
            max_bytes=1000,
            timeout_total=5,
            resolve=stub_resolver,
        )

    request = server.requests[0]
    assert fetched.bytes == 4
    assert request.startswith(f"GET {path} HTTP/1.1\r\n")
    if host_header:
        assert f"Host: {host_header.replace('{port}', str(server.port))}\r\n" in request


def test_only_the_schemes_and_ports_asked_for_are_taken():
    check_url("https://example.com/a.png", Guard(), schemes={"https"}, ports={443})

    for url in ("http://example.com/a.png", "https://example.com:444/a.png"):
        with pytest.raises(ForbiddenAddress):
            check_url(url, Guard(), schemes={"https"}, ports={443})
    with pytest.raises(ForbiddenAddress):
        check_url("ftp://example.com/a.png", Guard(), schemes={"ftp"})


@pytest.mark.parametrize("port", [21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 873, 2049])
def test_an_image_cannot_come_from_the_port_of_another_service(port):
    with pytest.raises(ForbiddenAddress, match=str(port)):
        check_url(f"https://example.com:{port}/a.png", Guard(), ports={80, 443})


def test_the_operators_pair_may_be_written_whatever_it_is_called():
    guard = Guard(parse_allow("minio:9000,localhost:8010"))

    check_url("http://minio:9000/clip.mp4", guard)
    check_url("http://localhost:8010/clip.mp4", guard)
    with pytest.raises(ForbiddenAddress):
        check_url("http://localhost:8011/clip.mp4", guard)


def test_a_target_hides_its_query_when_it_is_written_out():
    target = parse("https://example.com/clip.mp4?signature=secret", Guard())

    assert str(target) == "https://example.com/clip.mp4?…"
    assert target.url == "https://example.com/clip.mp4?signature=secret"


def test_a_refusal_has_its_code_and_tells_no_secret():
    refusals = [refused(f"{url}?signature=hunter2") for url in HOUSE]

    assert {error.code for error in refusals if error} == {"forbidden_address"}
    assert not any("hunter2" in str(error) for error in refusals)
