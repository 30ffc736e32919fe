"""Staff's pages about prices: show them, and change them in two steps."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from billing import money
from billing.models import Rate
from billing.pricing import entry, exports, looks
from billing.pricing import rows as prices
from billing.pricing.differences import Kind
from billing.pricing.entry import NotEntered, Preview
from billing.pricing.forms import ImportForm, ScheduleForm
from billing.pricing.known import known
from billing.pricing.overview import overview
from billing.pricing.rows import Reading

#: So many differences are shown; what is wrong comes first.
MOST_SHOWN = 300


def in_force(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    may_change = admin.has_add_permission(request)
    items = overview(at=timezone.now())
    tables = [(item, looks.item(item, may_change=may_change)) for item in items]
    unsold = [item.sku for item in items if not item.is_sold]
    return page(
        admin, request, "in_force", "Prices in force", items=tables, unsold=unsold,
        now=timezone.now(),
    )  # fmt: skip


def table_csv(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    """What is in force, or with `?what=all` every version there ever was."""
    now = timezone.now()
    if request.GET.get("what") == "all":
        rates = Rate.objects.order_by("provider", "sku", "valid_from", "id")
        return csv(exports.every_version(rates.iterator()), "prices-all-versions", now)
    return csv(exports.in_force(at=now), "prices-in-force", now)


def upload(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    """A file is shown as what it would change; nothing is entered here."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return page(admin, request, "form", "Import prices", form=form, button="Preview")
    now, file = timezone.now(), form.cleaned_data["file"]
    reading = prices.read(file.read(), known=known(), now=now)
    complete = form.cleaned_data["complete"]
    source = f"imported from {file.name}"
    found = entry.preview(reading, source=source, now=now, complete=complete)
    return _preview_page(admin, request, found)


def schedule(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    """One price, from now or later on; shown first as what it would change."""
    form = ScheduleForm(request.POST or None, all_known=known(), initial=_as_it_is(request))
    if request.method != "POST" or not form.is_valid():
        return page(admin, request, "form", "Change a price", form=form, button="Preview")
    reading = Reading(rows=[form.row()])
    source = f"entered by {request.user}"
    found = entry.preview(reading, source=source, now=timezone.now())
    return _preview_page(admin, request, found)


def confirm(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    """What was previewed is entered, or previewed again if that is no longer what it was."""
    try:
        proposal = entry.opened(request.POST.get("proposal", ""), by=_who(request))
        rates = entry.enter(proposal, ticked=set(request.POST), now=timezone.now())
    except BadSignature:
        messages.error(request, "This preview is too old or not yours; upload the file again.")
        return redirect("admin:billing_rate_prices_import")
    except NotEntered as error:
        messages.warning(request, str(error))
        return _preview_page(admin, request, error.preview)
    _write_down(request, rates, proposal.source)
    messages.success(request, f"{_counted(len(rates))} entered.")
    return redirect("admin:billing_rate_prices")


def page(
    admin: ModelAdmin[Rate], request: HttpRequest, template: str, title: str, **context: object
) -> HttpResponse:
    """One of our templates inside the admin's frame."""
    frame = admin.admin_site.each_context(request) | {
        "title": title,
        "opts": admin.model._meta,
        "may_change": admin.has_add_permission(request),
        "here": request.path,
    }
    return render(request, f"admin/billing/pricing/{template}.html", frame | context)


def csv(text: str, name: str, at: datetime) -> HttpResponse:
    """A file to keep, with a mark that makes spreadsheets read it as UTF-8."""
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{at:%Y%m%d-%H%M}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _preview_page(admin: ModelAdmin[Rate], request: HttpRequest, found: Preview) -> HttpResponse:
    shown = sorted(found.differences, key=lambda one: _weight(one.kind))[:MOST_SHOWN]
    counts = [(kind.label, sum(one.kind == kind for one in found.differences)) for kind in Kind]
    return page(
        admin, request, "preview", "Preview: nothing is entered yet",
        preview=found,
        counts=[(text, count) for text, count in counts if count],
        table=looks.preview(shown),
        hidden=len(found.differences) - len(shown),
        proposal=entry.signed(found.proposal, by=_who(request)) if found.can_be_entered else "",
        confirm=reverse("admin:billing_rate_prices_confirm"),
    )  # fmt: skip


def _weight(kind: Kind) -> int:
    """What is wrong first, what stays last, else as in the file."""
    return {Kind.UNREADABLE: 0, Kind.REFUSED: 0, Kind.UNCHANGED: 2}.get(kind, 1)


def _as_it_is(request: HttpRequest) -> dict[str, object]:
    """The form begins with the rate in force of `?provider=…&sku=…`."""
    named = {name: request.GET.get(name, "")[:80] for name in ["provider", "sku"]}
    if any("\x00" in text for text in named.values()):
        return {}
    rate = Rate.objects.filter(**named).current(timezone.now()).first()
    if rate is None:
        return {**named}
    fixed = money.usd(rate.fixed_price) if rate.fixed_price else ""
    rule = {"fixed_price": fixed} if fixed else {"markup": f"{rate.markup.normalize():f}"}
    return {**named, "cost": money.usd(rate.cost), **rule}


def _write_down(request: HttpRequest, rates: list[Rate], source: str) -> None:
    LogEntry.objects.log_actions(
        _who(request),
        rates,
        ADDITION,
        change_message=f"Price {source}.",
    )


def _counted(count: int) -> str:
    return "1 price" if count == 1 else f"{count} prices"


def _who(request: HttpRequest) -> str:
    return str(request.user.pk)
