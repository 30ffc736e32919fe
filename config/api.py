"""The API, mounted: three apps, what it says of itself, and JSON for whatever is not there."""

from __future__ import annotations

import json
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import include, path, re_path
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import JSONRenderer

from accounts.api.views import not_found
from config.reference import read


def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document; it changes with the code only."""
    return HttpResponse(_schema(), content_type="application/json")


@gzip_page
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    return render(request, "docs/reference.html", {"page": _page()})


@cache
def _page() -> SafeString:
    page = render_to_string("docs/_reference.html", {"reference": read(json.loads(_schema()))})
    return mark_safe(page)  # noqa: S308  (a template of ours wrote it)


@cache
def _schema() -> bytes:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    text: bytes = JSONRenderer().render(document)
    return text


urlpatterns = [
    path("v1/", include("accounts.api.urls")),
    path("v1/", include("billing.api.urls")),
    path("v1/", include("generations.api.urls")),
    path("v1/openapi.json", schema, name="api-schema"),
    path("docs", reference, name="api-docs"),
    re_path(r"^", not_found),
]
