"""The wallet, as its people see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from billing import ledger
from billing.forms import AutomaticForm, CodeForm, TopUpForm
from billing.models import Payer, TopUp
from billing.payments import gateway

PAGE = 25
LATEST_TOP_UPS = 5


@gzip_page
@require_safe
@in_workspace(Act.READ)
def wallet(request: MemberRequest) -> HttpResponse:
    """The balance and its movements, newest first; `before` is the position to go on from."""
    return page(request)


@require_safe
@never_cache
@in_workspace(Act.READ)
def balance(request: MemberRequest) -> HttpResponse:
    """What is available, as the header of every page shows it."""
    context = {"available": request.workspace.wallet.available}
    return render(request, "partials/_balance.html", context)


def page(request: MemberRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The wallet, with forms as somebody left them."""
    before = request.GET.get("before", "")
    position = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = ledger.history(workspace=request.workspace, before=position, limit=PAGE + 1)
    payer = Payer.objects.filter(workspace=request.workspace).first()
    top_ups = TopUp.objects.for_workspace(request.workspace).order_by("-created_at")
    context = {
        "balance": ledger.balance(request.workspace.wallet),
        "transfers": found[:PAGE],
        "more": found[PAGE - 1].position if len(found) > PAGE else None,
        "first_page": position is None,
        "may_pay": request.membership.may(Act.SPEND_SETTINGS),
        "owns": request.membership.may(Act.OWN),
        "payments": gateway.is_configured(),
        "payer": payer,
        "top_ups": list(top_ups[:LATEST_TOP_UPS]),
        "top_up_form": TopUpForm(),
        "automatic_form": AutomaticForm.of(payer),
        "code_form": CodeForm(),
        **forms,
    }
    return render(request, "billing/wallet.html", context, status=status)
