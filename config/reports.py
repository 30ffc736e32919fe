"""Where browsers tell what the Content-Security-Policy stopped: a line in the log, and a count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import addresses, rates, security

PATH = "/csp-reports"
#: How a page names the address, for browsers that know `report-to`.
ENDPOINTS = f'csp="{PATH}"'
MAX_BODY = 16 << 10
PER_MINUTE = 20
#: Of one message; browsers gather several.
MOST = 10

#: our word -> how older and newer browsers call it
NAMES = {
    "directive": ("effective-directive", "violated-directive", "effectiveDirective"),
    "blocked": ("blocked-uri", "blockedURL"),
    "page": ("document-uri", "documentURL"),
    "source": ("source-file", "sourceFile"),
    "line": ("line-number", "lineNumber"),
}


@csrf_exempt
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """204 whatever was sent: a browser does not read it, and nobody else is told anything."""
    verdict = rates.visitor(addresses.of(request), act="csp reports", per_minute=PER_MINUTE)
    if not verdict.refused_by:
        for violation in _violations(_body(request)):
            security.note("csp.violated", **violation)
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes:
    """Nothing of a browser that was closed half-way."""
    try:
        return request.read(MAX_BODY + 1)
    except UnreadablePostError:
        return b""


def _violations(body: bytes) -> Iterator[dict[str, str]]:
    """What can be read in it; nothing of what is too long or no report."""
    if len(body) > MAX_BODY:
        return
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return
    for one in (said if isinstance(said, list) else [said])[:MOST]:
        report = isinstance(one, dict) and (one.get("csp-report") or one.get("body"))
        if isinstance(report, dict) and (told := _told(report)):
            yield told


def _told(report: dict[str, Any]) -> dict[str, str]:
    """In our words; addresses without what may be a secret in their query."""
    found = {
        word: next((report[name] for name in names if report.get(name)), None)
        for word, names in NAMES.items()
    }
    return {
        word: str(value).partition("?")[0]
        for word, value in found.items()
        if isinstance(value, str | int)
    }
