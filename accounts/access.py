"""Who may see a page of the site, and what the others are told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts import suspension
from accounts.middleware import SESSION_KEY
from accounts.models import Act, Membership, User, Workspace

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of somebody who has a place in a workspace."""

    user: User
    membership: Membership
    workspace: Workspace


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def signed_in(view: MemberView[P]) -> View[P]:
    """For everybody who has signed in, whether they have a place in a workspace or not."""

    @wraps(view)
    def guarded(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def in_workspace(act: str) -> Callable[[MemberView[P]], View[P]]:
    """Only for people who may do this in the workspace they are in; others learn why not."""

    def decorate(view: MemberView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            refuse_strangers(request, act)
            return view(request, *args, **kwargs)

        return signed_in(guarded)  # type: ignore[arg-type]

    return decorate


def enter(request: HttpRequest, user: User, workspace: Workspace) -> None:
    """They look at this workspace from now on, also when they log in the next time."""
    request.session[SESSION_KEY] = str(workspace.pk)
    Membership.objects.for_workspace(workspace).filter(user=user).update(seen_at=Now())


def refuse_strangers(request: MemberRequest, act: str) -> None:
    """Raises PermissionDenied, saying why they may not."""
    if not request.membership:
        raise PermissionDenied("You are in no workspace. Ask somebody to invite you.")
    if not request.membership.may(act):
        who = "the owner" if act == Act.OWN else "an owner or admin"
        raise PermissionDenied(
            f"Your role in “{request.workspace}” is {request.membership.role}: "
            f"it does not include this. Ask {who} of the workspace."
        )
    if act != Act.READ and request.workspace.suspended_at:
        support = suspension.whom_to_write_to()
        raise PermissionDenied(f"This workspace is suspended. Write to {support}.")


def _to_login(request: HttpRequest) -> HttpResponse:
    """A fragment cannot show the login page, so there the whole page goes."""
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path())
    page = request.headers.get("HX-Current-URL", "")
    path = page.removeprefix(f"{request.scheme}://{request.get_host()}")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = redirect_to_login(path if path.startswith("/") else "/studio").url
    return response
