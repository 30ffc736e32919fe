"""The pages about yourself: account, workspaces."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import ids, people
from accounts.access import MemberRequest, enter, in_workspace, signed_in
from accounts.forms import NameForm
from accounts.models import Act


@signed_in
def account(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        messages.info(request, "Your name is saved.")
        return redirect("account")
    context = {
        "form": form,
        "places": people.places_of(request.user),
        "has_password": request.user.has_usable_password(),
        "has_second_factor": is_mfa_enabled(request.user),
    }
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@require_POST
@in_workspace(Act.READ)
def switch_workspace(request: MemberRequest) -> HttpResponse:
    """Look at another workspace of yours from now on."""
    chosen = ids.private("wks", request.POST.get("workspace"))
    places = people.places_of(request.user)
    place = next((one for one in places if one.workspace_id == chosen), None)
    if place is None:
        raise Http404
    enter(request, request.user, place.workspace)
    return redirect("studio")
