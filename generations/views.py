"""The pages for clips: home, one page for each clip, and its card."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from generations import catalog, orders, stopping, storage
from generations.models import Generation, Upload
from generations.refusals import OrderError
from generations.site import cards, prices, requests, sharing, shots, story


@gzip_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    table = prices.table(at=timezone.now())
    context = {"table": table, "sizes": catalog.SIZES, "shots": shots.SHOTS}
    return render(request, "site/home.html", context)


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
    """
    The polled fragment: empty while there is nothing new, without polling when it is final. The
    Library asks for it `as` a frame of its sheet.
    """
    shown = cards.show_one(_mine(request, generation_id), now=timezone.now())
    if request.GET.get("seen") == shown.version:
        return HttpResponse(status=204)
    return _card(request, shown)


@require_POST
@in_workspace(Act.ORDER)
def cancel(request: MemberRequest, generation_id: str) -> HttpResponse:
    generation, note = _mine(request, generation_id), "The money is back in the wallet."
    stopping.stop(generation)
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
    kind = "frame" if request.GET.get("as") == "frame" else "card"
    return render(request, f"partials/_live_{kind}.html", context)


def _origins(generation: Generation) -> list[tuple[str, Generation]]:
    """What it goes back to and what came of it, as far as that was not deleted."""
    mine = Generation.objects.for_workspace(generation.workspace)
    back = [("Remix of", generation.remix_of_id), ("Retry of", generation.retry_of_id)]
    found = mine.in_bulk([key for _, key in back if key])
    origins = [(word, found[key]) for word, key in back if key in found]
    return origins + [("Tried again", one) for one in mine.filter(retry_of=generation)]


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
        "origins": _origins(generation),
        "shares": sharing.links_of(generation),
        "lives": sharing.LIVES,
        "request_body": requests.body(generation),
        "api": request.build_absolute_uri("/api/v1"),
    }
