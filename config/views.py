"""Probes, and the answers nobody asked for."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from accounts.api.problems import Problem, respond


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
        return respond(Problem("not_found", "There is nothing at this address."), request)
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return respond(Problem("internal_error", "Something broke on our side."), request)
    return defaults.server_error(request)
