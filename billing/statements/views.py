"""Statements by month and the whole ledger, for those who look after the money."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, Membership, Workspace
from billing.statements import files, periods
from billing.statements.downloads import download, headers
from billing.statements.forms import ExportForm
from billing.statements.periods import Book
from billing.statements.sheet import number, sheet

LEDGERS = {"csv": files.ledger_csv, "jsonl": files.ledger_json_lines}


@require_safe
@in_workspace(Act.READ)
def statements(request: MemberRequest) -> HttpResponse:
    """The months of the workspace one is in, newest first, and the form for an export."""
    _only_for_those_who_may_see_money(request.membership)
    form = ExportForm(workspace=request.workspace, today=timezone.now().date())
    return _page(request, request.workspace, form)


@require_safe
@in_workspace(Act.READ)
def statement_csv(request: MemberRequest, workspace: str, month: str) -> HttpResponseBase:
    book = _book(request, workspace, month)
    return download(request, files.statement_csv(book), name=_name(book), format="csv")


@require_safe
@in_workspace(Act.READ)
def statement_pdf(request: MemberRequest, workspace: str, month: str) -> HttpResponse:
    from billing.statements import pdf  # 50 MB and a second that most processes never need

    book = _book(request, workspace, month)
    content = pdf.drawn(sheet(book, now=timezone.now(), address=_address(book.workspace)))
    name = f"{_name(book)}.pdf"
    return HttpResponse(content, content_type="application/pdf", headers=headers(name))


@require_safe
@in_workspace(Act.READ)
def ledger_export(request: MemberRequest, workspace: str) -> HttpResponseBase:
    """Every transfer from `first` to `last` (both included) as `format`; by default all, as CSV."""
    place = _workspace(request, workspace)
    form = ExportForm(request.GET, workspace=place, today=timezone.now().date())
    if not form.is_valid():
        return _page(request, place, form, status=400)
    first, last, format = (form.cleaned_data[name] for name in ("first", "last", "format"))
    book = periods.book(workspace=place, start=first, end=last + timedelta(days=1))
    name = f"reelay-ledger-{first}-to-{last}"
    return download(request, LEDGERS[format](book), name=name, format=format)


def _page(
    request: MemberRequest, workspace: Workspace, form: ExportForm, status: int = 200
) -> HttpResponse:
    months = periods.months_of(workspace, timezone.now())
    days = [*reversed(months), periods.month_after(months[0])]
    found = periods.books(workspace=workspace, days=days)
    context = {"books": found[::-1], "form": form, "of": workspace, "now": timezone.now()}
    return render(request, "billing/statements/statements.html", context, status=status)


def _book(request: MemberRequest, workspace: str, month: str) -> Book:
    place = _workspace(request, workspace)
    start = _month(place, month)
    return periods.book(workspace=place, start=start, end=periods.month_after(start))


def _workspace(request: MemberRequest, workspace: str) -> Workspace:
    """The workspace in the address; one that is not theirs does not exist for them."""
    places = Membership.objects.filter(user=request.user).select_related("workspace")
    place = places.filter(workspace=ids.private("wks", workspace)).first()
    if place is None:
        raise Http404
    _only_for_those_who_may_see_money(place)
    return place.workspace


def _only_for_those_who_may_see_money(place: Membership) -> None:
    """Asked here and not by `in_workspace`, which shuts suspended workspaces out of their books."""
    if not place.may(Act.SPEND_SETTINGS):
        raise PermissionDenied(
            f"Your role in “{place.workspace}” is {place.role}: it does not include statements. "
            "Ask an owner or admin of the workspace."
        )


def _month(workspace: Workspace, month: str) -> date:
    """A month of the workspace's life that has begun."""
    start = periods.month_named(month)
    if start is None or start not in periods.months_of(workspace, timezone.now()):
        raise Http404
    return start


def _address(workspace: Workspace) -> list[str]:
    """The lines of the customer's billing address, once workspaces have one."""
    return str(getattr(workspace, "billing_address", "")).splitlines()


def _name(book: Book) -> str:
    return f"reelay-statement-{number(book)}"
