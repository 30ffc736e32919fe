"""What every request cost, counted and written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import tallies

logger = logging.getLogger(__name__)

#: Asked every few seconds by machines; a line for each would only hide the others.
QUIET = {"healthz", "readyz", "metrics"}


def measured(respond: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """The answer, counted under the pattern of its address: so there are as many as patterns."""
    began = time.perf_counter()
    response = respond(request)
    seconds = time.perf_counter() - began
    view = request.resolver_match.route if request.resolver_match else "unmatched"
    method = request.method if request.method in METHODS else "other"
    tallies.count("requests", view=view, method=str(method), status=str(response.status_code))
    tallies.timed("request_seconds", seconds, view=view)
    if view not in QUIET:
        _write_down(request, response, seconds)
    return response


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _write_down(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    facts = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    said = "%s %s answered %s", request.method, request.path, response.status_code
    logger.info(*said, extra={"facts": facts})
