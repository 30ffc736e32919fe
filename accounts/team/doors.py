"""How one comes into a workspace: by an invitation, or by opening one; and which ones one is in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import audit, people
from accounts.access import enter
from accounts.models import Invitation, User, Workspace
from accounts.team import invitations
from accounts.team.forms import WorkspaceForm
from accounts.team.invitations import CLOSED
from accounts.team.rules import Refused
from accounts.team.workspaces import open_another


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the letter leads: who invites to what, and the button that accepts."""
    found = invitations.find(token)
    if found is None:
        return _closed(request, "This link leads to no invitation.", status=404)
    state = invitations.state_of(found, timezone.now())
    if state == "accepted" and _is_in(request, found.workspace):
        return _entered(request, found.workspace)
    if state != "open":
        return _closed(request, CLOSED[state], status=410)
    if request.method == "POST" and isinstance(request.user, User):
        return _accepted(request, request.user, found)
    return _page(request, found)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def workspaces(request: HttpRequest) -> HttpResponse:
    """Those one is in, and a form to open another; also for who is in none."""
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _entered(request, _opened(request, form.cleaned_data["name"]))
        except Refused as why:
            form.add_error("name", str(why))
    context = {"form": form, "places": people.places_of(_user(request))}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/workspaces.html", context, status=status)


def _accepted(request: HttpRequest, user: User, found: Invitation) -> HttpResponse:
    by = audit.actor(user, request)
    try:
        place = invitations.accept(invitation=found, user=user, by=by, now=timezone.now())
    except Refused as why:
        if _is_in(request, found.workspace):  # the other half of a double click
            return _entered(request, found.workspace)
        messages.error(request, str(why))
        return redirect(request.path)
    return _entered(request, place.workspace)


def _page(request: HttpRequest, found: Invitation) -> HttpResponse:
    user = request.user
    context = {
        "invitation": found,
        "is_mine": isinstance(user, User) and invitations.is_for(found, user),
    }
    return _private(render(request, "accounts/invitation.html", context))


def _closed(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    context = {"why": why}
    return _private(render(request, "accounts/invitation_closed.html", context, status=status))


def _entered(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    enter(request, _user(request), workspace)
    messages.success(request, f"You are in “{workspace.name}” now.")
    return redirect("studio")


def _opened(request: HttpRequest, name: str) -> Workspace:
    user = _user(request)
    return open_another(owner=user, name=name, by=audit.actor(user, request))


def _is_in(request: HttpRequest, workspace: Workspace) -> bool:
    user = request.user
    return isinstance(user, User) and Workspace.objects.for_user(user).contains(workspace)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required let nobody else in)
    return request.user


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds the token: no machine shall keep it."""
    response["X-Robots-Tag"] = "noindex"
    return response
