"""
What Cloudflare says: the v4 envelope around what its gateway says. providers.md 1.3 and 1.6.

The document knows two forms and does not know which one REST sends; wrapped is the default, the
knobs `bare` and `video-depth` bring the others. Codes 2021, 2045 and 7003 and their sentences were
seen on live answers of the gateway; 3xxx and 5xxx are the table of Workers AI.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings
from generations.sandbox.providers.base import Body
from generations.sandbox.records import Job

USER_ERROR = "Model execution failed (User Input Error)"


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal; without a status it keeps the one it came with."""

    code: int
    message: str
    status: int | None = None


REASONS = {
    "bad_base64": Words(5004, "Invalid data: the image is neither a URL nor a base64 data URI"),
    "incomplete": Words(3003, "Incomplete request"),
    "insufficient_credits": Words(
        2021, "Insufficient balance; add money to your gateway or use BYOK"
    ),
    "invalid": Words(7003, USER_ERROR),
    "invalid_key": Words(10000, "Authentication error", 401),
    "model_unavailable": Words(5007, "No such model or task", 400),
    "not_found": Words(7002, "Log not found", 404),
    "overloaded": Words(3040, "Capacity temporarily exceeded, please try again."),
    "question": Words(7001, "Invalid query", 400),
    "rate_limited": Words(3040, "Capacity temporarily exceeded, please try again.", 429),
    "server_error": Words(1101, "Internal server error"),
    "spend_limit": Words(2045, "Spend limit exceeded: rule 'month' (cost limit 100 per 2592000s)"),
    "too_large": Words(3006, "Request is too large"),
    "unknown_model": Words(5007, "No such model"),
}

#: Sentences of codes that replace a reason's own, and that of a timeout.
CODES = {
    3007: "Request timeout",
    3036: "You have used up your daily free allocation of 10,000 neurons.",
}

#: Why an order or a render fails behind the gateway: HTTP 200 with `state: Failed`.
FAILURES = {
    "fail": {"code": "provider_unavailable", "message": "The provider is unavailable."},
    "moderation-render": {"code": "1027", "message": "output new_sensitive"},
}

BEHIND = {
    "content_policy": ("1026", "input new_sensitive"),
    "upstream": ("2013", "invalid params"),
}

#: What a task of MiniMax can be called before it is done.
UNDER_WAY = ("Preparing", "Queueing", "Processing")


def refused(settings: Settings, refusal: Refusal, *, model: str = "") -> web.Response:
    """A refusal; one from behind the gateway is an answer with HTTP 200."""
    if refusal.reason in BEHIND:
        word, sentence = BEHIND[refusal.reason]
        body = _failed(refusal.code or word, refusal.message or sentence, model)
        return web.json_response(laid_out(settings, body))
    words = REASONS[refusal.reason]
    status = words.status or refusal.status
    code, message = _said(words, refusal)
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    own = "gateway-error" in settings
    body = _own(code, message, status) if own else _refusal(code, message)
    return web.json_response(body, status=status, headers=headers)


def told(job: Job, address: str) -> Body:
    """What the gateway says of a job, without any envelope (seed 000, "Raw response")."""
    if word := knobs.word(job.knobs, "unfinished"):
        status, state = (word, "Completed") if word in UNDER_WAY else ("Processing", word)
        return _completed({"status": status, "task_id": job.uuid}, state)
    if job.state == "succeeded":
        return _completed(_output(job, address))
    if "status-fail" in job.knobs:
        return _completed({"status": "Fail", "task_id": job.uuid})
    error = job.error or {}
    return _failed(error["code"], error["message"], job.request["model"])


def laid_out(settings: Settings, body: Body) -> Body:
    """An answer in the form the knobs ask for: the video at one of three depths."""
    depth = knobs.number(settings, "video-depth") if "result" in body else None
    if depth == 1:
        return dict(body["result"])
    if depth == 2:
        return enveloped(body["result"])
    return body if "bare" in settings else enveloped(body)


def enveloped(result: object, **more: object) -> Body:
    return {"result": result, "success": True, "errors": [], "messages": [], **more}


def credit(balance: float) -> Body:
    """
    The answer to a question about our money.

    :param balance: in cents: what accounts show there is a hundred times their dollars.
    """
    card = {"brand": "visa", "last4": "4242"}
    return enveloped(
        {
            "balance": balance,
            "has_default_payment_method": True,
            "payment_method": card,
            "topup_config": {},
            "first_topup_success": True,
        }
    )


def _output(job: Job, address: str) -> Body:
    """Only `task_id` is required of it (seed 001)."""
    output: Body = {"status": "Success", "task_id": job.uuid, "video": address}
    if "missing-status" in job.knobs:
        del output["status"]
    if "missing-video" in job.knobs:
        del output["video"]
    return output


def _completed(output: Body, state: str = "Completed") -> Body:
    return {"gatewayMetadata": {"keySource": "Unified"}, "result": output, "state": state}


def _failed(code: str, message: str, model: str) -> Body:
    return {"state": "Failed", "error": {"code": code, "message": message}, "model": model}


def _said(words: Words, refusal: Refusal) -> tuple[int, str]:
    """Code and sentence: a code that was asked for goes before the reason's own."""
    code = 3007 if refusal.status == 408 else int(refusal.code or words.code)
    if refusal.reason == "invalid" and refusal.message:
        return code, f"{USER_ERROR}: {refusal.message}"
    return code, refusal.message or CODES.get(code, words.message)


def _refusal(code: int, message: str) -> Body:
    error = {"code": code, "message": message}
    return {"result": None, "success": False, "errors": [error], "messages": []}


def _own(code: int, message: str, status: int) -> Body:
    """As the gateway writes it where no envelope is put around it."""
    error = [{"code": code, "message": message}]
    head = {"success": False, "result": [], "messages": [], "error": error}
    return {**head, "name": "AiGatewayError", "httpCode": status, "internalCode": code}
