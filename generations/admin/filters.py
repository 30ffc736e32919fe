"""Filters of lists with very many rows: what there is to choose is known, and not asked of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations import catalog
from generations.providers import REGISTRY


class _Named(admin.SimpleListFilter):
    """Rows with this value in the column of that name."""

    names: tuple[str, ...]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in self.names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return queryset.filter(**{str(self.parameter_name): wanted}) if wanted else queryset


class ProviderFilter(_Named):
    title = parameter_name = "provider"
    names = tuple(sorted(REGISTRY))


class ModelFilter(_Named):
    title = parameter_name = "model"
    names = tuple(catalog.MODELS)
