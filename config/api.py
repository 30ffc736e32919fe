"""The API, mounted: three apps, its description, and a JSON answer for whatever is not there."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer

from accounts.api.views import not_found


def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document; it changes with the code only."""
    return HttpResponse(_schema(), content_type="application/json")


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
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^", not_found),
]
