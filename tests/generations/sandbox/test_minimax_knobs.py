"""What every knob of the table does at MiniMax, by prompt word and over the control endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import httpx
import pytest

from generations.sandbox.knobs import TABLE, Knob
from tests.generations.sandbox.house_minimax import Body, Endpoint, MiniMax, an_order, code, listen

pytestmark = pytest.mark.slow

Check = Callable[["Turn"], None]
CHECKS: dict[str, Check] = {}


@dataclass
class Turn:
    """One knob, to be turned by a prompt word or by the control endpoint."""

    at: MiniMax
    endpoint: Endpoint
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
        return an_order(prompt=self.prompt(value, also), **changes)

    def submit(self, value: Any = None, also: str = "stock", **changes: Any) -> str:
        """An order with the knob turned, accepted."""
        return self.at.submit(self.prompt(value, also), **changes)

    def file(self, value: Any = None) -> str:
        """Where the clip of an order with the knob turned lies."""
        return str(self.at.file(self.submit(value))["download_url"])

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.at.house.client.get(address, **more)


def check(name: str) -> Callable[[Check], Check]:
    def remember(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return remember


@pytest.fixture
def endpoint():
    found, server = listen()
    yield found
    server.shutdown()
    server.server_close()


#: Both doors for its own knobs, one for those that several companies play.
TURNS = [
    pytest.param(knob, door, id=f"{knob.name}-{door}")
    for knob in TABLE
    for door in ("prompt", "control")
    if "minimax" in knob.providers and (door == "prompt" or len(knob.providers) == 1)
]


@pytest.mark.parametrize(("knob", "door"), TURNS)
def test_the_knob_does_what_its_row_says(house, endpoint, knob, door):
    CHECKS[knob.name](Turn(MiniMax(house), endpoint, knob, by_prompt=door == "prompt"))


def test_a_knob_of_another_company_is_unknown(house):
    answer = house.control("POST", "knobs", provider="minimax", knobs={"data-empty": True})

    assert answer.status_code == 400


# Before anything is accepted


def _refused_then_taken(turn: Turn, order: Body, told: int, status: int = 200) -> httpx.Response:
    answer = turn.at.post(order)
    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (status, told)
    assert answer.json()["task_id"] == ""
    assert turn.at.counter("accepted") == 0
    assert code(turn.at.post(order)) == 0
    return answer


@check("429")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(), 1002, 429)
    assert "Retry-After" not in answer.headers


@check("429-retry-after")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(7), 1002, 429)
    assert answer.headers["Retry-After"] == "7"


@check("cut-before-accept")
def _(turn: Turn) -> None:
    order = turn.order()
    with pytest.raises(httpx.TransportError):
        turn.at.post(order)
    assert turn.at.counter("accepted") == 0
    assert code(turn.at.post(order)) == 0


@check("error-before")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 1000, 500)
    answer = turn.at.post(turn.order(504))
    assert (answer.status_code, answer.text[:9]) == (504, "<!DOCTYPE")


@check("insufficient-credits")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 1008)


@check("invalid-key")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 1004, 401)


@check("model-unavailable")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 2061)


@check("moderation-submit")
def _(turn: Turn) -> None:
    assert code(turn.at.post(turn.order())) == 1026
    assert code(turn.at.post(turn.order(1027))) == 1027
    assert turn.at.counter("accepted") == 0


@check("submit-code")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(1033), 1033)
    assert answer.json()["base_resp"]["status_msg"] == "system error, please retry later"


@check("http-errors")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order(duration=7))
    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (400, 2013)
    money = turn.at.post(turn.order(also="submit-code=1008, stock"))
    assert (money.status_code, money.json()["base_resp"]["status_code"]) == (402, 1008)


# After accepting


def _is_accepted(turn: Turn) -> None:
    job = turn.at.last()
    assert turn.at.ended(job["uuid"])["status"] == "Success"
    assert turn.at.counter("accepted") == 1


@check("cut-after-accept")
def _(turn: Turn) -> None:
    with pytest.raises(httpx.TransportError):
        turn.at.post(turn.order())
    _is_accepted(turn)


@check("empty-body")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    assert (answer.status_code, answer.content) == (200, b"")
    _is_accepted(turn)


@check("error-after")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order(503))
    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (503, 1033)
    _is_accepted(turn)


@check("html-body")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _is_accepted(turn)


@check("submit-latency")
def _(turn: Turn) -> None:
    began = time.monotonic()
    turn.submit(0.6)
    assert time.monotonic() - began >= 0.6


# Rendering


@check("fail")
def _(turn: Turn) -> None:
    plain = turn.at.ended(turn.submit())
    assert (plain["status"], plain["base_resp"]["status_code"]) == ("Fail", 0)
    task = turn.submit(1026)
    told = turn.at.ended(task)
    assert (told["status"], told["base_resp"]["status_code"]) == ("Fail", 1026)
    assert turn.at.house.job(task)["billed"] == 0


@check("fail-billed")
def _(turn: Turn) -> None:
    task = turn.submit(also="fail")
    assert turn.at.ended(task)["status"] == "Fail"
    assert turn.at.house.job(task)["billed"] == 280_000


@check("moderation-render")
def _(turn: Turn) -> None:
    told = turn.at.ended(turn.submit())
    assert (told["status"], told["base_resp"]["status_code"]) == ("Fail", 1027)


@check("never")
def _(turn: Turn) -> None:
    task = turn.submit()
    time.sleep(0.3)
    assert turn.at.query(task).json()["status"] == "Processing"
    assert turn.at.house.job(task)["due_at"] is None


@check("slow")
def _(turn: Turn) -> None:
    task = turn.submit(0.7)
    assert turn.at.query(task).json()["status"] != "Success"
    turn.at.ended(task)
    job = turn.at.house.job(task)
    assert job["finished_at"] - job["accepted_at"] >= 0.7


@check("stock")
def _(turn: Turn) -> None:
    turn.at.ended(turn.at.submit("Waves [[stock]]"))
    before = turn.at.house.counters()["clips.rendered"]
    turn.at.ended(turn.submit(also="slow=0"))
    assert turn.at.house.counters()["clips.rendered"] == before


# How answers are written


@check("failed-word")
def _(turn: Turn) -> None:
    assert turn.at.ended(turn.submit(also="fail"))["status"] == "Failed"


@check("status-word")
def _(turn: Turn) -> None:
    assert turn.at.query(turn.submit(also="never")).json()["status"] == "Preparing"
    assert turn.at.query(turn.submit("Thinking", also="never")).json()["status"] == "Thinking"


@check("poll-lag")
def _(turn: Turn) -> None:
    task = turn.submit(2, also="never")
    assert [code(turn.at.query(task)) for _ in range(3)] == [2013, 2013, 0]


# Asking


def _recovers(turn: Turn, task: str) -> None:
    assert turn.at.query(task).json()["status"] == "Processing"


@check("poll-cut")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    with pytest.raises(httpx.TransportError):
        turn.at.query(task)
    _recovers(turn, task)


@check("poll-empty")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    assert turn.at.query(task).content == b""
    _recovers(turn, task)


@check("poll-error")
def _(turn: Turn) -> None:
    for status, told in ((401, 1004), (429, 1002), (500, 1000)):
        task = turn.submit(status, also="never")
        answer = turn.at.query(task)
        assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (status, told)
        _recovers(turn, task)


@check("poll-html")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    answer = turn.at.query(task)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _recovers(turn, task)


@check("poll-latency")
def _(turn: Turn) -> None:
    task = turn.submit(0.5, also="never")
    began = time.monotonic()
    _recovers(turn, task)
    assert time.monotonic() - began >= 0.5


@check("query-code")
def _(turn: Turn) -> None:
    task = turn.submit(1002, also="never")
    answer = turn.at.query(task)
    assert code(answer) == 1002
    assert (answer.json()["task_id"], answer.json()["status"]) == (task, "")
    _recovers(turn, task)


@check("retrieve-code")
def _(turn: Turn) -> None:
    file_id = turn.at.ended(turn.submit(1024))["file_id"]
    assert [code(turn.at.retrieve(file_id)) for _ in range(2)] == [1024, 0]


@check("retrieve-error")
def _(turn: Turn) -> None:
    file_id = turn.at.ended(turn.submit(502))["file_id"]
    answers = [turn.at.retrieve(file_id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 200]


# Callbacks


def _called_back(turn: Turn, value: Any = None, also: str = "stock") -> str:
    return turn.submit(value, also, callback_url=turn.endpoint.url)


@check("webhook-early")
def _(turn: Turn) -> None:
    order = turn.order(callback_url=turn.endpoint.url)
    answered = time.time() if code(turn.at.post(order)) == 0 else 0.0
    assert turn.endpoint.words() == ["success"]
    assert turn.endpoint.at[0] < answered


@check("webhook-forged")
def _(turn: Turn) -> None:
    task = _called_back(turn, also="slow=0.6, stock")
    lie, _, truth = turn.endpoint.wait_for(3)
    assert (lie["task_id"], lie["status"]) == (task, "success")
    assert code(turn.at.retrieve(lie["file_id"])) == 2013
    assert truth["file_id"] == turn.at.ended(task)["file_id"]


@check("webhook-late")
def _(turn: Turn) -> None:
    task = _called_back(turn, 0.7)
    turn.endpoint.wait_for(2)
    assert turn.endpoint.at[1] - turn.at.house.job(task)["finished_at"] >= 0.7


@check("webhook-never")
def _(turn: Turn) -> None:
    turn.at.ended(_called_back(turn))
    time.sleep(0.3)
    assert (len(turn.endpoint.challenges), turn.endpoint.told) == (1, [])


@check("webhook-reordered")
def _(turn: Turn) -> None:
    task = _called_back(turn, also="slow=0.3, stock")
    turn.endpoint.wait_for(4)
    assert turn.endpoint.words() == ["processing", "success", "processing", "failed"]
    assert turn.at.ended(task)["status"] == "Success"


@check("webhook-twice")
def _(turn: Turn) -> None:
    _called_back(turn, 3, also="slow=0.3, stock")
    turn.endpoint.wait_for(4)
    assert turn.endpoint.words() == ["processing", "success", "success", "success"]


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
    task = turn.submit(1)
    first = turn.at.file(task)["download_url"]
    assert turn.get(first).status_code == 200
    time.sleep(2.1)
    assert turn.get(first).status_code == 403
    assert turn.get(turn.at.file(task)["download_url"]).status_code == 200


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
    assert answer.content[4:8] == b"ftyp"


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
    whole = turn.get(turn.at.file(turn.at.submit("Waves [[stock]]"))["download_url"]).content
    assert turn.get(turn.file(20)).content == whole[: len(whole) * 20 // 100]
