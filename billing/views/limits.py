"""Spend limits: who may spend how much."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, APIKey, Membership, Workspace
from billing import limit_changes
from billing import limits as domain
from billing.forms import LimitForm, named
from billing.models import SpendLimit


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Act.READ)
def limits(request: MemberRequest) -> HttpResponseBase:
    return _change(request) if request.method == "POST" else _page(request)


@in_workspace(Act.SPEND_SETTINGS)
def _change(request: MemberRequest) -> HttpResponse:
    form = LimitForm(request.POST, subjects=subjects(request.workspace))
    if not form.is_valid():
        return _page(request, form, status=422)
    given, by = form.cleaned_data, audit.actor(request.user, request)
    wanted = {given["window"]: given["amount"]}
    limit_changes.change(request.workspace, subject=given["subject"], wanted=wanted, by=by)
    messages.success(request, "Saved.")
    return redirect("limits")


def subjects(workspace: Workspace) -> list[tuple[str, str]]:
    """Everybody who can have a limit, and how we call them."""
    members = Membership.objects.for_workspace(workspace).select_related("user")
    keys = APIKey.objects.for_workspace(workspace).filter(revoked_at=None).order_by("name")
    return [
        ("workspace", "The whole workspace"),
        *[(f"member:{one.user.public_id}", one.user.email) for one in members],
        *[(f"key:{key.public_id}", f"API key “{key.name}”") for key in keys],
    ]


def _page(
    request: MemberRequest, form: LimitForm | None = None, *, status: int = 200
) -> HttpResponse:
    known = subjects(request.workspace)
    rows = SpendLimit.objects.filter(workspace=request.workspace).order_by("subject", "window")
    context = {
        "form": form or LimitForm(subjects=known),
        "limits": [
            {
                "who": named(row, known),
                "limit": row,
                "spent": domain.spent(row),
                "left": domain.left(row),
                "resets_at": domain.resets_at(row.window, domain.today()),
            }
            for row in rows
        ],
        "may_change": request.membership.may(Act.SPEND_SETTINGS),
    }
    return render(request, "billing/limits.html", context, status=status)
