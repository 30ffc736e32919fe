"""Acts on the team one is in: each makes one call, says what came of it, and leads back."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import audit, ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, Invitation, Membership
from accounts.team import invitations, members, ownership
from accounts.team.forms import RoleForm
from accounts.team.rules import Refused, roles_to_give


@require_POST
@in_workspace(Act.MANAGE)
def change_role(request: MemberRequest, member_id: str) -> HttpResponse:
    response: HttpResponse = _role_changed(request, member(request, member_id))
    return response


@reauthentication_required  # type: ignore[untyped-decorator]
def _role_changed(request: MemberRequest, of: Membership) -> HttpResponse:
    me, by = request.membership, audit.actor(request.user, request)
    form = RoleForm(request.POST, roles=roles_to_give(me))
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect("team_member", of.user.public_id)
    role = form.cleaned_data["role"]
    attempt(
        request,
        lambda: members.change_role(me=me, of=of, role=role, by=by),
        f"{of.user.email} has the role {role} now.",
    )
    return redirect("team")


@require_POST
@in_workspace(Act.MANAGE)
def remove_member(request: MemberRequest, member_id: str) -> HttpResponse:
    of, me, by = member(request, member_id), request.membership, audit.actor(request.user, request)
    attempt(
        request,
        lambda: members.remove(me=me, of=of, by=by, now=timezone.now()),
        f"{of.user.email} is not in the workspace any more, and their keys open nothing.",
    )
    return redirect("team")


@require_POST
@in_workspace(Act.READ)
def leave(request: MemberRequest) -> HttpResponse:
    """Also out of a workspace that is suspended."""
    me, by = request.membership, audit.actor(request.user, request)
    is_out = attempt(
        request,
        lambda: members.leave(me=me, by=by, now=timezone.now()),
        f"You have left “{request.workspace.name}”.",
    )
    return redirect("workspaces" if is_out else "team")


@require_POST
@in_workspace(Act.OWN)
def offer(request: MemberRequest, member_id: str) -> HttpResponse:
    response: HttpResponse = _offered(request, member(request, member_id))
    return response


@reauthentication_required  # type: ignore[untyped-decorator]
def _offered(request: MemberRequest, to: Membership) -> HttpResponse:
    me, by = request.membership, audit.actor(request.user, request)
    attempt(
        request,
        lambda: ownership.offer(me=me, to=to, by=by, now=timezone.now()),
        f"{to.user.email} is asked. You stay the owner until they accept.",
    )
    return redirect("team")


#: What somebody does with an offer, and what they are told then.
ANSWERS = {
    "accept": (ownership.accept, "You own this workspace now."),
    "decline": (ownership.decline, "The workspace stays with its owner."),
    "take-back": (ownership.take_back, "You keep the workspace."),
}


@require_POST
@in_workspace(Act.READ)
def answer_offer(request: MemberRequest, answer: str) -> HttpResponse:
    if answer not in ANSWERS:
        raise Http404
    act, said = ANSWERS[answer]
    me, by = request.membership, audit.actor(request.user, request)
    attempt(request, lambda: act(me=me, by=by, now=timezone.now()), said)
    return redirect("team")


@require_POST
@in_workspace(Act.MANAGE)
def send_again(request: MemberRequest, invitation_id: str) -> HttpResponse:
    one, me = _invitation(request, invitation_id), request.membership
    by, now = audit.actor(request.user, request), timezone.now()
    attempt(
        request,
        lambda: invitations.send_again(me=me, invitation=one, by=by, now=now),
        f"Another letter is on its way to {one.email}. The link in the one before opens nothing.",
    )
    return redirect("team")


@require_POST
@in_workspace(Act.MANAGE)
def withdraw(request: MemberRequest, invitation_id: str) -> HttpResponse:
    one, me = _invitation(request, invitation_id), request.membership
    by, now = audit.actor(request.user, request), timezone.now()
    attempt(
        request,
        lambda: invitations.withdraw(me=me, invitation=one, by=by, now=now),
        f"The invitation of {one.email} is withdrawn.",
    )
    return redirect("team")


def member(request: MemberRequest, member_id: str) -> Membership:
    """Somebody of this workspace; nobody else exists here."""
    rows = Membership.objects.for_workspace(request.workspace).select_related("user", "workspace")
    found = rows.filter(user=ids.private("usr", member_id)).first()
    if found is None:
        raise Http404
    return found


def attempt(request: MemberRequest, act: Callable[[], None], said: str) -> bool:
    """Did it work? The next page says what came of it."""
    try:
        act()
    except Refused as why:
        messages.error(request, str(why))
        return False
    messages.success(request, said)
    return True


def _invitation(request: MemberRequest, invitation_id: str) -> Invitation:
    rows = Invitation.objects.for_workspace(request.workspace).select_related("workspace")
    id = ids.private("inv", invitation_id)
    found = rows.filter(pk=id).first() if id else None
    if found is None:
        raise Http404
    return found
