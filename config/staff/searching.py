"""A search of staff's may not keep the database busy: it ends after a few seconds and says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from psycopg.errors import QueryCanceled

#: What lists of the admin, our own search and the theme's call what was typed.
WORDS = {"q", "s"}
TOO_LONG = "This search took longer than {} s. Give more of the word, or an id."


def is_search(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/") and bool(WORDS & request.GET.keys())


@contextmanager
def in_time() -> Iterator[None]:
    """Every statement within it has so long and no longer."""
    milliseconds = settings.STAFF_SEARCH_SECONDS * 1000
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        yield


def took_too_long(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Back to where nothing is searched for; None where something else is wrong."""
    if not (is_search(request) and isinstance(error.__cause__, QueryCanceled)):
        return None
    messages.error(request, TOO_LONG.format(settings.STAFF_SEARCH_SECONDS))
    return redirect(request.path)
