"""The pages for clips: home, Library, one page for each clip, and its card."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from generations import catalog, orders, storage
from generations.models import Generation, Upload
from generations.orders import OrderError
from generations.site import cards, prices, shots, story

PAGE = 24


@gzip_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    table = prices.table(at=timezone.now())
    context = {"table": table, "sizes": catalog.SIZES, "shots": shots.SHOTS}
    return render(request, "site/home.html", context)


@gzip_page
@require_safe
@in_workspace(Act.READ)
def library(request: MemberRequest) -> HttpResponse:
    """Newest first; `before` is the clip to go on from, and htmx gets just the frames."""
    rows = Generation.objects.for_workspace(request.workspace).whole().order_by("-id")
    if before := ids.private("gen", request.GET.get("before")):
        rows = rows.filter(id__lt=before)
    found = list(rows[: PAGE + 1])
    context = {
        "cards": cards.show(found[:PAGE], now=timezone.now()),
        "more": found[PAGE - 1].public_id if len(found) > PAGE else "",
    }
    fragment = "HX-Request" in request.headers
    page = "partials/_library_page.html" if fragment else "generations/library.html"
    response = render(request, page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@gzip_page
@require_safe
@never_cache
@in_workspace(Act.READ)
def clip(request: MemberRequest, generation_id: str) -> HttpResponse:
    return render(request, "generations/clip.html", _clip_context(request, generation_id))


@require_safe
@never_cache
@in_workspace(Act.READ)
def clip_live(request: MemberRequest, generation_id: str) -> HttpResponse:
    """The polled part of a clip's page."""
    context = _clip_context(request, generation_id)
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "partials/_live_clip.html", context)


@require_safe
@never_cache
@in_workspace(Act.READ)
def card(request: MemberRequest, generation_id: str) -> HttpResponse:
    """The polled fragment: empty while there is nothing new, without polling when it is final."""
    shown = cards.show_one(_mine(request, generation_id), now=timezone.now())
    if request.GET.get("seen") == shown.version:
        return HttpResponse(status=204)
    return _card(request, shown)


@require_POST
@in_workspace(Act.ORDER)
def cancel(request: MemberRequest, generation_id: str) -> HttpResponse:
    generation, note = _mine(request, generation_id), "The money is back in the wallet."
    try:
        orders.cancel(generation=generation)
    except OrderError as error:
        note = str(error)
    if "HX-Request" in request.headers:
        shown = cards.show_one(_mine(request, generation_id), now=timezone.now())
        return _card(request, shown, note=note)
    messages.info(request, note)
    return redirect("clip", generation_id=generation.public_id)


@require_POST
@in_workspace(Act.ORDER)
def delete(request: MemberRequest, generation_id: str) -> HttpResponse:
    generation = _mine(request, generation_id)
    try:
        orders.delete(generation=generation)
    except OrderError as error:
        messages.error(request, str(error))
        return redirect("clip", generation_id=generation.public_id)
    messages.info(request, "The clip is deleted. What was paid for it stays in your wallet's list.")
    return redirect("library")


@require_safe
@in_workspace(Act.READ)
def first_frame(request: MemberRequest, upload_id: str) -> HttpResponse:
    """Our copy of a first frame, for the people it belongs to."""
    mine = Upload.objects.for_workspace(request.workspace)
    upload = get_object_or_404(mine, id=ids.private("upl", upload_id))
    try:
        content = storage.read(upload.name)
    except OSError:
        raise Http404 from None
    response = HttpResponse(content, content_type=upload.content_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _mine(request: MemberRequest, generation_id: str) -> Generation:
    rows = Generation.objects.for_workspace(request.workspace).whole()
    return get_object_or_404(rows, id=ids.private("gen", generation_id))


def _card(request: MemberRequest, shown: cards.Card, *, note: str = "") -> HttpResponse:
    may_order = request.membership.may(Act.ORDER)
    context = {"card": shown, "note": note, "may_order": may_order}
    return render(request, "partials/_live_card.html", context)


def _clip_context(request: MemberRequest, generation_id: str) -> dict[str, object]:
    generation = _mine(request, generation_id)
    shown = cards.show_one(generation, now=timezone.now())
    lines = story.of(generation)
    return {
        "card": shown,
        "generation": generation,
        "lines": lines,
        "version": f"{shown.version}.{len(lines)}",
        "may_order": request.membership.may(Act.ORDER),
    }
