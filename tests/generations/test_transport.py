"""
What the transport says about every way in which an exchange can break.

The servers are real ones on the loopback: what aiohttp and httpx make of a connection that dies
in a given moment cannot be known from their documentation.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import time
from asyncio import StreamWriter
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from generations import transport
from generations.providers.base import REPEATABLE, Busy, Exchange, Refused, Unclear
from tests.generations.providers.loopback import (
    OK,
    Behaviour,
    Hearing,
    closes_after_reading,
    closes_at_once,
    dribbles,
    never_answers,
    never_stops,
    reply,
    resets_after_reading,
    resets_at_once,
    resets_in_the_answer,
    says,
    says_and_closes,
    serving,
    unused_port,
)

KEY = "a-key-that-nobody-may-see"


def order(url: str, **options: Any) -> Exchange[httpx.Response]:
    """A paid submission: its answer must not be lost."""
    options = {"json": [{"taskType": "videoInference"}], **options}
    answer = yield httpx.Request("POST", url, headers={"Authorization": f"Bearer {KEY}"}, **options)
    return answer


def question(url: str) -> Exchange[httpx.Response]:
    answer = yield httpx.Request("POST", url, json=[], extensions={REPEATABLE: True})
    return answer


async def drive(exchange: Exchange[Any], *, timeout: float = 2.0, connections: int = 10) -> Any:
    async with transport.new_client(connections=connections) as client:
        return await transport.drive(exchange, client=client, timeout=timeout)


def outcome(
    behave: Behaviour,
    exchange: Callable[[str], Exchange[Any]],
    *,
    timeout: float = 2.0,
    **options: Any,
) -> Any:
    """What driving one exchange against such a server ends with: a result or an error."""

    async def once() -> Any:
        async with serving(behave, **options) as server:
            try:
                return await drive(exchange(server.url), timeout=timeout)
            except Exception as error:
                return error

    return asyncio.run(once())


BROKEN_AFTER_CONNECTING: dict[str, Behaviour] = {
    "closes at once": closes_at_once,
    "closes after reading": closes_after_reading,
    "resets at once": resets_at_once,
    "resets after reading": resets_after_reading,
    "resets in the answer": resets_in_the_answer,
    "never answers": never_answers,
    "answers a byte at a time": dribbles,
    "cuts the body short": says_and_closes(reply()[:-3]),
    "cuts the head short": says_and_closes(reply()[:20]),
    "breaks off a chunk": says_and_closes(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc"
    ),
    "sends a wrong chunk": says_and_closes(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"
    ),
    "speaks no HTTP": says_and_closes(b"220 mail.example ESMTP\r\n"),
    "sends noise": says_and_closes(bytes(range(256)) * 8),
    "sends an endless header": says_and_closes(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000),
    "sends a wrong length": says_and_closes(b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n"),
    "packs wrongly": says_and_closes(reply(b"not gzip", content_encoding="gzip")),
}


@pytest.mark.parametrize("behave", BROKEN_AFTER_CONNECTING.values(), ids=BROKEN_AFTER_CONNECTING)
def test_an_order_whose_answer_is_lost_is_unclear(behave: Behaviour) -> None:
    error = outcome(behave, order, timeout=0.4)

    assert type(error) is Unclear
    assert error.code == "no_answer"


@pytest.mark.parametrize("behave", BROKEN_AFTER_CONNECTING.values(), ids=BROKEN_AFTER_CONNECTING)
def test_a_question_whose_answer_is_lost_may_be_asked_again(behave: Behaviour) -> None:
    error = outcome(behave, question, timeout=0.4)

    assert type(error) is Busy
    assert error.code == "no_answer"


def test_a_server_that_dribbles_is_cut_off_in_time() -> None:
    started = time.monotonic()

    error = outcome(dribbles, order, timeout=0.4)

    assert error.message == "TimeoutError"
    assert time.monotonic() - started < 2


def test_a_get_needs_no_mark_to_be_asked_again() -> None:
    def get(url: str) -> Exchange[httpx.Response]:
        return (yield httpx.Request("GET", url))

    assert type(outcome(closes_after_reading, get)) is Busy


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"http://127.0.0.1:{unused_port()}/v1", id="nobody listens"),
        "http://no such host/v1",
        "http://nowhere.invalid/v1",
        "ftp://127.0.0.1/v1",
        "http:///v1",
        "unix:/v1",
        "/v1",
    ],
)
@pytest.mark.parametrize("exchange", [order, question])
def test_what_cannot_be_reached_was_certainly_not_sent(
    url: str, exchange: Callable[[str], Exchange[Any]]
) -> None:
    with pytest.raises(Busy) as caught:
        asyncio.run(drive(exchange(url)))

    assert caught.value.code in ("not_reached", "adapter_error")


def test_a_server_without_tls_was_certainly_not_sent_anything() -> None:
    async def once() -> None:
        async with serving(says(reply())) as server:
            with pytest.raises(Busy) as caught:
                await drive(order(server.url.replace("http:", "https:")))
            assert caught.value.code == "not_reached"
            assert server.requests == []

    asyncio.run(once())


def test_a_certificate_nobody_vouches_for_was_certainly_not_sent_anything(tmp_path: Path) -> None:
    async def once() -> None:
        async with serving(says(reply()), ssl=own_certificate(tmp_path)) as server:
            with pytest.raises(Busy) as caught:
                await drive(order(server.url))
            assert caught.value.code == "not_reached"
            assert server.requests == []

    asyncio.run(once())


def own_certificate(folder: Path) -> ssl.SSLContext:
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_server_too_slow_to_greet_was_certainly_not_sent_anything() -> None:
    async def silent(heard: Hearing, writer: StreamWriter) -> None:
        await asyncio.sleep(60)

    async def once() -> None:
        async with serving(silent) as server:
            with pytest.raises(Busy) as caught:
                await drive(order(server.url.replace("http:", "https:")), timeout=0.4)
            assert caught.value.code == "not_reached"

    asyncio.run(once())


def test_an_order_that_waited_for_a_free_connection_was_certainly_not_sent() -> None:
    async def once() -> None:
        async with serving(never_answers) as server, transport.new_client(connections=1) as client:
            first = asyncio.create_task(
                transport.drive(order(server.url), client=client, timeout=1.0)
            )
            await asyncio.sleep(0.1)
            with pytest.raises(Busy) as caught:
                await transport.drive(order(server.url), client=client, timeout=0.6)
            assert caught.value.code == "not_reached"
            with pytest.raises(Unclear):
                await first
            assert len(server.requests) == 1

    asyncio.run(once())


def closes_on_the_second_request() -> Behaviour:
    async def behave(heard: Hearing, writer: StreamWriter) -> None:
        await heard.request()
        writer.write(reply())
        await writer.drain()
        await heard.request()

    return behave


def test_an_order_never_travels_on_a_connection_that_may_be_stale() -> None:
    async def once() -> None:
        async with (
            serving(closes_on_the_second_request()) as server,
            transport.new_client() as client,
        ):
            for exchange in (question, order, order):
                answer = await transport.drive(exchange(server.url), client=client, timeout=2)
                assert answer.status_code == 200
            assert server.connections == 3

            with pytest.raises(Busy):  # a question may meet one, and is simply asked again
                await transport.drive(question(server.url), client=client, timeout=2)
            answer = await transport.drive(question(server.url), client=client, timeout=2)
            assert answer.status_code == 200

    asyncio.run(once())


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    async def once() -> None:
        async with serving(says_and_closes(reply())) as server, transport.new_client() as client:
            for _ in range(5):
                await transport.drive(question(server.url), client=client, timeout=2)
                await asyncio.sleep(0.02)
            assert server.connections == 5

    asyncio.run(once())


def test_questions_share_a_connection() -> None:
    async def once() -> None:
        async with serving(says(reply())) as server, transport.new_client() as client:
            for _ in range(5):
                await transport.drive(question(server.url), client=client, timeout=2)
            assert server.connections == 1

    asyncio.run(once())


def test_many_exchanges_run_side_by_side() -> None:
    async def once() -> None:
        async with serving(says(reply())) as server, transport.new_client(connections=50) as client:
            drives = [
                transport.drive(exchange(server.url), client=client, timeout=10)
                for exchange in [order, question] * 50
            ]
            answers = await asyncio.gather(*drives)
            assert [answer.content for answer in answers] == [OK] * 100

    asyncio.run(once())


def test_the_request_arrives_as_the_adapter_wrote_it() -> None:
    async def once() -> None:
        async with serving(says(reply())) as server:
            await drive(order(server.url, json=[{"positivePrompt": "é"}]))
            head, body = server.requests[0].split(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            assert lines[0] == b"post /v1 http/1.1"
            assert b"authorization: bearer " + KEY.encode() in lines
            assert b"accept-encoding: identity" in lines
            assert b"content-type: application/json" in lines
            assert body == '[{"positivePrompt":"é"}]'.encode()

    asyncio.run(once())


def test_a_first_frame_of_megabytes_arrives_whole() -> None:
    frame = bytes(range(256)) * 80_000  # 20 MB

    async def once() -> None:
        async with serving(says(reply())) as server:
            await drive(order(server.url, json=None, content=frame), timeout=20)
            head, body = server.requests[0].split(b"\r\n\r\n", 1)
            assert b"transfer-encoding" not in head.lower()
            assert body == frame

    asyncio.run(once())


def test_an_upload_can_be_a_form() -> None:
    async def once() -> None:
        async with serving(says(reply())) as server:
            await drive(order(server.url, json=None, files={"file": ("a.png", b"bytes")}))
            assert b'filename="a.png"' in server.requests[0]

    asyncio.run(once())


def test_an_answer_before_the_whole_order_was_read_is_an_answer() -> None:
    async def refuses_early(heard: Hearing, writer: StreamWriter) -> None:
        await heard.head()
        writer.write(reply(b"{}", status="413 Too Large"))
        await writer.drain()
        await asyncio.sleep(60)

    def large(url: str) -> Exchange[httpx.Response]:
        return order(url, json=None, content=b"x" * 20_000_000)

    answer = outcome(refuses_early, large, timeout=1.0)
    assert answer.status_code == 413


def test_the_whole_answer_is_handed_to_the_adapter() -> None:
    answer = outcome(says(reply(b'{"a":1}', status="429 Slow", retry_after="7")), order)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {"a": 1}


def test_an_answer_packed_against_our_wish_is_read_all_the_same() -> None:
    packed = reply(gzip.compress(OK), content_encoding="gzip")

    assert outcome(says(packed), order).content == OK


@pytest.mark.parametrize(
    "behave",
    [
        says(reply(b"[" + b"1," * 5_000_000 + b"1]")),
        says(reply(gzip.compress(b"1" * 300_000_000, 1), content_encoding="gzip")),
        never_stops,
    ],
    ids=["large", "packed", "endless"],
)
def test_an_answer_too_large_to_be_one_is_handed_on_without_its_body(
    behave: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    answer = outcome(behave, order, timeout=10)

    assert (answer.status_code, answer.content) == (200, b"")
    assert "too large" in caplog.text


def test_a_redirect_is_not_followed() -> None:
    async def once() -> None:
        async with serving(says(reply(status="307 Go", location="/elsewhere"))) as server:
            answer = await drive(order(server.url))
            assert answer.status_code == 307
            assert len(server.requests) == 1

    asyncio.run(once())


def test_no_cookies_are_kept() -> None:
    async def once() -> None:
        told = says(reply(set_cookie="track=me; Path=/"))
        async with serving(told) as server, transport.new_client() as client:
            url = server.url.replace("127.0.0.1", "localhost")  # addresses get no cookies anyway
            for _ in range(2):
                await transport.drive(question(url), client=client, timeout=2)
            assert b"cookie" not in server.requests[1].lower()

    asyncio.run(once())


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")

    assert outcome(says(reply()), order).status_code == 200


@pytest.mark.parametrize("behave", [closes_after_reading, never_answers, resets_after_reading])
def test_an_error_carries_neither_our_key_nor_its_cause(behave: Behaviour) -> None:
    error = outcome(behave, order, timeout=0.3)

    seen: BaseException | None = error
    while seen:
        assert KEY not in repr(seen)
        assert KEY not in str(vars(seen))
        seen = seen.__cause__ or seen.__context__


def answering(*answers: httpx.Response | Exception) -> httpx.AsyncClient:
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.AsyncClient(transport=httpx.MockTransport(handle))


def mocked(exchange: Exchange[Any], *answers: httpx.Response | Exception) -> Any:
    client = answering(*answers)
    return asyncio.run(transport.drive(exchange, client=client, timeout=5))


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("full"),
        httpx.UnsupportedProtocol("what"),
        httpx.InvalidURL("where"),
    ],
)
def test_httpx_knows_that_nothing_was_sent(error: Exception) -> None:
    with pytest.raises(Busy) as caught:
        mocked(order("http://provider.test"), error)
    assert caught.value.code == "not_reached"


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("gone"),
        httpx.WriteError("gone"),
        httpx.CloseError("gone"),
        httpx.RemoteProtocolError("odd"),
        httpx.DecodingError("odd"),
        OSError("gone"),
        RuntimeError("a fault of the library"),
    ],
)
def test_everything_else_may_have_been_sent(error: Exception) -> None:
    with pytest.raises(Unclear):
        mocked(order("http://provider.test"), error)
    with pytest.raises(Busy):
        mocked(question("http://provider.test"), error)


@pytest.mark.parametrize(
    "cause",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "reset"),
        aiohttp.ClientConnectionResetError("Cannot write to closing transport"),
        aiohttp.ClientConnectionError("Connection closed"),
        aiohttp.SocketTimeoutError("slow"),
        aiohttp.ClientPayloadError("short"),
    ],
)
def test_what_httpx_calls_a_connect_timeout_may_be_a_lost_answer(cause: Exception) -> None:
    error = httpx.ConnectTimeout("says httpx-aiohttp")
    error.__cause__ = cause

    with pytest.raises(Unclear) as caught:
        mocked(order("http://provider.test"), error)
    assert caught.value.message == type(cause).__name__


def test_what_the_adapter_says_passes_unchanged() -> None:
    def refusing(url: str) -> Exchange[None]:
        yield httpx.Request("POST", url)
        raise Refused("No.", code="content_policy")

    with pytest.raises(Refused) as caught:
        mocked(refusing("http://provider.test"), httpx.Response(400))
    assert (caught.value.code, caught.value.message) == ("content_policy", "No.")


def test_an_adapter_that_stumbles_over_an_answer_leaves_the_order_unclear(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumbling(url: str) -> Exchange[str]:
        answer = yield from order(url)
        return str(answer.json()["no such thing"])

    with pytest.raises(Unclear) as caught:
        mocked(stumbling("http://provider.test"), httpx.Response(200, json={}))
    assert caught.value.code == "adapter_error"
    assert "KeyError" in caplog.text


def test_what_an_adapter_could_not_read_is_kept_for_staff_without_our_key() -> None:
    def puzzled(url: str) -> Exchange[None]:
        yield from order(url)
        raise Unclear("This is no answer.")

    page = f"<h1>Bad gateway</h1>{KEY}\0" + "x" * 5000
    with pytest.raises(Unclear) as caught:
        mocked(puzzled("http://provider.test"), httpx.Response(502, text=page))

    assert caught.value.raw["status"] == 502
    assert caught.value.raw["text"].startswith("<h1>Bad gateway</h1>***\ufffdxxx")
    assert len(caught.value.raw["text"]) < 2100


def test_an_adapter_that_stumbles_over_a_question_may_ask_again() -> None:
    def stumbling(url: str) -> Exchange[str]:
        answer = yield from question(url)
        return str(answer.json()["no such thing"])

    with pytest.raises(Busy):
        mocked(stumbling("http://provider.test"), httpx.Response(200, content=b"<html>"))


def test_an_adapter_that_stumbles_before_asking_has_sent_nothing() -> None:
    def stumbling() -> Exchange[str]:
        yield httpx.Request("POST", "http://provider.test:not-a-port")
        return ""

    with pytest.raises(Busy):
        mocked(stumbling())


def test_a_broken_question_after_an_order_does_not_make_the_order_certain() -> None:
    def both(url: str) -> Exchange[httpx.Response]:
        yield from order(url)
        return (yield from question(url))

    for error in (httpx.ConnectError("refused"), httpx.ReadError("gone")):
        with pytest.raises(Unclear):
            mocked(both("http://provider.test"), httpx.Response(200), error)


def test_a_broken_upload_before_the_order_was_not_the_order() -> None:
    def both(url: str) -> Exchange[httpx.Response]:
        yield from question(url)
        return (yield from order(url))

    with pytest.raises(Busy):
        mocked(both("http://provider.test"), httpx.ReadError("gone"))
    with pytest.raises(Unclear):
        mocked(both("http://provider.test"), httpx.Response(200), httpx.ReadError("gone"))


def test_a_canceled_drive_ends_its_adapter() -> None:
    ended = []

    def watched(url: str) -> Generator[httpx.Request, httpx.Response, None]:
        try:
            yield from order(url)
        finally:
            ended.append(True)

    async def once() -> None:
        async with serving(never_answers) as server:
            task = asyncio.create_task(drive(watched(server.url), timeout=30))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(once())
    assert ended == [True]


def test_one_exchange_can_be_driven_without_a_loop() -> None:
    def nothing() -> Exchange[str]:
        yield from ()
        return "done"

    assert transport.run(nothing(), timeout=1) == "done"
    with pytest.raises(Busy):
        transport.run(question(f"http://127.0.0.1:{unused_port()}"), timeout=1)


def test_a_lost_answer_is_not_logged_as_a_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    outcome(closes_after_reading, order)

    assert caplog.text == ""
