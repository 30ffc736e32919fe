"""What was spent, as charts with the tables behind them, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, Workspace
from billing import money
from billing.charts import columns, figures, spans
from billing.charts.spans import Span, SpanForm
from billing.statements.downloads import download
from billing.statements.files import harmless, rows

COLUMNS = ("day", "member", "key", "model", "charges", "amount", "currency")


@gzip_page
@require_safe
@in_workspace(Act.READ)
def usage(request: MemberRequest) -> HttpResponse:
    today = timezone.now().date()
    form = SpanForm(request.GET, today=today)
    if not form.is_valid():
        return _page(request, form, spans.latest(spans.USUAL_DAYS, today=today), status=422)
    return _page(request, SpanForm(form.cleaned_data, today=today), form.span)


@require_safe
@in_workspace(Act.READ)
def usage_csv(request: MemberRequest) -> HttpResponseBase:
    form = SpanForm(request.GET, today=timezone.now().date())
    if not form.is_valid():
        return usage(request)
    name = f"reelay-usage-{form.span.first}-to-{form.span.last}"
    return download(request, _file(request.workspace, form), name=name, format="csv")


def _page(request: MemberRequest, form: SpanForm, span: Span, *, status: int = 200) -> HttpResponse:
    found = figures.figures(request.workspace, span)
    context = {
        "form": form,
        "span": span,
        "presets": _presets(form.today, span),
        "figures": found,
        "chart": columns.chart(found.steps),
        "most": max(found.steps, key=lambda step: step.amount),
        "shares": [
            ("member", "By member", found.members),
            ("key", "By API key", found.keys),
            ("model", "By model", found.models),
        ],
    }
    return render(request, "billing/usage.html", context, status=status)


def _presets(today: date, span: Span) -> list[dict[str, object]]:
    known = [(spans.latest(days, today=today), name) for days, name in spans.PRESETS.items()]
    return [{"span": one, "name": name, "is_shown": one == span} for one, name in known]


def _file(workspace: Workspace, form: SpanForm) -> Iterator[str]:
    yield rows([COLUMNS])
    for one, names in figures.named(workspace, form.span):
        called = map(harmless, names)
        amount = money.usd(one.amount)
        yield rows([[one.split["day"], *called, str(one.charges), amount, "USD"]])
