"""
API keys: made, rotated and revoked by people.

A page of this app, as a key is made together with its spend limit.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import audit, ids, keys
from accounts.access import MemberRequest, in_workspace, refuse_strangers
from accounts.grants import Maker, NeedsSecondFactor, TooWide
from accounts.keys import NewKey
from accounts.models import Act, APIKey
from accounts.site.once import once
from billing import new_keys
from billing.key_form import KeyForm, RotateForm

#: How long the text before a rotation goes on opening.
OVERLAP = timedelta(days=1)
#: In a session: a key is wanted, and a second factor set up for it.
WANTED = "key_wanted"


@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@in_workspace(Act.READ)
def api_keys(request: MemberRequest) -> HttpResponse:
    """The list; a POST makes a key and shows it, this once."""
    if request.method != "POST":
        _remember_the_way_back(request)
        return _page(request, KeyForm())
    refuse_strangers(request, Act.MANAGE)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        new = once(request, form.cleaned_data["once"], lambda: _made(request, form))
    except NeedsSecondFactor:
        return _page(request, form, status=403)  # where it says what to do
    except (TooWide, keys.KeyRefused) as refused:
        form.add_error(None, str(refused))
        return _page(request, form, status=422)
    return _page(request, KeyForm(), new=new, shown_before=new is None)


@never_cache
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
@in_workspace(Act.MANAGE)
def rotate_key(request: MemberRequest, key_id: str) -> HttpResponse:
    """A new text for a key of one's own, shown this once; the one before opens another day."""
    key, form = _find(request, key_id), RotateForm(request.POST)
    if key.maker_id != request.membership.pk:
        raise PermissionDenied("Only who made a key gets a new text for it: it acts for them.")
    if not form.is_valid():
        return redirect("api_keys")
    try:
        new = once(request, form.cleaned_data["once"], lambda: _rotated(request, key))
    except keys.KeyRefused as refused:
        messages.error(request, str(refused))
        return redirect("api_keys")
    return _page(request, KeyForm(), new=new, shown_before=new is None)


@require_POST
@in_workspace(Act.MANAGE)
def revoke_key(request: MemberRequest, key_id: str) -> HttpResponse:
    key = _find(request, key_id)
    keys.revoke(key=key, now=timezone.now(), by=audit.actor(request.user, request))
    messages.info(request, f"The key “{key.name}” opens nothing any more.")
    return redirect("api_keys")


def _find(request: MemberRequest, key_id: str) -> APIKey:
    found = ids.private("key", key_id)
    key = keys.listed(request.workspace).filter(pk=found).first() if found else None
    if key is None:
        raise Http404
    return key


def _made(request: MemberRequest, form: KeyForm) -> NewKey:
    now = timezone.now()
    return new_keys.make(
        form.wish(now=now),
        maker=Maker(request.membership),
        spend_limits=form.spend_limits,
        by=audit.actor(request.user, request),
        now=now,
    )


def _rotated(request: MemberRequest, key: APIKey) -> NewKey:
    by = audit.actor(request.user, request)
    return keys.rotate(key=key, overlap=OVERLAP, now=timezone.now(), by=by)


def _needs_second_factor(request: MemberRequest) -> bool:
    may_make = request.membership.may(Act.MANAGE)
    return may_make and Maker(request.membership).lacks_second_factor


def _remember_the_way_back(request: MemberRequest) -> None:
    """Pages of the second factor lead here as soon as there is one."""
    session = request.session
    if hasattr(request, "impersonation"):
        return  # it is the session of a member of staff
    if _needs_second_factor(request):
        session.setdefault(WANTED, True)
    elif WANTED in session:
        del session[WANTED]


def _page(
    request: MemberRequest,
    form: KeyForm,
    *,
    new: NewKey | None = None,
    shown_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    found = keys.keys_of(request.workspace)
    limits = new_keys.limits_of(found)
    context = {
        "form": form,
        "new": new,
        "shown_before": shown_before,
        "once": uuid.uuid4(),
        "keys": [
            {
                "key": key,
                "state": key.state(now),
                "last_used_from": getattr(key, "last_used_from", None),
                "month": limits[key].get("month"),
                "overlaps": bool(key.previous_until and key.previous_until > now),
                "is_mine": key.maker_id == request.membership.pk,
            }
            for key in found
        ],
        "needs_second_factor": _needs_second_factor(request),
        "may_manage": request.membership.may(Act.MANAGE),
    }
    return render(request, "accounts/keys.html", context, status=status)
