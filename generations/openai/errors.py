"""
Problems in OpenAI's envelope: `{"error": {"message", "type", "param", "code"}}`.

`code` is the one of `/docs/errors/`, or the rule that the parameter `param` breaks. What is final
says so in a header: OpenAI's clients repeat conflicts otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from accounts.api.problems import FieldError, Problem, encoded, noted

SHOULD_RETRY = "x-should-retry"

#: status -> type; all others are the next two
TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}
INVALID, OURS = "invalid_request_error", "server_error"
#: What a client may well send again as it is.
PASSING = {"idempotency_in_flight", "rate_limited"}

#: our name of a field -> OpenAI's
PARAMETERS = {
    "body": None,
    "duration": "seconds",
    "first_frame_image": "input_reference",
    "resolution": "size",
}
#: our name of a rule -> OpenAI's; other rules keep their names
RULES = {
    "blank": "missing_required_parameter",
    "invalid": "invalid_value",
    "invalid_choice": "invalid_value",
    "out_of_range": "invalid_value",
    "required": "missing_required_parameter",
    "unknown": "unknown_parameter",
}


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler of these views."""
    return respond(noted(error, context["request"]), context["request"])


def respond(problem: Problem, request: Request | HttpRequest) -> HttpResponse:
    """The same problem, told as OpenAI would."""
    return HttpResponse(
        encoded(envelope(problem)),
        status=status_of(problem),
        content_type="application/json",
        headers=problem.headers | ({SHOULD_RETRY: "false"} if _is_final(problem) else {}),
    )


def envelope(problem: Problem) -> dict[str, Any]:
    """The body of the answer."""
    status = status_of(problem)
    said = {
        "message": _message(problem),
        "type": TYPES.get(status, INVALID if status < 500 else OURS),
        "param": _parameter(problem.errors[0]) if problem.errors else None,
        "code": _code(problem),
        **problem.members,
    }
    return {"error": said}


def status_of(problem: Problem) -> int:
    """What was understood and is wrong is a 400 of theirs, too."""
    return 400 if problem.status_code == 422 else problem.status_code


@csrf_exempt  # a program that POSTs to a wrong address is told so, not asked for a token
def not_found(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    said = f"There is nothing at this address: {request.method} {request.path[:200]}."
    return respond(Problem("not_found", said), request)


def _is_final(problem: Problem) -> bool:
    return problem.status_code < 500 and problem.code not in PASSING


def _message(problem: Problem) -> str:
    """All that is wrong; the name of a single parameter stands beside it."""
    if len(problem.errors) == 1:
        return problem.errors[0].message
    named = [f"{_parameter(error)}: {error.message}" for error in problem.errors]
    return " ".join(named) or str(problem.detail)


def _parameter(error: FieldError) -> str | None:
    """What is unknown is named as it was sent."""
    outer, dot, inner = error.field.partition(".")
    name = outer if error.code == "unknown" else PARAMETERS.get(outer, outer)
    return name and f"{name}{dot}{inner}"


def _code(problem: Problem) -> str:
    if problem.code == "invalid_request" and problem.errors:
        code = problem.errors[0].code
        return RULES.get(code, code)
    return problem.code
