"""Probes, and the answers nobody asked for."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """What it depends on answers too; a failure is a 503 by `UnavailableMiddleware`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.get("readyz")
    return JsonResponse({"status": "ready"})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(request, 404, "not_found", "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(request, 500, "internal_error", "Something broke on our side.")
    return defaults.server_error(request)


def _problem(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    problem: dict[str, Any] = {
        "type": f"/docs/errors/{code}",
        "title": detail,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": getattr(request, "request_id", ""),
        "errors": [],
    }
    return JsonResponse(problem, status=status, content_type="application/problem+json")
