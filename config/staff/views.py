"""The search's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from unfold.dataclasses import SearchResult

from config.staff.finding import find


def search(request: HttpRequest) -> HttpResponse:
    """One hit opens at once; several are a page of them."""
    text = request.GET.get("q", "")
    found = find(text, user=request.user)  # type: ignore[arg-type]
    if len(found) == 1:
        return redirect(found[0].link)
    context = {**admin.site.each_context(request), "title": "Find", "q": text, "found": found}
    return render(request, "admin/find.html", context)


def command(request: HttpRequest, text: str) -> list[Any]:
    """For the theme's own search, which opens with Ctrl+K on every page."""
    found = find(text, user=request.user)  # type: ignore[arg-type]
    return [SearchResult(one.title, f"{one.detail} ({one.why})", one.link, None) for one in found]


def nowhere(request: HttpRequest, **where: str) -> HttpResponse:
    """Django's way from any row to its page on the site: no row of ours has one."""
    raise Http404
