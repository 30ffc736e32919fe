"""What every knob of the table does at ToAPIs and at Pixazo, by prompt word and by control."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import httpx
import pytest

from generations.sandbox.knobs import TABLE, Knob
from tests.generations.sandbox.house import Listener
from tests.generations.sandbox.house_single import Body, Door, Pixazo, ToAPIs

pytestmark = pytest.mark.slow

Check = Callable[["Turn"], None]
CHECKS: dict[str, Check] = {}


@dataclass
class Turn:
    """One knob at one company, to be turned by a prompt word or by the control endpoint."""

    at: Door
    listener: Listener
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
        return self.at.an_order(prompt=self.prompt(value, also), **changes)

    def submit(self, value: Any = None, also: str = "stock") -> str:
        """An order with the knob turned, accepted."""
        return self.at.submit(self.prompt(value, also))

    def submit_with_webhook(self, value: Any = None, also: str = "stock") -> str:
        body = self.at.an_order(prompt=self.prompt(value, also))
        return self.at.id_of(self.at.post(body, **{"X-Webhook-URL": self.listener.url}))

    def file(self, value: Any = None) -> str:
        """Where the clip of an order with the knob turned lies."""
        return self.at.address(self.at.ended(self.submit(value)))

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.at.house.client.get(address, **more)


def check(name: str) -> Callable[[Check], Check]:
    def remember(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return remember


#: An upload has no prompt; test_toapis_uploads turns its knobs. One door is enough for the knobs
#: of files, which do not differ by company.
TURNS = [
    pytest.param(company, knob, door, id=f"{company.name}-{knob.name}-{door}")
    for company in (ToAPIs, Pixazo)
    for knob in TABLE
    for door in ("prompt", "control")
    if company.name in knob.providers
    and knob.where != "upload"
    and (knob.where, door) != ("result", "control")
]


@pytest.mark.parametrize(("company", "knob", "door"), TURNS)
def test_the_knob_does_what_its_row_says(house, listener, company, knob, door):
    CHECKS[knob.name](Turn(company(house), listener, knob, by_prompt=door == "prompt"))


@pytest.mark.parametrize("company", [ToAPIs, Pixazo])
def test_a_knob_of_another_company_is_unknown(house, company):
    answer = house.control("POST", "knobs", provider=company.name, knobs={"data-empty": True})

    assert (answer.status_code, company.name in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("company", [ToAPIs, Pixazo])
def test_a_word_of_another_company_does_nothing(house, company):
    at = company(house)

    job = at.submit("Waves [[provider-wallet-empty, fail-one, stock]]")

    assert at.ended(job)["status"] == at.succeeded


# Before anything is accepted

#: How each company calls what a knob brings.
WORDS = {
    "429": {"toapis": "rate_limit_exceeded", "pixazo": "Too Many Requests"},
    "error-before": {"toapis": "internal_error", "pixazo": "Internal Server Error"},
    "insufficient-credits": {"toapis": "insufficient_quota", "pixazo": "Insufficient Balance"},
    "invalid-key": {"toapis": "authentication_error", "pixazo": "Unauthorized"},
    "model-unavailable": {"toapis": "model_not_found", "pixazo": "Model not found"},
    "moderation-submit": {"toapis": "content_policy_violation", "pixazo": "Bad Request"},
    "quota-403": {"toapis": "insufficient_user_quota"},
}


def _refused_then_taken(turn: Turn, order: Body, status: int, word: str) -> httpx.Response:
    answer = turn.at.post(order)
    assert (answer.status_code, turn.at.refusal(answer)) == (status, WORDS[word][turn.at.name])
    assert turn.at.last()["state"] == "refused"
    assert turn.at.post(order).is_success
    return answer


@check("429")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(), 429, "429")
    assert "Retry-After" not in answer.headers


@check("429-retry-after")
def _(turn: Turn) -> None:
    answer = _refused_then_taken(turn, turn.order(7), 429, "429")
    assert answer.headers["Retry-After"] == "7"


@check("cut-before-accept")
def _(turn: Turn) -> None:
    order = turn.order()
    with pytest.raises(httpx.TransportError):
        turn.at.post(order)
    assert turn.at.last()["state"] == "refused"
    assert turn.at.post(order).is_success


@check("error-before")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 500, "error-before")
    answer = turn.at.post(turn.order(502))
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert turn.at.last()["state"] == "refused"


@check("insufficient-credits")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 402, "insufficient-credits")


@check("invalid-key")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 401, "invalid-key")


@check("model-unavailable")
def _(turn: Turn) -> None:
    status = {"toapis": 503, "pixazo": 400}[turn.at.name]
    answer = _refused_then_taken(turn, turn.order(), status, "model-unavailable")
    if turn.at.name == "pixazo":
        assert answer.json()["message"] == "Model 'minimax-hailuo-ai' not found or is disabled"


@check("moderation-submit")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    status = {"toapis": 422, "pixazo": 400}[turn.at.name]
    word = WORDS["moderation-submit"][turn.at.name]
    assert (answer.status_code, turn.at.refusal(answer)) == (status, word)
    assert "policy" in answer.text
    assert "1026" in turn.at.post(turn.order("1026")).text


@check("quota-403")
def _(turn: Turn) -> None:
    _refused_then_taken(turn, turn.order(), 403, "quota-403")


# After accepting


def _is_accepted(turn: Turn) -> None:
    """The one job of this company was taken although its client does not know."""
    body = turn.at.ended(turn.at.last()["uuid"])
    assert body["status"] == turn.at.succeeded
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
    assert turn.at.post(turn.order(503)).status_code == 503
    _is_accepted(turn)


@check("html-body")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _is_accepted(turn)


@check("submit-latency")
def _(turn: Turn) -> None:
    began = time.monotonic()
    turn.submit(0.4)
    assert time.monotonic() - began >= 0.4


# Rendering


@check("fail")
def _(turn: Turn) -> None:
    job = turn.submit("internal_error")
    body = turn.at.ended(job)
    assert body["status"] == turn.at.failed
    assert "internal_error" in str(body["error"])
    assert turn.at.house.job(job)["billed"] == 0


@check("fail-billed")
def _(turn: Turn) -> None:
    job = turn.submit(also="fail")
    assert turn.at.ended(job)["status"] == turn.at.failed
    assert turn.at.house.job(job)["billed"] == turn.at.price


@check("moderation-render")
def _(turn: Turn) -> None:
    assert (
        turn.at.ended(turn.submit())["error"]
        == {
            "toapis": {
                "code": "content_policy_violation",
                "message": "Video generation failed due to content policy violation",
            },
            "pixazo": "The content is sensitive",
        }[turn.at.name]
    )
    assert (
        turn.at.ended(turn.submit("generation_failed"))["error"]
        == {
            "toapis": {
                "code": "generation_failed",
                "message": "Video generation failed due to content policy violation",
            },
            "pixazo": "The content is sensitive (generation_failed)",
        }[turn.at.name]
    )


@check("never")
def _(turn: Turn) -> None:
    job = turn.submit()
    time.sleep(0.2)
    assert turn.at.look(job).json()["status"] == turn.at.running
    assert turn.at.house.job(job)["due_at"] is None


@check("slow")
def _(turn: Turn) -> None:
    job = turn.submit(0.8)
    time.sleep(0.4)
    assert turn.at.look(job).json()["status"] == turn.at.running
    turn.at.ended(job)
    found = turn.at.house.job(job)
    assert found["finished_at"] - found["accepted_at"] >= 0.8


@check("stock")
def _(turn: Turn) -> None:
    turn.at.ended(turn.at.submit("Waves [[stock]]"))
    before = turn.at.house.counters()["clips.rendered"]
    turn.at.ended(turn.submit(also="slow=0"))
    assert turn.at.house.counters()["clips.rendered"] == before


@check("system-error")
def _(turn: Turn) -> None:
    job = turn.submit("code-7", also="fail-billed")
    body = turn.at.ended(job)
    assert (body["status"], "code-7" in body["error"]) == ("ERROR", True)
    assert turn.at.house.job(job)["billed"] == 0


# How answers are written


@check("accepted-200")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    assert (answer.status_code, answer.json()["status"]) == (200, "QUEUED")


@check("apim-errors")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order(also="invalid-key"))
    assert answer.json() == {
        "statusCode": 401,
        "message": "Access denied due to invalid subscription key.",
    }
    limited = turn.at.post(turn.order(also="429-retry-after=3"))
    assert (limited.json()["statusCode"], limited.headers["Retry-After"]) == (429, "3")


@check("direct-output")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order())
    job = turn.at.id_of(answer)
    assert (answer.status_code, answer.json()) == (200, turn.at.look(job).json())
    assert answer.json()["output"]["media_url"]
    bare = turn.at.post(turn.order("bare"))
    assert bare.json() == {"output": turn.at.address(turn.at.look(turn.at.last()["uuid"]).json())}
    failed = turn.at.post(turn.order("bare", also="fail"))
    assert (failed.status_code, failed.json()["status"]) == (200, "FAILED")


@check("expires-past")
def _(turn: Turn) -> None:
    body = turn.at.ended(turn.submit())
    assert body["expires_at"] < body["completed_at"]
    assert turn.get(turn.at.address(body)).status_code == 200


@check("fail-reason")
def _(turn: Turn) -> None:
    body = turn.at.ended(turn.submit(also="fail"))
    assert (body["status"], body["fail_reason"]) == ("failed", "Video generation failed")
    assert "error" not in body


@check("media-string")
def _(turn: Turn) -> None:
    address = turn.at.ended(turn.submit())["output"]["media_url"]
    assert isinstance(address, str)
    assert turn.get(address).content[4:8] == b"ftyp"


@check("poll-lag")
def _(turn: Turn) -> None:
    job = turn.submit(2, also="never")
    assert [turn.at.look(job).status_code for _ in range(3)] == [404, 404, 200]


@check("string-code")
def _(turn: Turn) -> None:
    words = {"invalid-key": "unauthorized", "429": "rate_limit_exceeded"}
    for knob, word in words.items():
        error = turn.at.post(turn.order(also=knob)).json()["error"]
        assert (error["code"], error["type"]) == (word, word)
    if not turn.by_prompt:
        turn.at.set(times=1, string_code=True)
        assert turn.at.look("none").json()["error"]["code"] == "task_not_found"


@check("submitted-word")
def _(turn: Turn) -> None:
    answer = turn.at.post(turn.order(also="slow=20"))
    assert answer.json()["status"] == "submitted"
    assert turn.at.look(turn.at.id_of(answer)).json()["status"] == "submitted"


@check("url-top")
def _(turn: Turn) -> None:
    body = turn.at.ended(turn.submit())
    assert "result" not in body
    assert body["duration"] == 6
    assert turn.get(body["url"]).content[4:8] == b"ftyp"


# Polling


def _recovers(turn: Turn, job: str) -> None:
    assert turn.at.id_of(turn.at.look(job)) == job


@check("poll-cut")
def _(turn: Turn) -> None:
    job = turn.submit(also="never")
    with pytest.raises(httpx.TransportError):
        turn.at.look(job)
    _recovers(turn, job)


@check("poll-empty")
def _(turn: Turn) -> None:
    job = turn.submit(also="never")
    assert turn.at.look(job).content == b""
    _recovers(turn, job)


@check("poll-error")
def _(turn: Turn) -> None:
    for status, word in ((401, "invalid-key"), (429, "429"), (500, "error-before")):
        job = turn.submit(status, also="never")
        answer = turn.at.look(job)
        assert (answer.status_code, turn.at.refusal(answer)) == (status, WORDS[word][turn.at.name])
        _recovers(turn, job)


@check("poll-html")
def _(turn: Turn) -> None:
    job = turn.submit(also="never")
    answer = turn.at.look(job)
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    _recovers(turn, job)


@check("poll-latency")
def _(turn: Turn) -> None:
    job = turn.submit(0.4, also="never")
    began = time.monotonic()
    _recovers(turn, job)
    assert time.monotonic() - began >= 0.4


# Webhooks


@check("webhook-early")
def _(turn: Turn) -> None:
    turn.listener.delay = 0.2
    turn.submit_with_webhook()
    answered = time.time()
    (call,) = turn.listener.calls
    assert call.body["status"] == turn.at.succeeded
    assert call.at < answered


@check("webhook-forged")
def _(turn: Turn) -> None:
    job = turn.submit_with_webhook(also="slow=0.6, stock")
    lie = turn.listener.wait_for(1)[0].body
    assert (lie["request_id"], lie["status"]) == (job, turn.at.succeeded)
    assert turn.at.address(lie).startswith("http://169.254.169.254/")
    assert turn.at.look(job).json()["output"] is None
    assert turn.listener.wait_for(2)[1].body == turn.at.ended(job)


@check("webhook-late")
def _(turn: Turn) -> None:
    job = turn.submit_with_webhook(0.5)
    call = turn.listener.wait_for(1)[0]
    assert call.at - turn.at.house.job(job)["finished_at"] >= 0.5


@check("webhook-never")
def _(turn: Turn) -> None:
    turn.at.ended(turn.submit_with_webhook())
    time.sleep(0.3)
    assert turn.listener.calls == []


@check("webhook-reordered")
def _(turn: Turn) -> None:
    job = turn.submit_with_webhook()
    bodies = [call.body for call in turn.listener.wait_for(3)]
    assert [body["status"] for body in bodies] == ["COMPLETED", "PROCESSING", "FAILED"]
    assert {body["request_id"] for body in bodies} == {job}
    assert turn.at.ended(job)["status"] == turn.at.succeeded


@check("webhook-twice")
def _(turn: Turn) -> None:
    turn.submit_with_webhook(4)
    calls = turn.listener.wait_for(4)
    assert all(call.body == calls[0].body for call in calls)


# Result files


@check("result-duration")
def _(turn: Turn) -> None:
    path = turn.at.house.state / "short.mp4"
    path.write_bytes(turn.get(turn.file(1)).content)
    with av.open(str(path)) as clip:
        assert clip.duration == 1_000_000


@check("result-expired")
def _(turn: Turn) -> None:
    body = turn.at.ended(turn.submit())
    assert turn.get(turn.at.address(body)).status_code == 403
    if turn.at.name == "toapis":
        assert body["expires_at"] < body["completed_at"]


@check("result-expires")
def _(turn: Turn) -> None:
    job = turn.submit(1)
    first = turn.at.address(turn.at.ended(job))
    assert turn.get(first).status_code == 200
    time.sleep(2.1)
    assert turn.get(first).status_code == 403
    assert turn.get(turn.at.address(turn.at.look(job).json())).status_code == 200


@check("result-length")
def _(turn: Turn) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        turn.get(turn.file("long"))
    assert "Content-Length" not in turn.get(turn.file("missing")).headers


@check("result-not-video")
def _(turn: Turn) -> None:
    page = turn.get(turn.file("html"))
    assert page.headers["Content-Type"] == "video/mp4"
    assert page.content.startswith(b"<!DOCTYPE")


@check("result-private")
def _(turn: Turn) -> None:
    assert turn.file("10.1.2.3:8080").startswith("http://10.1.2.3:8080/files/")


@check("result-redirect")
def _(turn: Turn) -> None:
    answer = turn.get(turn.file(2), follow_redirects=True)
    assert [hop.status_code for hop in answer.history] == [302, 302]
    assert answer.content[4:8] == b"ftyp"


@check("result-slow")
def _(turn: Turn) -> None:
    began, seen = time.monotonic(), 0
    with turn.at.house.client.stream("GET", turn.file(20_000)) as answer:
        for chunk in answer.iter_raw():
            seen += len(chunk)
            if time.monotonic() - began > 0.6:
                break
    assert 1_000 <= seen <= 60_000


@check("result-status")
def _(turn: Turn) -> None:
    assert turn.get(turn.file(503)).status_code == 503


@check("result-truncated")
def _(turn: Turn) -> None:
    whole = turn.get(turn.at.address(turn.at.ended(turn.at.submit("Waves [[stock]]"))))
    part = turn.get(turn.file(20))
    assert part.content == whole.content[: len(whole.content) * 20 // 100]
