"""The pages for clips: home, Studio, Library, and one page for each clip."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts import ids
from accounts.models import Act
from accounts.views import MemberRequest, in_workspace
from billing import ledger, money
from generations import catalog, orders, storage
from generations.forms import OrderForm, PriceForm, spec_of
from generations.models import Generation, Upload
from generations.orders import Customer, OrderError
from generations.site import cards, offers, ordering, prices, story
from generations.site.ordering import Placed, Wish

REEL = 8
PAGE = 24
#: a first frame and the rest of the form; more is not even read
MAX_BODY = 28 << 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {"table": prices.table(at=timezone.now()), "sizes": catalog.SIZES}
    return render(request, "site/home.html", context)


@csrf_exempt  # asked for one step later: the check would read the whole body first
@never_cache
def studio(request: HttpRequest) -> HttpResponse:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return render(request, "413.html", status=413)
    return _studio(request)


@require_safe
@never_cache
@in_workspace(Act.READ)
def studio_price(request: MemberRequest) -> HttpResponse:
    """The button with its price, for the form as it stands now."""
    form = PriceForm(request.GET, workspace=request.workspace)
    return render(request, "partials/_offer.html", {"offer": _offer_for(request, form)})


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
    generation, note = _mine(request, generation_id), "Canceled. The money is back in the wallet."
    try:
        generation = orders.cancel(generation=generation)
    except OrderError as error:
        note = str(error)
    if "HX-Request" in request.headers:
        return _card(request, cards.show_one(generation, now=timezone.now()), note=note)
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
def library(request: MemberRequest) -> HttpResponse:
    """Newest first; `before` is the clip to go on from, and asks for a fragment under htmx."""
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
    response["Vary"] = "HX-Request, Cookie"
    return response


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
    return render(request, "partials/_clip.html", context)


@require_safe
@in_workspace(Act.READ)
def first_frame(request: MemberRequest, upload_id: str) -> HttpResponse:
    """Our copy of a first frame, for the people it belongs to."""
    mine = Upload.objects.for_workspace(request.workspace)
    upload = get_object_or_404(mine, id=ids.private("upl", upload_id))
    response = HttpResponse(storage.read(upload.name), content_type=upload.content_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@csrf_protect
@in_workspace(Act.READ)
def _studio(request: MemberRequest) -> HttpResponse:
    if request.method == "POST":
        return _order(request)
    return _studio_page(request, OrderForm(workspace=request.workspace))


@in_workspace(Act.ORDER)
def _order(request: MemberRequest) -> HttpResponse:
    form = OrderForm(request.POST, request.FILES, workspace=request.workspace)
    if not form.is_valid() or form.spec is None:
        return _studio_page(request, form, status=422)
    try:
        placed = ordering.place_once(
            customer=Customer(workspace=request.workspace, user=request.user),
            wish=_wish(form),
            now=timezone.now(),
        )
    except ledger.InsufficientFunds as short:
        form.add_error(None, _too_little(short))
    except OrderError as error:
        form.add_error(None, str(error))
    else:
        return _placed(request, form, placed)
    return _studio_page(request, form, status=422)


def _wish(form: OrderForm) -> Wish:
    given = form.cleaned_data
    assert form.spec is not None  # noqa: S101  (a valid form has one)
    return Wish(
        spec=form.spec,
        count=given["count"],
        order_key=given["order_key"],
        agreed=given["agreed"],
        frame=form.frame,
    )


def _too_little(short: ledger.InsufficientFunds) -> str:
    if short.debt:
        return f"Your wallet owes ${money.usd(short.debt)}. Orders are open again when it is paid."
    return (
        f"This takes ${money.usd(short.needed)} and your wallet has ${money.usd(short.available)}. "
        "Nothing was ordered."
    )


def _placed(request: MemberRequest, form: OrderForm, placed: Placed) -> HttpResponse:
    """With htmx the form stays and new cards appear; without, on to the clip."""
    if "HX-Request" in request.headers and placed.fresh:
        return _ordered(request, form, placed.generations)
    ordered = placed.generations
    one = len(ordered) == 1 and not ordered[0].deleted_at
    place = redirect("clip", generation_id=ordered[0].public_id) if one else redirect("studio")
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": place["Location"]})
    return place


def _ordered(request: MemberRequest, form: OrderForm, ordered: list[Generation]) -> HttpResponse:
    again = OrderForm(initial=_typed(form), workspace=request.workspace)
    again.frame = form.frame
    fresh = Generation.objects.filter(pk__in=[g.pk for g in ordered]).whole().order_by("-id")
    context = _form_context(request, again) | {
        "cards": cards.show(list(fresh), now=timezone.now()),
        "ordered": ordered,
        "held": sum(generation.quoted for generation in ordered),
    }
    return render(request, "partials/_ordered.html", context)


def _typed(form: OrderForm) -> dict[str, object]:
    """What a next order most likely has in common with this one."""
    kept = ("prompt model resolution duration count prompt_optimizer policy provider").split()
    return {name: form.cleaned_data[name] for name in kept}


def _studio_page(request: MemberRequest, form: OrderForm, *, status: int = 200) -> HttpResponse:
    context = _form_context(request, form)
    if "HX-Request" in request.headers:
        return render(request, "partials/_order_form.html", context, status=status)
    latest = Generation.objects.for_workspace(request.workspace).whole().order_by("-id")[:REEL]
    context["cards"] = cards.show(list(latest), now=timezone.now())
    return render(request, "generations/studio.html", context, status=status)


def _form_context(request: MemberRequest, form: OrderForm) -> dict[str, object]:
    return {
        "form": form,
        "offer": _offer_for(request, form),
        "may_order": request.membership.may(Act.ORDER),
        "directives": catalog.CAMERA_DIRECTIVES,
        "models": list(catalog.MODELS.values()),
        "sizes": [f"{resolution}/{duration}" for resolution, duration in catalog.SIZES],
        "prompt_length": catalog.PROMPT_LENGTH,
    }


def _offer_for(request: MemberRequest, form: OrderForm) -> offers.Offer:
    """For what was chosen, or for the defaults where nothing was yet."""
    available = ledger.balance(request.workspace.wallet).available
    given = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    if form.is_bound:
        form.full_clean() if not hasattr(form, "cleaned_data") else None
        given |= form.cleaned_data
    spec = form.spec or spec_of(given, has_image=form.frame is not None)
    count = int(given["count"])
    if isinstance(form, PriceForm) and form.spec is None:
        problem = " ".join(form.non_field_errors()) or "Choose one of the sizes on offer."
        return offers.Offer(count, available, problem=problem)
    return offers.make(spec=spec, count=count, available=available, now=timezone.now())


def _mine(request: MemberRequest, generation_id: str) -> Generation:
    rows = Generation.objects.for_workspace(request.workspace).whole()
    return get_object_or_404(rows, id=ids.private("gen", generation_id))


def _card(request: MemberRequest, shown: cards.Card, *, note: str = "") -> HttpResponse:
    may_order = request.membership.may(Act.ORDER)
    context = {"card": shown, "note": note, "may_order": may_order}
    return render(request, "partials/_card.html", context)


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
