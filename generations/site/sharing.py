"""Links to one clip for anybody: made, taken back, and the page they lead to."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from generations import links, serving
from generations.models import Generation, Share
from generations.states import State
from generations.storage import NotStored

#: how long a link may live, in days -> how that reads
LIVES = {1: "a day", 7: "a week", 30: "30 days", 365: "a year"}
MOST_OPEN = 20


@require_POST
@in_workspace(Act.ORDER)
def share(request: MemberRequest, generation_id: str) -> HttpResponse:
    rows = Generation.objects.for_workspace(request.workspace)
    generation = get_object_or_404(rows, id=ids.private("gen", generation_id))
    if problem := _problem(generation, request.POST.get("days", "")):
        messages.error(request, problem)
    else:
        life = timedelta(days=int(request.POST["days"]))
        Share.objects.create(
            generation=generation,
            made_by=request.user,
            shows_prompt="shows_prompt" in request.POST,
            expires_at=timezone.now() + life,
        )
        messages.info(request, "The link is made. Whoever has it sees this clip, and nothing else.")
    return _back(generation)


@require_POST
@in_workspace(Act.ORDER)
def revoke(request: MemberRequest, share_id: int) -> HttpResponse:
    mine = Share.objects.for_workspace(request.workspace).select_related("generation")
    found = get_object_or_404(mine, pk=share_id)
    Share.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
    messages.info(request, "The link leads nowhere any more.")
    return _back(found.generation)


@gzip_page
@require_safe
@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The page anybody sees: the clip and, where its owner allowed it, the prompt."""
    found = find(token)
    if found.state(timezone.now()) != "open":
        return closed(request, found)
    if request.method == "GET":
        found.count()
    context = {
        "share": found,
        "generation": found.generation,
        "clip": found.generation.clip,
        "address": request.build_absolute_uri(request.path),
    }
    response = render(request, "generations/share.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def shared_file(request: HttpRequest, token: str, kind: str) -> HttpResponseBase:
    """The clip or its poster, for as long as the link is open."""
    found = find(token)
    may = kind in links.KINDS and found.state(timezone.now()) == "open"
    stored = may and serving.find(found.generation.clip, kind)
    if not stored:
        raise Http404
    try:
        return serving.served(request, stored)
    except NotStored:
        return render(request, "503.html", status=503)


def links_of(generation: Generation) -> list[tuple[Share, str]]:
    """Each with its state: open, revoked or expired; newest first."""
    now = timezone.now()
    return [(one, one.state(now)) for one in generation.shares.all()]


def _problem(generation: Generation, days: str) -> str:
    """Why no link can be made; "" when one can."""
    if generation.state != State.SUCCEEDED:
        return "Only a finished clip can be shared."
    if days not in {str(life) for life in LIVES}:
        return "Say how long the link is to live."
    if generation.shares.open(at=timezone.now()).count() >= MOST_OPEN:
        return f"A clip has at most {MOST_OPEN} open links. Take one back first."
    return ""


def closed(request: HttpRequest, found: Share) -> HttpResponse:
    return render(request, "generations/share_closed.html", {"share": found}, status=410)


def find(token: str) -> Share:
    """What was deleted is gone for the link, too. Raises Http404."""
    rows = Share.objects.select_related("generation__clip")
    return get_object_or_404(
        rows, token=token, generation__deleted_at=None, generation__clip__isnull=False
    )


def _back(generation: Generation) -> HttpResponse:
    return redirect(f"{redirect('clip', generation_id=generation.public_id).url}#share")
