"""The guides at /docs: short pages for engineers, each a template; and what each error means."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts import events
from accounts.api.codes import CODES


@dataclass(frozen=True, slots=True)
class Guide:
    """One page, at /docs/<slug>; its text is `templates/docs/<slug>.html`."""

    slug: str
    title: str


GUIDES = [
    Guide("quickstart", "Quickstart"),
    Guide("keys", "Authentication & keys"),
    Guide("order", "Order a clip"),
    Guide("first-frames", "First frames"),
    Guide("quotes", "Quotes & prices"),
    Guide("follow", "Follow a clip"),
    Guide("cancel", "Cancel & delete"),
    Guide("download", "Download"),
    Guide("wallet", "Wallet & limits"),
    Guide("errors", "Errors"),
    Guide("retries", "Idempotency & retries"),
    Guide("rate-limits", "Rate limits"),
    Guide("webhooks", "Webhooks"),
    Guide("openai", "OpenAI client"),
]


@gzip_page
@require_safe
def guide(request: HttpRequest, slug: str = "quickstart") -> HttpResponse:
    place = next((place for place, one in enumerate(GUIDES) if one.slug == slug), None)
    if place is None:
        raise Http404
    context = {
        "guide": GUIDES[place],
        "guides": GUIDES,
        "next": GUIDES[place + 1] if place + 1 < len(GUIDES) else None,
        "codes": sorted(CODES.items()),
        "events": events.TYPES.items(),
    }
    return render(request, f"docs/{slug}.html", context)


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's `type` leads to: a page for browsers, plain words for anything else."""
    if code not in CODES:
        raise Http404
    known = CODES[code]
    if "text/html" in request.headers.get("Accept", ""):
        context = {"code": code, "known": known, "guides": GUIDES}
        return render(request, "docs/error.html", context)
    text = f"{known.title}\n\nCode: {code}\nStatus: {known.status}\n\n{known.advice}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
