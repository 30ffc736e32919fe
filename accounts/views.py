"""The pages about yourself: API keys, account, workspaces."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import ids, keys
from accounts.access import MemberRequest, in_workspace, refuse_strangers
from accounts.forms import KeyForm, NameForm
from accounts.middleware import SESSION_KEY
from accounts.models import Act, APIKey, IdempotencyRecord, Membership, User


@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@in_workspace(Act.READ)
def api_keys(request: MemberRequest) -> HttpResponse:
    """The list; a POST makes a key and shows it, this once."""
    if request.method != "POST":
        return _keys_page(request, KeyForm())
    refuse_strangers(request, Act.MANAGE)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _keys_page(request, form, status=422)
    new = _make_key_once(request.membership, form)
    return _keys_page(request, KeyForm(), new=new, shown_before=new is None)


@require_POST
@in_workspace(Act.MANAGE)
def revoke_key(request: MemberRequest, key_id: str) -> HttpResponse:
    rows = APIKey.objects.for_workspace(request.workspace)
    key = get_object_or_404(rows, id=ids.private("key", key_id))
    keys.revoke(key=key, now=timezone.now())
    messages.info(request, f"The key “{key.name}” opens nothing any more.")
    return redirect("api_keys")


@in_workspace(Act.READ)
def account(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        messages.info(request, "Your name is saved.")
        return redirect("account")
    context = {"form": form, "places": _places(request.user)}
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@require_POST
@in_workspace(Act.READ)
def switch_workspace(request: MemberRequest) -> HttpResponse:
    """Look at another workspace of yours from now on."""
    chosen = ids.private("wks", request.POST.get("workspace"))
    if not any(place.workspace_id == chosen for place in _places(request.user)):
        raise Http404
    request.session[SESSION_KEY] = str(chosen)
    return redirect("studio")


@transaction.atomic
def _make_key_once(maker: Membership, form: KeyForm) -> keys.NewKey | None:
    """None when this very form made a key before: its text is stored nowhere."""
    _, fresh = IdempotencyRecord.objects.get_or_create(
        workspace_id=maker.workspace_id,
        scope="SITE /keys",
        key=str(form.cleaned_data["once"]),
        defaults={"fingerprint": "", "status": 201},
    )
    if not fresh:
        return None
    return keys.create(maker=maker, name=form.cleaned_data["name"])


def _keys_page(
    request: MemberRequest,
    form: KeyForm,
    *,
    new: keys.NewKey | None = None,
    shown_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    context = {
        "form": form,
        "new": new,
        "shown_before": shown_before,
        "keys": [(key, key.state(now)) for key in keys.keys_of(request.workspace)],
        "may_manage": request.membership.may(Act.MANAGE),
    }
    return render(request, "accounts/keys.html", context, status=status)


def _places(user: User) -> list[Membership]:
    places = Membership.objects.filter(user=user).select_related("workspace")
    return list(places.order_by("joined_at", "id"))
