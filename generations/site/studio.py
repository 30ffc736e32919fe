"""The Studio: the order form, its price while it is filled in, and the order itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from billing import ledger, money
from billing.limits import LimitReached
from generations import catalog, connect
from generations.forms import OrderForm, PriceForm
from generations.models import Generation
from generations.orders import Customer, Extras
from generations.refusals import OrderError
from generations.site import cards, makers, offers, ordering, shots
from generations.site.ordering import Placed, Wish

#: how many of the latest clips stand beside the form
REEL = 8
#: and how many prompts are offered where there is none yet
TRIES = 3
#: a first frame and the rest of the form; of more nothing is read
MAX_BODY = 28 << 20
#: what a next order most likely has in common with the last
KEPT = "prompt model resolution duration count prompt_optimizer policy provider image_url".split()
#: what a new clip takes over from the one it goes back to
TAKEN = "prompt model resolution duration prompt_optimizer policy".split()


@gzip_page
@csrf_exempt  # asked for one step later: the check would read the whole body first
@never_cache
def studio(request: HttpRequest) -> HttpResponseBase:
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > MAX_BODY:
        return render(request, "413.html", status=413)
    return _studio(request)


@require_safe
@never_cache
@in_workspace(Act.READ)
def price(request: MemberRequest) -> HttpResponse:
    """The button with its price, for the form as it stands now."""
    form = PriceForm(request.GET, workspace=request.workspace)
    context = {"offer": _offer(request, form), "makers": makers.of(form, now=timezone.now())}
    return render(request, "partials/_price.html", context)


@require_safe
@never_cache
@in_workspace(Act.READ)
def reel(request: MemberRequest) -> HttpResponse:
    """The cards of what was ordered `after` the newest card of a page: in another tab, say."""
    rows = Generation.objects.for_workspace(request.workspace).whole().order_by("-id")
    if after := ids.private("gen", request.GET.get("after")):
        rows = rows.filter(id__gt=after)
    context = {
        "cards": cards.show(list(rows[:REEL]), now=timezone.now()),
        "may_order": request.membership.may(Act.ORDER),
    }
    return render(request, "partials/_reel.html", context)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Act.READ)
def _studio(request: MemberRequest) -> HttpResponseBase:
    if request.method == "POST":
        return _order(request)
    return _page(request, _opened(request))


def _opened(request: MemberRequest) -> OrderForm:
    """A form to begin with: empty, with a prompt, or filled in from an earlier clip."""
    mine = Generation.objects.for_workspace(request.workspace).whole()
    for name in ("remix", "retry"):
        if before := mine.filter(id__in=[ids.private("gen", request.GET.get(name))]).first():
            return _from(before, name)
    prompt = request.GET.get("prompt", "")[: catalog.PROMPT_LENGTH].replace("\x00", "")
    return OrderForm(initial={"prompt": prompt} if prompt else None, workspace=request.workspace)


def _from(before: Generation, name: str) -> OrderForm:
    address = "" if before.first_frame else before.image_url
    given = {field: getattr(before, field) for field in TAKEN}
    named = before.provider_requested
    given |= {
        "provider": named if named in connect.names() else "auto",
        "image_url": address,
        name: before.public_id,
    }
    form = OrderForm(initial=given, workspace=before.workspace)
    form.frame, form.address = before.first_frame, address
    return form


@in_workspace(Act.ORDER)
def _order(request: MemberRequest) -> HttpResponse:
    form = OrderForm(request.POST, request.FILES, workspace=request.workspace)
    if not form.is_valid() or form.spec is None:
        return _page(request, form, status=422)
    given = form.cleaned_data
    extras = Extras(
        first_frame=form.frame,
        image_url=form.address,
        remix_of=form.before("remix"),
        retry_of=form.before("retry"),
    )
    wish = Wish(form.spec, given["count"], given["order_key"], given["agreed"], extras)
    customer = Customer(workspace=request.workspace, user=request.user)
    try:
        placed = ordering.place_once(customer=customer, wish=wish, now=timezone.now())
    except ledger.InsufficientFunds as short:
        form.add_error(None, _too_little(short))
    except (OrderError, LimitReached) as error:
        form.add_error(None, str(error))
    else:
        return _answer(request, form, placed)
    return _page(request, form, status=422)


def _answer(request: MemberRequest, form: OrderForm, placed: Placed) -> HttpResponse:
    """With htmx the form stays and new cards appear; without, on to the clip."""
    ordered, with_htmx = placed.generations, "HX-Request" in request.headers
    if with_htmx and placed.fresh:
        return _ordered(request, form, ordered)
    one = len(ordered) == 1 and not ordered[0].deleted_at
    place = redirect("clip", generation_id=ordered[0].public_id) if one else redirect("studio")
    if with_htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": place.url})
    return place


def _ordered(request: MemberRequest, form: OrderForm, ordered: list[Generation]) -> HttpResponse:
    again = OrderForm(
        initial={name: form.cleaned_data[name] for name in KEPT}, workspace=request.workspace
    )
    again.frame, again.address = form.frame, form.address
    fresh = Generation.objects.filter(pk__in=[g.pk for g in ordered]).whole().order_by("-id")
    context = _context(request, again) | {
        "cards": cards.show(list(fresh), now=timezone.now()),
        "ordered": ordered,
        "held": sum(generation.quoted for generation in ordered),
    }
    return render(request, "partials/_ordered.html", context)


def _page(request: MemberRequest, form: OrderForm, *, status: int = 200) -> HttpResponse:
    context = _context(request, form)
    if "HX-Request" in request.headers:
        return render(request, "partials/_order_form.html", context, status=status)
    latest = Generation.objects.for_workspace(request.workspace).whole().order_by("-id")[:REEL]
    context["cards"] = cards.show(list(latest), now=timezone.now())
    context["shots"] = shots.SHOTS[:TRIES]
    return render(request, "generations/studio.html", context, status=status)


def _context(request: MemberRequest, form: OrderForm) -> dict[str, object]:
    return {
        "form": form,
        "offer": _offer(request, form),
        "makers": makers.of(form, now=timezone.now()),
        "may_order": request.membership.may(Act.ORDER),
        "directives": [
            (name, name.lower().replace(" ", "-")) for name in catalog.CAMERA_DIRECTIVES
        ],
        "models": list(catalog.MODELS.values()),
        "sizes": [f"{resolution}/{duration}" for resolution, duration in catalog.SIZES],
        "prompt_length": catalog.PROMPT_LENGTH,
        "untouched": request.method != "POST" and not form.initial,
        "api": request.build_absolute_uri("/api/v1"),
    }


def _offer(request: MemberRequest, form: OrderForm) -> offers.Offer:
    available = ledger.balance(request.workspace.wallet).available
    return offers.of(form, available=available, now=timezone.now())


def _too_little(short: ledger.InsufficientFunds) -> str:
    if short.debt:
        return f"Your wallet owes ${money.usd(short.debt)}. Orders are open again when it is paid."
    return (
        f"This takes ${money.usd(short.needed)} and your wallet has ${money.usd(short.available)}. "
        "Nothing was ordered."
    )
