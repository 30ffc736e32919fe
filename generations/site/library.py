"""The Library: every clip of a workspace on a contact sheet, and what is done to many at once."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, Workspace
from generations import links, orders
from generations.api.bodies import MAX_TAG_LENGTH, MAX_TAGS
from generations.models import Generation
from generations.models.generation import GenerationQuerySet
from generations.refusals import OrderError
from generations.site import cards, sheet
from generations.site.sheet import FilterForm

PAGE = 24
MOST_AT_ONCE = 90
#: The tags that are offered are those of so many of the latest clips.
TAGS_OF = 200


@gzip_page
@require_safe
@never_cache
@in_workspace(Act.READ)
def library(request: MemberRequest) -> HttpResponse:
    """Newest first; `before` is the clip to go on from. htmx gets the sheet, or just its frames."""
    form = FilterForm(request.GET)
    mine = Generation.objects.for_workspace(request.workspace)
    rows = sheet.narrowed(mine, form).whole().order_by("-id")
    if before := ids.private("gen", request.GET.get("before")):
        rows = rows.filter(id__lt=before)
    found = list(rows[: PAGE + 1])
    context = {
        "cards": cards.show(found[:PAGE], now=timezone.now()),
        "more": found[PAGE - 1].public_id if len(found) > PAGE else "",
        "form": form,
        "tags": _tags(mine),
        "may_order": request.membership.may(Act.ORDER),
    }
    response = render(request, _template(request), context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_POST
@in_workspace(Act.ORDER)
def bulk(request: MemberRequest) -> HttpResponse:
    """What the pressed button does to every marked clip."""
    chosen = _chosen(request.workspace, request.POST.getlist("clip"))
    act = ACTS.get(request.POST.get("act", ""))
    if act is None or not chosen:
        messages.error(request, "Mark at least one clip, then say what is to be done.")
        return _back(request)
    try:
        return act(request, chosen)
    except ValidationError as refused:
        messages.error(request, refused.message)
    return _back(request)


@require_POST
@in_workspace(Act.ORDER)
def favour(request: MemberRequest, generation_id: str) -> HttpResponse:
    """The star of one clip: pressed again it is taken off."""
    rows = Generation.objects.for_workspace(request.workspace)
    generation = rows.filter(id__in=[ids.private("gen", generation_id)]).first()
    if generation is None:
        return HttpResponse(status=404)
    generation.favourite = not generation.favourite
    generation.save(update_fields=["favourite"])
    if "HX-Request" in request.headers:
        return render(request, "partials/_star.html", {"generation": generation, "may_order": True})
    return _back(request)


@require_POST
@in_workspace(Act.ORDER)
def tags(request: MemberRequest, generation_id: str) -> HttpResponse:
    """The tags of one clip, as they were typed: with commas between them."""
    rows = _chosen(request.workspace, [generation_id])
    if not rows:
        return HttpResponse(status=404)
    try:
        rows[0].tags = understood(request.POST.get("tags", ""))
        rows[0].save(update_fields=["tags"])
        messages.info(request, "The tags are saved.")
    except ValidationError as refused:
        messages.error(request, refused.message)
    return redirect("clip", generation_id=rows[0].public_id)


def understood(text: str) -> list[str]:
    """Tags from what was typed, each once. Raises ValidationError, saying which rule they break."""
    found = list(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))
    if len(found) > MAX_TAGS:
        raise ValidationError(f"A clip has at most {MAX_TAGS} tags; these are {len(found)}.")
    for tag in found:
        if len(tag) > MAX_TAG_LENGTH:
            raise ValidationError(f"A tag has at most {MAX_TAG_LENGTH} characters: “{tag[:20]}…”.")
        if "\x00" in tag:
            raise ValidationError("Remove the NUL character.")
    return found


def _add_favourites(request: MemberRequest, chosen: list[Generation]) -> HttpResponse:
    return _starred(request, chosen, favourite=True)


def _drop_favourites(request: MemberRequest, chosen: list[Generation]) -> HttpResponse:
    return _starred(request, chosen, favourite=False)


def _starred(request: MemberRequest, chosen: list[Generation], *, favourite: bool) -> HttpResponse:
    _rows(request, chosen).update(favourite=favourite)
    said = "Put {} among the favourites." if favourite else "Took {} off the favourites."
    messages.info(request, said.format(_clips(chosen)))
    return _back(request)


def _tag(request: MemberRequest, chosen: list[Generation]) -> HttpResponse:
    """All or none: a clip that would have too many tags stops it."""
    added = understood(request.POST.get("tags", ""))
    if not added:
        raise ValidationError("Say which tag, with commas between several.")
    for generation in chosen:
        generation.tags = understood(",".join([*generation.tags, *added]))
    Generation.objects.bulk_update(chosen, ["tags"])
    messages.info(request, f"Tagged {_clips(chosen)}: {', '.join(added)}.")
    return _back(request)


def _delete(request: MemberRequest, chosen: list[Generation]) -> HttpResponse:
    gone = [generation for generation in chosen if _deleted(generation)]
    if gone:
        messages.info(request, f"Deleted {_clips(gone)}. What was paid stays in the wallet’s list.")
    if kept := len(chosen) - len(gone):
        messages.error(request, f"{kept} not: what is being made cannot be deleted yet.")
    return _back(request)


def _deleted(generation: Generation) -> bool:
    try:
        orders.delete(generation=generation)
    except OrderError:
        return False
    return True


def _list(request: MemberRequest, chosen: list[Generation]) -> HttpResponse:
    """A link a line, as `wget -i` and `curl` read them; they open without a login for a while."""
    now = timezone.now()
    lines = [
        f"{links.link(generation.pk, 'clip', now=now).url}?download=1"
        for generation in chosen
        if hasattr(generation, "clip")
    ]
    if not lines:
        raise ValidationError("None of them has a file yet.")
    headers = {"Content-Disposition": 'attachment; filename="reelay-clips.txt"'}
    text = "\n".join([*lines, ""])
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


#: the value of the pressed button -> what it does
ACTS: dict[str, Callable[[MemberRequest, list[Generation]], HttpResponse]] = {
    "delete": _delete,
    "favour": _add_favourites,
    "list": _list,
    "tag": _tag,
    "unfavour": _drop_favourites,
}


def _chosen(workspace: Workspace, named: list[str]) -> list[Generation]:
    """The workspace's own of these public ids; what belongs to others is not there."""
    keys = [key for name in named[:MOST_AT_ONCE] if (key := ids.private("gen", name))]
    rows = Generation.objects.for_workspace(workspace).whole()
    return list(rows.filter(pk__in=keys).order_by("-id"))


def _rows(request: MemberRequest, chosen: list[Generation]) -> GenerationQuerySet:
    mine = Generation.objects.for_workspace(request.workspace)
    return mine.filter(pk__in=[generation.pk for generation in chosen])


def _tags(mine: GenerationQuerySet) -> list[str]:
    latest = mine.order_by("-id").values_list("tags", flat=True)[:TAGS_OF]
    return sorted({tag for found in latest for tag in found})


def _template(request: HttpRequest) -> str:
    """The whole page, also when the browser goes back to it; else the part that htmx asks for."""
    if "HX-Request" not in request.headers or "HX-History-Restore-Request" in request.headers:
        return "generations/library.html"
    whole = request.headers.get("HX-Target") == "sheet"
    return "partials/_sheet.html" if whole else "partials/_library_page.html"


def _back(request: HttpRequest) -> HttpResponse:
    """To the Library as it was narrowed."""
    form = FilterForm(request.GET)
    address = redirect("library").url
    return redirect(f"{address}?{form.query}" if form.query else address)


def _clips(chosen: list[Generation]) -> str:
    return "1 clip" if len(chosen) == 1 else f"{len(chosen)} clips"
