"""Every knob does what its row in the table says, by prompt word and over the control endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import httpx
import pytest

from generations.sandbox.knobs import TABLE, Knob, in_prompt, without
from tests.generations.sandbox.house import House, Listener, a_task, a_uuid

pytestmark = pytest.mark.slow

Check = Callable[["Turn"], None]
CHECKS: dict[str, Check] = {}


@dataclass
class Turn:
    """One knob, to be turned through one of the two doors."""

    house: House
    listener: Listener
    knob: Knob
    by_prompt: bool

    def prompt(self, value: Any = None, also: str = "stock") -> str:
        """A prompt for which the knob is turned."""
        if not self.by_prompt:
            given = True if value is None else value
            self.house.set(times=1, **{self.knob.name: given})
            return f"Waves [[{also}]]"
        word = self.knob.name if value is None else f"{self.knob.name}={value}"
        return f"Waves [[{word}, {also}]]"

    def task(self, value: Any = None, also: str = "stock", **changes: Any) -> dict[str, Any]:
        return a_task(positivePrompt=self.prompt(value, also), **changes)

    def submit(self, value: Any = None, also: str = "stock", **changes: Any) -> str:
        """An order with the knob turned, accepted."""
        return self.house.submit(self.prompt(value, also), **changes)


def check(name: str) -> Callable[[Check], Check]:
    def remember(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return remember


#: A question about our money has no prompt to turn a knob with.
DOORS = [
    pytest.param(knob, door, id=f"{knob.name}-{door}")
    for knob in TABLE
    for door in ("prompt", "control")
    if "runware" in knob.providers and (knob.where, door) != ("account", "prompt")
]


@pytest.mark.parametrize(("knob", "door"), DOORS)
def test_the_knob_does_what_its_row_says(house, listener, knob, door):
    CHECKS[knob.name](Turn(house, listener, knob, by_prompt=door == "prompt"))


def test_prompt_words_are_read_with_values_and_times():
    found = in_prompt(
        "A [[slow=2.5]] kite [Pan left] [[429*2, poll-error=503*all, unknown, never]]", "runware"
    )

    assert {name: (each.value, each.times) for name, each in found.items()} == {
        "429": (True, 2),
        "never": (True, -1),
        "poll-error": (503.0, -1),
        "slow": (2.5, -1),
    }
    assert without("A [[slow=2]] kite [Pan left]") == "A kite [Pan left]"


def test_a_prompt_word_may_be_meant_for_one_company():
    prompt = "Waves [[pixazo:429*2, runware:fail, result-private=http://10.0.0.1:80]]"

    assert in_prompt(prompt, "pixazo").keys() == {"429", "result-private"}
    assert in_prompt(prompt, "runware").keys() == {"fail", "result-private"}
    assert in_prompt(prompt, "toapis").keys() == {"result-private"}


def test_a_prompt_word_fires_as_often_as_it_says_and_again_for_the_next_order(house):
    task = a_task(positivePrompt="Waves [[429*2, stock]]")

    first_order = [house.post(task).status_code for _ in range(3)]
    second_order = [house.post(a_task(positivePrompt=task["positivePrompt"])).status_code]

    assert first_order == [429, 429, 200]
    assert second_order == [429]


# Before anything is accepted


def _refused_then_taken(turn: Turn, task: dict[str, Any], status: int, code: str) -> httpx.Response:
    answer = turn.house.post(task)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert turn.house.job(task["taskUUID"])["state"] == "refused"
    assert turn.house.post(task).status_code == 200
    return answer


@check("429")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.task(), 429, "rateLimitExceeded")
    assert "Retry-After" not in answer.headers


@check("429-retry-after")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.task(7), 429, "rateLimitExceeded")
    assert answer.headers["Retry-After"] == "7"


@check("cut-before-accept")
def _(turn: Turn) -> None:
    task = turn.task()
    with pytest.raises(httpx.TransportError):
        turn.house.post(task)
    assert turn.house.job(task["taskUUID"])["state"] == "refused"
    assert turn.house.post(task).status_code == 200


@check("error-before")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.task(), 500, "serverError")
    html = turn.task(502)
    answer = turn.house.post(html)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert turn.house.job(html["taskUUID"])["state"] == "refused"


@check("insufficient-credits")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.task(), 402, "insufficientCredits")


@check("invalid-key")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.task(), 401, "invalidApiKey")


@check("model-unavailable")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.task(), 503, "modelUnavailable")


@check("moderation-submit")
def _(turn: Turn) -> None:
    answer = turn.house.post(turn.task("promptBlocked"))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "promptBlocked")
    if turn.by_prompt:  # what was refused for its words stays refused
        again = turn.house.post(turn.task())
        assert again.json()["errors"][0]["code"] == "contentPolicyViolation"


@check("provider-wallet-empty")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.task(), 402, "providerInsufficientCredits")


# After accepting


def _is_accepted(turn: Turn, task: dict[str, Any]) -> None:
    again = turn.house.post(task)
    assert again.json()["errors"][0]["code"] == "conflictTaskUUID"
    assert turn.house.clip(task["taskUUID"])["status"] == "success"


@check("cut-after-accept")
def _(turn: Turn) -> None:
    task = turn.task()
    with pytest.raises(httpx.TransportError):
        turn.house.post(task)
    _is_accepted(turn, task)


@check("empty-body")
def _(turn: Turn) -> None:
    task = turn.task()
    answer = turn.house.post(task)
    assert (answer.status_code, answer.content) == (200, b"")
    _is_accepted(turn, task)


@check("error-after")
def _(turn: Turn) -> None:
    task = turn.task(503)
    assert turn.house.post(task).status_code == 503
    _is_accepted(turn, task)


@check("html-body")
def _(turn: Turn) -> None:
    task = turn.task()
    answer = turn.house.post(task)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _is_accepted(turn, task)


@check("submit-latency")
def _(turn: Turn) -> None:
    began = time.monotonic()
    turn.submit(0.6)
    assert time.monotonic() - began >= 0.6


# Rendering


@check("fail")
def _(turn: Turn) -> None:
    task = turn.submit("providerTimeout")
    answer = turn.house.finished(task)
    assert answer["data"] == []
    (error,) = answer["errors"]
    assert (error["code"], error["taskUUID"], error["status"]) == ("providerTimeout", task, "error")
    assert turn.house.job(task)["billed"] == 0
    assert turn.house.details(task)["response"]["errors"][0]["code"] == "providerTimeout"


@check("fail-billed")
def _(turn: Turn) -> None:
    task = turn.submit(also="fail, stock")
    assert turn.house.finished(task)["errors"][0]["code"] == "taskFailed"
    assert turn.house.job(task)["billed"] == 280_000


@check("fail-one")
def _(turn: Turn) -> None:
    task = turn.submit(numberResults=2)
    answer = turn.house.finished(task)
    assert [item["status"] for item in answer["data"]] == ["success"]
    assert [error["code"] for error in answer["errors"]] == ["taskFailed"]
    assert turn.house.job(task)["billed"] == 280_000


@check("moderation-render")
def _(turn: Turn) -> None:
    answer = turn.house.finished(turn.submit())
    assert answer["errors"][0]["code"] == "invalidProviderContent"


@check("never")
def _(turn: Turn) -> None:
    task = turn.submit()
    time.sleep(0.4)
    assert turn.house.poll(task).json()["data"][0]["status"] == "processing"
    assert turn.house.job(task)["due_at"] is None


@check("slow")
def _(turn: Turn) -> None:
    task = turn.submit(0.9)
    time.sleep(0.5)
    assert turn.house.poll(task).json()["data"][0]["status"] == "processing"
    turn.house.clip(task)
    job = turn.house.job(task)
    assert job["finished_at"] - job["accepted_at"] >= 0.9


@check("stock")
def _(turn: Turn) -> None:
    turn.house.clip(turn.house.submit("Waves [[stock]]"))
    before = turn.house.counters()["clips.rendered"]
    turn.house.clip(turn.submit(also="slow=0"))
    assert turn.house.counters()["clips.rendered"] == before


# How answers are written


@check("cost-zero")
def _(turn: Turn) -> None:
    task = turn.submit()
    assert turn.house.clip(task)["cost"] == 0
    assert turn.house.job(task)["billed"] == 280_000


@check("data-empty")
def _(turn: Turn) -> None:
    task = turn.submit()
    assert turn.house.finished(task) == {"data": []}
    assert turn.house.details(task)["response"]["data"][0]["status"] == "success"


@check("error-without-uuid")
def _(turn: Turn) -> None:
    refused = turn.house.post(turn.task(fps=1)).json()["errors"][0]
    assert (refused["code"], "taskUUID" in refused) == ("invalidFps", False)
    failed = turn.house.finished(turn.submit(also="fail"))["errors"][0]
    assert (failed["code"], "taskUUID" in failed) == ("taskFailed", False)


@check("item-error")
def _(turn: Turn) -> None:
    task = turn.submit(also="fail")
    answer = turn.house.finished(task)
    assert "errors" not in answer
    (item,) = answer["data"]
    assert (item["status"], item["taskUUID"], item["error"]["code"]) == (
        "error",
        task,
        "taskFailed",
    )


@check("missing-status")
def _(turn: Turn) -> None:
    item = turn.house.clip(turn.submit())
    assert "status" not in item
    assert item["videoURL"]


@check("parameter-array")
def _(turn: Turn) -> None:
    error = turn.house.post(turn.task(fps=1)).json()["errors"][0]
    assert error["parameter"] == ["fps"]


@check("pending-word")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    assert turn.house.poll(task).json()["data"][0]["status"] == "pending"


@check("poll-lag")
def _(turn: Turn) -> None:
    task = turn.submit(2, also="never")
    seen = [len(turn.house.poll(task).json()["data"]) for _ in range(3)]
    assert seen == [0, 0, 1]


@check("stream-error")
def _(turn: Turn) -> None:
    task = turn.submit(also="fail")
    answer = turn.house.finished(task)
    assert (answer["error"]["code"], answer["taskUUID"]) == ("taskFailed", task)
    assert "errors" not in answer


# Polling


def _recovers(turn: Turn, task: str) -> None:
    assert turn.house.poll(task).json()["data"][0]["taskUUID"] == task


@check("poll-cut")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    with pytest.raises(httpx.TransportError):
        turn.house.poll(task)
    _recovers(turn, task)


@check("poll-empty")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    assert turn.house.poll(task).content == b""
    _recovers(turn, task)


@check("poll-error")
def _(turn: Turn) -> None:
    for status, code in ((401, "invalidApiKey"), (429, "rateLimitExceeded"), (500, "serverError")):
        task = turn.submit(status, also="never")
        answer = turn.house.poll(task)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
        _recovers(turn, task)


@check("poll-html")
def _(turn: Turn) -> None:
    task = turn.submit(also="never")
    answer = turn.house.poll(task)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _recovers(turn, task)


@check("poll-latency")
def _(turn: Turn) -> None:
    task = turn.submit(0.5, also="never")
    began = time.monotonic()
    _recovers(turn, task)
    assert time.monotonic() - began >= 0.5


# Webhooks


@check("webhook-early")
def _(turn: Turn) -> None:
    task = turn.task(webhookURL=turn.listener.url)
    turn.listener.delay = 0.2
    answered = time.time() if turn.house.post(task).status_code == 200 else 0.0
    (call,) = turn.listener.calls
    assert call.body["status"] == "success"
    assert call.at < answered


@check("webhook-forged")
def _(turn: Turn) -> None:
    task = turn.submit(webhookURL=turn.listener.url, also="slow=0.6, stock")
    lie = turn.listener.wait_for(1)[0].body
    assert (lie["taskUUID"], lie["status"]) == (task, "success")
    assert lie["videoURL"].startswith("http://169.254.169.254/")
    assert turn.house.poll(task).json()["data"][0]["status"] == "processing"
    assert turn.listener.wait_for(2)[1].body == turn.house.clip(task)


@check("webhook-late")
def _(turn: Turn) -> None:
    task = turn.submit(0.7, webhookURL=turn.listener.url)
    call = turn.listener.wait_for(1)[0]
    assert call.at - turn.house.job(task)["finished_at"] >= 0.7


@check("webhook-never")
def _(turn: Turn) -> None:
    turn.house.clip(turn.submit(webhookURL=turn.listener.url))
    time.sleep(0.4)
    assert turn.listener.calls == []


@check("webhook-reordered")
def _(turn: Turn) -> None:
    task = turn.submit(webhookURL=turn.listener.url)
    bodies = [call.body for call in turn.listener.wait_for(3)]
    assert [body["status"] for body in bodies] == ["success", "processing", "error"]
    assert {body["taskUUID"] for body in bodies} == {task}
    assert turn.house.clip(task)["status"] == "success"


@check("webhook-twice")
def _(turn: Turn) -> None:
    turn.submit(5, webhookURL=turn.listener.url)
    calls = turn.listener.wait_for(5)
    assert all(call.body == calls[0].body for call in calls)
    assert calls[4].at - calls[0].at < 1


# Result files


def _file(turn: Turn, value: Any = None) -> str:
    return str(turn.house.clip(turn.submit(value))["videoURL"])


@check("result-duration")
def _(turn: Turn) -> None:
    content = turn.house.client.get(_file(turn, 1)).content
    path = turn.house.state / "short.mp4"
    path.write_bytes(content)
    with av.open(str(path)) as clip:
        assert clip.duration == 1_000_000


@check("result-expired")
def _(turn: Turn) -> None:
    answer = turn.house.client.get(_file(turn))
    assert (answer.status_code, answer.text) == (403, "This address has expired.")


@check("result-expires")
def _(turn: Turn) -> None:
    task = turn.submit(1)
    first = turn.house.clip(task)["videoURL"]
    assert turn.house.client.get(first).status_code == 200
    time.sleep(2.1)
    assert turn.house.client.get(first).status_code == 403
    assert turn.house.client.get(turn.house.clip(task)["videoURL"]).status_code == 200


@check("result-length")
def _(turn: Turn) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        turn.house.client.get(_file(turn, "long"))
    answer = turn.house.client.get(_file(turn, "missing"))
    assert "Content-Length" not in answer.headers
    assert answer.content[4:8] == b"ftyp"


@check("result-not-video")
def _(turn: Turn) -> None:
    page, picture = (turn.house.client.get(_file(turn, what)) for what in ("html", "jpeg"))
    assert page.headers["Content-Type"] == picture.headers["Content-Type"] == "video/mp4"
    assert page.content.startswith(b"<!DOCTYPE")
    assert picture.content.startswith(b"\xff\xd8\xff")


@check("result-private")
def _(turn: Turn) -> None:
    assert _file(turn).startswith("http://169.254.169.254/files/")
    assert _file(turn, "10.1.2.3:8080").startswith("http://10.1.2.3:8080/files/")


@check("result-redirect")
def _(turn: Turn) -> None:
    answer = turn.house.client.get(_file(turn, 2), follow_redirects=True)
    assert [hop.status_code for hop in answer.history] == [302, 302]
    assert answer.content[4:8] == b"ftyp"
    elsewhere = turn.house.client.get(_file(turn, "http://10.0.0.1/x.mp4"))
    assert elsewhere.headers["Location"] == "http://10.0.0.1/x.mp4"


@check("result-slow")
def _(turn: Turn) -> None:
    address = _file(turn, 20_000)
    began, seen = time.monotonic(), 0
    with turn.house.client.stream("GET", address) as answer:
        for chunk in answer.iter_raw():
            seen += len(chunk)
            if time.monotonic() - began > 1:
                break
    assert 5_000 <= seen <= 60_000


@check("result-status")
def _(turn: Turn) -> None:
    address = _file(turn)
    assert [turn.house.client.get(address).status_code for _ in range(2)] == [404, 404]
    if turn.by_prompt:
        address = turn.house.clip(turn.house.submit("Waves [[result-status=503*1, stock]]"))[
            "videoURL"
        ]
        assert [turn.house.client.get(address).status_code for _ in range(2)] == [503, 200]


@check("result-truncated")
def _(turn: Turn) -> None:
    whole = turn.house.client.get(turn.house.clip(turn.house.submit("Waves [[stock]]"))["videoURL"])
    part = turn.house.client.get(_file(turn, 20))
    assert part.status_code == 200
    assert part.content == whole.content[: len(whole.content) * 20 // 100]
    assert part.headers["Content-Length"] == str(len(part.content))


# Our account with them


@check("balance-object")
def _(turn: Turn) -> None:
    turn.house.set(times=1, **{"balance-object": True})
    assert turn.house.balance() == {"amount": 1000, "currency": "USD"}
    assert turn.house.balance() == 1000


def test_an_unknown_task_is_not_confused_by_rules(house):
    house.set(times=1, poll_error=500)

    assert house.poll(a_uuid()).status_code == 500
    assert house.poll(a_uuid()).json() == {"data": []}
