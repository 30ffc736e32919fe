"""
The team of a workspace, and each of its members.

Pages of this app, as they show what everybody spends; acts that need no page of their own are in
`accounts/team/views.py`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.access import MemberRequest, in_workspace, refuse_strangers
from accounts.models import Act, Role
from accounts.team import invitations, ownership, rules, workspaces
from accounts.team.forms import InviteForm, RoleForm, WorkspaceForm
from accounts.team.rules import Refused
from accounts.team.views import member
from billing import limit_changes, members
from billing.forms import MemberLimitsForm


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Act.READ)
def team(request: MemberRequest) -> HttpResponseBase:
    """Who is in it and who is invited; a POST invites somebody."""
    if request.method != "POST":
        return _page(request)
    refuse_strangers(request, Act.MANAGE)
    form = InviteForm(request.POST, roles=rules.roles_to_give(request.membership))
    if form.is_valid():
        try:
            return _invited(request, **form.cleaned_data)
        except Refused as why:
            form.add_error("email", str(why))
    return _page(request, status=422, invite_form=form)


@require_POST
@in_workspace(Act.MANAGE)
def rename(request: MemberRequest) -> HttpResponse:
    form, by = WorkspaceForm(request.POST), audit.actor(request.user, request)
    if form.is_valid():
        try:
            workspaces.rename(me=request.membership, name=form.cleaned_data["name"], by=by)
        except Refused as why:
            form.add_error("name", str(why))
        else:
            messages.success(request, "The workspace has its new name.")
            return redirect("team")
    return _page(request, status=422, name_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Act.READ)
def team_member(request: MemberRequest, member_id: str) -> HttpResponseBase:
    """One of them, with what can be changed; a POST changes what they may spend."""
    if request.method != "POST":
        return _member_page(request, member_id)
    refuse_strangers(request, Act.SPEND_SETTINGS)
    of, form = member(request, member_id), MemberLimitsForm(request.POST)
    if not form.is_valid():
        return _member_page(request, member_id, form, status=422)
    limit_changes.change(
        request.workspace,
        subject=limit_changes.member_subject(of.user),
        wanted=form.cleaned_data,
        by=audit.actor(request.user, request),
    )
    messages.success(request, "Saved.")
    return redirect("team_member", member_id)


def _invited(request: MemberRequest, email: str, role: str) -> HttpResponse:
    by = audit.actor(request.user, request)
    invitations.invite(me=request.membership, email=email, role=role, by=by, now=timezone.now())
    messages.success(request, f"The invitation is on its way to {email}.")
    return redirect("team")


def _page(request: MemberRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    me, now = request.membership, timezone.now()
    roles = rules.roles_to_give(me)
    context = {
        "people": members.people_of(request.workspace, today=now.date()),
        "invitations": [
            {"invitation": one, "state": invitations.state_of(one, now)}
            for one in invitations.pending(request.workspace)
        ],
        "offer": ownership.open_offer(request.workspace, now),
        "invite_form": InviteForm(roles=roles, initial={"role": Role.MEMBER}),
        "name_form": WorkspaceForm(initial={"name": request.workspace.name}),
        "may_manage": me.may(Act.MANAGE),
        "may_leave": me.role != Role.OWNER,
        **forms,
    }
    return render(request, "billing/team.html", context, status=status)


def _member_page(
    request: MemberRequest,
    member_id: str,
    form: MemberLimitsForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    of, me, now = member(request, member_id), request.membership, timezone.now()
    person = members.person(of, today=now.date())
    may_change = rules.may_change(me, of)
    context = {
        "person": person,
        "is_me": of.pk == me.pk,
        "form": form or MemberLimitsForm.of(one.limit for one in person.limits),
        "role_form": RoleForm(roles=rules.roles_to_give(me), initial={"role": of.role}),
        "may_change": may_change,
        "may_limit": me.may(Act.SPEND_SETTINGS),
        "may_hand_on": me.may(Act.OWN) and of.pk != me.pk,
        "offer": ownership.open_offer(request.workspace, now),
    }
    return render(request, "billing/member.html", context, status=status)
