"""Admin pages that show and never change: the books, and what machines write."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline

MOST_COUNTED = 10_000


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody turns pages: rows may be millions."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list.order_by()[:MOST_COUNTED].count())  # type: ignore[attr-defined]


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    """A list and a page for looking."""

    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False


class ReadOnlyInline(_ReadOnly, TabularInline):
    """Rows of another table, for looking."""

    extra = 0
    can_delete = False
    hide_title = True
    show_change_link = True
