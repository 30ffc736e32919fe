"""What every knob of the table does at Cloudflare, by prompt word and over the control endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import httpx
import pytest

from generations.sandbox.knobs import TABLE, Knob
from tests.generations.sandbox.house import eventually
from tests.generations.sandbox.house_cloudflare import (
    Body,
    Cloudflare,
    an_order,
    inner,
    refusal,
)

pytestmark = pytest.mark.slow

Check = Callable[["Turn"], None]
CHECKS: dict[str, Check] = {}

TAG = "order-1"


@dataclass
class Turn:
    """One knob, to be turned by a prompt word or by the control endpoint."""

    at: Cloudflare
    knob: Knob
    by_prompt: bool

    def prompt(self, value: Any = None, also: str = "stock") -> str:
        """A prompt for which the knob is turned."""
        if not self.by_prompt:
            self.at.set(times=1, **{self.knob.name: True if value is None else value})
            return f"Waves [[{also}]]"
        word = self.knob.name if value is None else f"{self.knob.name}={value}"
        return f"Waves [[{word}, {also}]]"

    def order(self, value: Any = None, also: str = "stock", **changes: Any) -> Body:
        return an_order(self.prompt(value, also), **changes)

    def run(self, value: Any = None, also: str = "stock", **headers: str) -> httpx.Response:
        """A call with the knob turned."""
        return self.at.run(self.order(value, also), TAG, **headers)

    def file(self, value: Any = None) -> str:
        """Where the clip of a call with the knob turned lies."""
        return str(inner(self.run(value))["result"]["video"])

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.at.house.client.get(address, **more)

    def row(self) -> Body:
        """The one row of this call in the logs."""
        (row,) = self.at.tagged(TAG)
        return row


def check(name: str) -> Callable[[Check], Check]:
    def remember(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return remember


#: Both doors for its own knobs, one for those that several companies play; our money has no prompt.
TURNS = [
    pytest.param(knob, door, id=f"{knob.name}-{door}")
    for knob in TABLE
    for door in ("prompt", "control")
    if "cloudflare" in knob.providers
    and (door == "prompt" or len(knob.providers) == 1)
    and (knob.where, door) != ("account", "prompt")
]


@pytest.mark.parametrize(("knob", "door"), TURNS)
def test_the_knob_does_what_its_row_says(house, knob, door):
    CHECKS[knob.name](Turn(Cloudflare(house), knob, by_prompt=door == "prompt"))


def test_a_knob_of_another_company_is_unknown(house):
    answer = house.control("POST", "knobs", provider="cloudflare", knobs={"webhook-never": True})

    assert answer.status_code == 400


# Before anything is accepted


def _refused_then_taken(turn: Turn, order: Body, expected: tuple[int, int]) -> httpx.Response:
    answer = turn.at.run(order)
    assert refusal(answer) == expected
    assert turn.at.jobs() == []
    assert inner(turn.at.run(order))["state"] == "Completed"
    return answer


@check("429")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(), (429, 3040))
    assert "Retry-After" not in answer.headers


@check("429-retry-after")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(7), (429, 3040))
    assert answer.headers["Retry-After"] == "7"


@check("cut-before-accept")
def _(turn: Turn) -> None:
    order = turn.order()
    with pytest.raises(httpx.TransportError):
        turn.at.run(order)
    assert turn.at.jobs() == []
    assert inner(turn.at.run(order))["state"] == "Completed"


@check("error-before")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), (500, 1101))
    answer = turn.run(522)
    assert (answer.status_code, answer.text[:9]) == (522, "<!DOCTYPE")


@check("insufficient-credits")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(), (402, 2021))
    assert "balance" in answer.json()["errors"][0]["message"]


@check("invalid-key")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), (401, 10000))


@check("model-unavailable")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), (400, 5007))


@check("moderation-submit")
def _(turn: Turn) -> None:
    found = inner(turn.run())
    assert (found["state"], found["error"]["code"]) == ("Failed", "1026")
    assert inner(turn.run("content_policy"))["error"]["code"] == "content_policy"
    assert turn.at.jobs() == []


@check("spend-limit")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(), (429, 2045))
    assert "Spend limit" in answer.json()["errors"][0]["message"]
    assert refusal(turn.run(3036)) == (429, 3036)


@check("strict-schema")
def _(turn: Turn) -> None:
    for name in ("prompt_optimizer", "fast_pretreatment", "duration", "resolution"):
        assert refusal(turn.at.run(turn.order(**{name: None}))) == (400, 3003)
    assert inner(turn.run())["state"] == "Completed"


# After accepting: the client is answered while the render goes on


def _is_logged(turn: Turn) -> None:
    assert turn.row()["status_code"] == 200
    job = turn.at.last()
    assert turn.at.log(turn.row()["id"], "/response").json()["result"]["task_id"] == job["uuid"]
    assert (len(turn.at.jobs()), job["billed"]) == (1, 280_000)


SLOWLY = "stock, slow=0.4"


@check("cut-after-accept")
def _(turn: Turn) -> None:
    with pytest.raises(httpx.TransportError):
        turn.run(also=SLOWLY)
    assert turn.at.tagged(TAG) == []
    turn.at.last()
    _is_logged(turn)


@check("empty-body")
def _(turn: Turn) -> None:
    answer = turn.run(also=SLOWLY)
    assert (answer.status_code, answer.content) == (200, b"")
    turn.at.last()
    _is_logged(turn)


@check("error-after")
def _(turn: Turn) -> None:
    answer = turn.run(524, also=SLOWLY)
    assert (answer.status_code, answer.text[:9]) == (524, "<!DOCTYPE")
    assert turn.at.tagged(TAG) == []
    turn.at.last()
    _is_logged(turn)
    assert refusal(turn.run(408)) == (408, 3007)


@check("html-body")
def _(turn: Turn) -> None:
    answer = turn.run(also=SLOWLY)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    turn.at.last()
    _is_logged(turn)


@check("submit-latency")
def _(turn: Turn) -> None:
    began = time.monotonic()
    inner(turn.run(0.6))
    assert time.monotonic() - began >= 0.6


# Rendering


@check("fail")
def _(turn: Turn) -> None:
    found = inner(turn.run())
    assert found == {
        "state": "Failed",
        "error": {"code": "provider_unavailable", "message": "The provider is unavailable."},
        "model": "minimax/hailuo-2.3",
    }
    assert turn.at.last()["billed"] == 0
    assert inner(turn.run("1000"))["error"]["code"] == "1000"


@check("fail-billed")
def _(turn: Turn) -> None:
    assert inner(turn.run(also="fail"))["state"] == "Failed"
    assert turn.at.last()["billed"] == 280_000
    assert turn.row()["cost"] == 0.28


@check("gateway-cache")
def _(turn: Turn) -> None:
    order = turn.order()
    if not turn.by_prompt:
        turn.at.set(gateway_cache=True)
    answers = [
        turn.at.run(order, TAG),
        turn.at.run(order, "order-2"),
        turn.at.run(order, TAG, cf_aig_skip_cache="true"),
    ]
    assert [each.headers["cf-aig-cache-status"] for each in answers] == ["MISS", "HIT", "MISS"]
    tasks = [inner(each)["result"]["task_id"] for each in answers]
    assert (tasks[0] == tasks[1], len(set(tasks))) == (True, 2)
    assert turn.at.counter("billed_micro") == 560_000
    assert [(row["cached"], row["cost"]) for row in turn.at.tagged(TAG)] == [(False, 0.28)] * 2
    assert [(row["cached"], row["cost"]) for row in turn.at.tagged("order-2")] == [(True, 0)]
    other = an_order("Another [[gateway-cache, stock]]")
    assert turn.at.run(other).headers["cf-aig-cache-status"] == "MISS"


@check("gateway-retry")
def _(turn: Turn) -> None:
    answer = turn.run(3)
    jobs = turn.at.jobs()
    assert [job["billed"] for job in jobs] == [280_000] * 3
    assert inner(answer)["result"]["task_id"] == jobs[-1]["uuid"]
    rows = turn.at.tagged(TAG)
    assert sorted((row["step"], row["success"], row["status_code"]) for row in rows) == [
        (0, False, 504),
        (1, False, 504),
        (2, True, 200),
    ]
    inner(turn.run(cf_aig_max_attempts="1"))
    assert len(turn.at.jobs()) == 4


@check("moderation-render")
def _(turn: Turn) -> None:
    assert inner(turn.run())["error"]["code"] == "1027"
    assert turn.at.last()["billed"] == 0


@check("never")
def _(turn: Turn) -> None:
    call = turn.at.begin(turn.order(), TAG)
    eventually(lambda: turn.at.jobs())
    time.sleep(0.3)
    assert not call.done()
    assert turn.at.tagged(TAG) == []
    turn.at.house.stop()
    with pytest.raises(httpx.TransportError):
        call.result()
    turn.at.house.start()


@check("slow")
def _(turn: Turn) -> None:
    began = time.monotonic()
    inner(turn.run(0.7))
    assert time.monotonic() - began >= 0.7


@check("stock")
def _(turn: Turn) -> None:
    inner(turn.at.run(an_order("Waves [[stock]]")))
    before = turn.at.house.counters()["clips.rendered"]
    inner(turn.run(also="slow=0"))
    assert turn.at.house.counters()["clips.rendered"] == before


# How answers are written


@check("bare")
def _(turn: Turn) -> None:
    body = turn.run().json()
    assert list(body) == ["gatewayMetadata", "result", "state"]
    assert list(body["result"]) == ["status", "task_id", "video"]
    assert turn.run(also="fail").json()["state"] == "Failed"


@check("cost-zero")
def _(turn: Turn) -> None:
    turn.run()
    assert (turn.row()["cost"], turn.at.last()["billed"]) == (0, 280_000)


@check("gateway-error")
def _(turn: Turn) -> None:
    answer = turn.run(also="insufficient-credits")
    body = answer.json()
    assert answer.status_code == body["httpCode"] == 402
    assert body["error"][0]["code"] == body["internalCode"] == 2021
    assert (body["success"], body["name"], "errors" in body) == (False, "AiGatewayError", False)


@check("log-lag")
def _(turn: Turn) -> None:
    turn.run(0.6)
    assert turn.at.tagged(TAG) == []
    eventually(lambda: turn.at.tagged(TAG), within=2)


@check("log-never")
def _(turn: Turn) -> None:
    inner(turn.run())
    time.sleep(0.2)
    assert turn.at.tagged(TAG) == []
    assert turn.at.last()["billed"] == 280_000


@check("log-no-payload")
def _(turn: Turn) -> None:
    turn.run()
    number = turn.row()["id"]
    answers = [turn.at.log(number, side) for side in ("/request", "/response")]
    assert [refusal(answer) for answer in answers] == [(404, 7002)] * 2


@check("metadata-object")
def _(turn: Turn) -> None:
    turn.run()
    assert turn.row()["metadata"] == {"job": TAG}


@check("missing-status")
def _(turn: Turn) -> None:
    assert inner(turn.run())["result"].keys() == {"task_id", "video"}


@check("missing-video")
def _(turn: Turn) -> None:
    assert inner(turn.run())["result"].keys() == {"task_id", "status"}


@check("status-fail")
def _(turn: Turn) -> None:
    found = inner(turn.run(also="fail"))
    assert (found["state"], found["result"]["status"]) == ("Completed", "Fail")
    assert "video" not in found["result"]


@check("unfinished")
def _(turn: Turn) -> None:
    found = inner(turn.run(also=SLOWLY))
    assert (found["state"], found["result"]["status"]) == ("Completed", "Processing")
    assert "video" not in found["result"]
    (row,) = turn.at.tagged(TAG)
    assert (row["success"], row["cost"]) == (True, None)
    assert turn.at.log(row["id"], "/response").json() == found
    assert turn.at.last()["billed"] == 280_000
    assert turn.row() == row
    other = inner(turn.run("Running"))
    assert (other["state"], other["result"]["status"]) == ("Running", "Processing")


@check("video-depth")
def _(turn: Turn) -> None:
    assert turn.run(1).json().keys() == {"status", "task_id", "video"}
    assert inner(turn.run(2)).keys() == {"status", "task_id", "video"}
    assert "video" in inner(turn.run(3))["result"]


# Looking into the logs


def _found_again(turn: Turn) -> None:
    assert turn.row()["success"] is True


@check("poll-cut")
def _(turn: Turn) -> None:
    turn.run()
    with pytest.raises(httpx.TransportError):
        turn.at.tagged(TAG)
    _found_again(turn)


@check("poll-empty")
def _(turn: Turn) -> None:
    turn.run()
    assert turn.at.logs().content == b""
    _found_again(turn)


@check("poll-error")
def _(turn: Turn) -> None:
    turn.run(403)
    assert turn.at.logs().status_code == 403
    _found_again(turn)


@check("poll-html")
def _(turn: Turn) -> None:
    turn.run()
    assert turn.at.logs().text[:9] == "<!DOCTYPE"
    _found_again(turn)


@check("poll-latency")
def _(turn: Turn) -> None:
    turn.run(0.5)
    began = time.monotonic()
    _found_again(turn)
    assert time.monotonic() - began >= 0.5


# Result files


@check("result-duration")
def _(turn: Turn) -> None:
    path = turn.at.house.state / "short.mp4"
    path.write_bytes(turn.get(turn.file(1)).content)
    with av.open(str(path)) as clip:
        assert clip.duration == 1_000_000


@check("result-expired")
def _(turn: Turn) -> None:
    assert turn.get(turn.file()).text == "This address has expired."


@check("result-expires")
def _(turn: Turn) -> None:
    address = turn.file(1)
    assert turn.get(address).status_code == 200
    time.sleep(2.1)
    assert turn.get(address).status_code == 403


@check("result-length")
def _(turn: Turn) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        turn.get(turn.file("long"))


@check("result-not-video")
def _(turn: Turn) -> None:
    assert turn.get(turn.file("html")).content.startswith(b"<!DOCTYPE")


@check("result-private")
def _(turn: Turn) -> None:
    assert turn.file().startswith("http://169.254.169.254/files/")


@check("result-redirect")
def _(turn: Turn) -> None:
    answer = turn.get(turn.file(2), follow_redirects=True)
    assert [hop.status_code for hop in answer.history] == [302, 302]


@check("result-slow")
def _(turn: Turn) -> None:
    address, began = turn.file(20_000), time.monotonic()
    with turn.at.house.client.stream("GET", address) as answer:
        assert sum(len(chunk) for chunk, _ in zip(answer.iter_raw(), range(4), strict=False)) > 0
    assert time.monotonic() - began > 0.4


@check("result-status")
def _(turn: Turn) -> None:
    assert turn.get(turn.file(410)).status_code == 410


@check("result-truncated")
def _(turn: Turn) -> None:
    whole = turn.get(inner(turn.at.run(an_order()))["result"]["video"]).content
    assert turn.get(turn.file(20)).content == whole[: len(whole) * 20 // 100]


# Our account with them


@check("balance-dollars")
def _(turn: Turn) -> None:
    turn.at.set(times=1, balance_dollars=True)
    assert inner(turn.at.credit())["balance"] == 1000
    assert inner(turn.at.credit())["balance"] == 100_000
