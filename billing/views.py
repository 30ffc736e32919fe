"""The wallet, as its people see it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from billing import ledger

PAGE = 25


@gzip_page
@require_safe
@in_workspace(Act.READ)
def wallet(request: MemberRequest) -> HttpResponse:
    """The balance and its movements, newest first; `before` is the position to go on from."""
    before = request.GET.get("before", "")
    position = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = ledger.history(workspace=request.workspace, before=position, limit=PAGE + 1)
    context = {
        "balance": ledger.balance(request.workspace.wallet),
        "transfers": found[:PAGE],
        "more": found[PAGE - 1].position if len(found) > PAGE else None,
        "first_page": position is None,
    }
    return render(request, "billing/wallet.html", context)
