"""Staff's pages about what prices come to: margins, drift, and bills. They change nothing."""

from __future__ import annotations

import hashlib

from django.contrib.admin import ModelAdmin
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from billing.models import Rate
from billing.pricing import bills, drift, looks, margins, months, reconciliation
from billing.pricing.forms import BillForm, MonthsForm
from billing.pricing.known import known
from billing.pricing.pages import csv, page

#: So many differences are shown; the file has them all.
MOST_SHOWN = 200
#: How long the file of differences can be fetched, in seconds.
KEPT = 3600
NAME_LENGTH = 32


def margin(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    form = _months(request)
    if not form.is_valid():
        return page(admin, request, "margin", "Margin", form=form)
    lines = margins.report(**form.cleaned_data)
    return page(
        admin, request, "margin", "Margin", form=form,
        query=request.GET.urlencode(),
        total=margins.total(lines),
        providers=looks.margins(margins.by_provider(lines), named=False),
        table=looks.margins(lines, named=True),
    )  # fmt: skip


def margin_csv(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    form = _months(request)
    if not form.is_valid():
        return page(admin, request, "margin", "Margin", form=form)
    return csv(margins.as_csv(margins.report(**form.cleaned_data)), "margin", timezone.now())


def price_drift(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    found = drift.measures(now=timezone.now())
    found.sort(key=lambda one: (not one.is_drift, -abs(one.ratio - 1)))
    drifting = sum(one.is_drift for one in found)
    return page(
        admin, request, "drift", "Price drift", table=looks.measures(found), drifting=drifting
    )


def bill(admin: ModelAdmin[Rate], request: HttpRequest) -> HttpResponse:
    """A provider's bill beside our jobs; the same file gives the same findings."""
    this_month = timezone.now().date().replace(day=1)
    initial = {"month": f"{months.moved(this_month, -1):%Y-%m}"}
    form = BillForm(request.POST or None, request.FILES or None, all_known=known(), initial=initial)
    if request.method != "POST" or not form.is_valid():
        return page(admin, request, "bill", "Check a bill", form=form)
    content = form.cleaned_data["file"].read()
    read = bills.read(content)
    if read.faults:
        faults = read.faults[:MOST_SHOWN]
        return page(admin, request, "bill", "Check a bill", form=form, faults=faults)
    return _compared(admin, request, form, content, read)


def differences_csv(admin: ModelAdmin[Rate], request: HttpRequest, name: str) -> HttpResponse:
    """The differences that this member of staff was shown within the last hour."""
    text = cache.get(_key(request, name)) if len(name) == NAME_LENGTH else None
    if text is None:
        raise Http404("These differences are no longer kept; upload the bill again.")
    return csv(text, "bill-differences", timezone.now())


def _compared(
    admin: ModelAdmin[Rate],
    request: HttpRequest,
    form: BillForm,
    content: bytes,
    read: bills.Bill,
) -> HttpResponse:
    provider, month = form.cleaned_data["provider"], form.cleaned_data["month"]
    found = reconciliation.reconcile(provider=provider, month=month, charges=read.charges)
    differing = found.differing
    name = hashlib.sha256(f"{provider}|{month}|".encode() + content).hexdigest()[:NAME_LENGTH]
    cache.set(_key(request, name), reconciliation.as_csv(differing), KEPT)
    return page(
        admin, request, "bill", f"{provider}'s bill of {month:%Y-%m}", form=form, name=name,
        sums=looks.sums(found.sums),
        table=looks.entries(differing[:MOST_SHOWN]),
        hidden=max(0, len(differing) - MOST_SHOWN),
    )  # fmt: skip


def _months(request: HttpRequest) -> MonthsForm:
    """As asked for; else this month and the two before."""
    this_month = timezone.now().date().replace(day=1)
    usual = {"first": f"{months.moved(this_month, -2):%Y-%m}", "last": f"{this_month:%Y-%m}"}
    return MonthsForm({**usual, **{name: request.GET[name] for name in usual & request.GET.keys()}})


def _key(request: HttpRequest, name: str) -> str:
    return f"billing:bill-differences:{request.user.pk}:{name}"
