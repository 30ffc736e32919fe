"""Sentry and OpenTelemetry, where they are configured; no secret goes out with an event."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.logging import mask


def start() -> None:
    """Once per process. Raises ImproperlyConfigured where a package is missing."""
    if settings.SENTRY_DSN:
        _sentry(settings.SENTRY_DSN)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _telemetry()


def masked(event: Any, hint: Any = None) -> Any:
    """What Sentry is about to send, without secrets."""
    return json.loads(mask(json.dumps(event, default=str)))


def _sentry(dsn: str) -> None:
    sentry = _wanted("sentry_sdk", setting="SENTRY_DSN", package="sentry-sdk")
    sentry.init(
        dsn=dsn,
        before_send=masked,
        before_send_transaction=masked,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
    )


def _telemetry() -> None:
    """The exporter reads its own OTEL_… variables."""
    setting, extra = "OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry-exporter-otlp-proto-http"
    trace = _wanted("opentelemetry.trace", setting=setting, package=extra)
    sdk = _wanted("opentelemetry.sdk.trace", setting=setting, package=extra)
    export = _wanted("opentelemetry.sdk.trace.export", setting=setting, package=extra)
    otlp = _wanted(
        "opentelemetry.exporter.otlp.proto.http.trace_exporter", setting=setting, package=extra
    )
    tracing = sdk.TracerProvider()
    tracing.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    trace.set_tracer_provider(tracing)
    for library in ("django", "celery", "psycopg", "httpx"):
        package = f"opentelemetry-instrumentation-{library}"
        module = _wanted(
            f"opentelemetry.instrumentation.{library}", setting=setting, package=package
        )
        getattr(module, INSTRUMENTORS[library])().instrument()


INSTRUMENTORS = {
    "django": "DjangoInstrumentor",
    "celery": "CeleryInstrumentor",
    "psycopg": "PsycopgInstrumentor",
    "httpx": "HTTPXClientInstrumentor",
}


def _wanted(module: str, *, setting: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise ImproperlyConfigured(
            f"{setting} is set, and {package} is not installed: "
            f"`pip install {package}`, or unset {setting}."
        ) from None
