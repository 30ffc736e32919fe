"""Probes, metrics, and the answers nobody asked for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views import defaults
from django.views.decorators.http import require_safe

from accounts.api.problems import Problem
from config.middleware import UNAVAILABLE
from config.observing import metrics as figures
from config.observing import probes
from config.problems import PROGRAMS, respond

LOOPBACK = {"127.0.0.1", "::1"}
#: Whoever comes through a proxy is not on this machine, whatever its address says.
FORWARDED = {"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"}


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """
    What it depends on answers, too: 503 without the database, Redis or storage. A silent beat and
    old work are told and change nothing: this process still serves.
    """
    serves, checks = probes.checks()
    if serves:
        return JsonResponse({"status": "ready", "checks": checks})
    problem = Problem("unavailable", UNAVAILABLE, retry_after=5, checks=checks)
    return respond(problem, request)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, with `METRICS_TOKEN` or from this very machine."""
    if not _may_read_metrics(request):
        return respond(
            Problem("unauthorized", "Send `Authorization: Bearer` and the token."), request
        )
    return HttpResponse(figures.text(), content_type=figures.CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    is_near = request.META.get("REMOTE_ADDR") in LOOPBACK
    return is_near and not FORWARDED & set(request.headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PROGRAMS):
        return respond(Problem("not_found", "There is nothing at this address."), request)
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(PROGRAMS):
        return respond(Problem("internal_error", "Something broke on our side."), request)
    return defaults.server_error(request)
