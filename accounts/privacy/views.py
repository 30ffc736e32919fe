"""A copy of one's data, the end of an account, and how long a workspace keeps things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, ids
from accounts.access import MemberRequest, in_workspace, refuse_strangers, signed_in
from accounts.models import Act, DataExport
from accounts.privacy import erasure, exports, retention
from accounts.privacy.forms import DeleteForm, RetentionForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@signed_in
def data(request: MemberRequest) -> HttpResponse:
    """The copies there are; a POST asks for one."""
    if request.method == "POST":
        by = audit.actor(request.user, request)
        exports.ask(request.user, by=by, now=timezone.now())
        messages.info(request, "We are making it. You get a letter when it is ready.")
        return redirect("account_data")
    mine = DataExport.objects.filter(user=request.user).order_by("-id")
    context = {"exports": mine, "now": timezone.now(), "days": exports.KEPT_FOR.days}
    return render(request, "accounts/data.html", context)


@never_cache
@require_safe
@signed_in
def download(request: MemberRequest, export_id: str) -> HttpResponseBase:
    """The file, for its owner and nobody else; 404 once it has expired."""
    mine = DataExport.objects.filter(user=request.user, expires_at__gt=timezone.now())
    export = mine.filter(pk__in=[ids.private("exp", export_id)]).first()
    if export is None:
        raise Http404
    file = default_storage.open(export.name)
    pieces: Iterator[bytes] = file.chunks()
    response = StreamingHttpResponse(
        _awaited(pieces) if isinstance(request, ASGIRequest) else pieces,
        content_type="application/zip",
        headers={
            "Content-Length": str(export.bytes),
            "Content-Disposition": f'attachment; filename="reelay-{export.ready_at:%Y-%m-%d}.zip"',
        },
    )
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@signed_in
def delete(request: MemberRequest) -> HttpResponse:
    form = DeleteForm(_sent(request), user=request.user)
    if not form.is_valid():
        return _delete_page(request, form)
    by, gives_up = audit.actor(request.user, request), form.cleaned_data["gives_up"]
    try:
        erasure.ask(request.user, gives_up=gives_up, by=by, now=timezone.now())
    except erasure.Refused as refused:
        form.add_error(None, [one.words for one in refused.obstacles])
        return _delete_page(request, form)
    logout(request)
    return render(request, "accounts/closed.html", {"days": settings.ERASURE_GRACE_DAYS})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, token: str) -> HttpResponse:
    """What the letter about a closed account leads to; a POST opens it again."""
    try:
        closed = erasure.opened(token, now=timezone.now())
    except erasure.LinkRefused as refused:
        raise Http404(str(refused)) from None
    if request.method != "POST":
        return render(request, "accounts/back.html", {"closed": closed})
    erasure.undo(closed, by=audit.actor(closed.user, request))
    messages.info(request, "Your account is open again. Log in as before.")
    return redirect("account_login")


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Act.READ)
def kept(request: MemberRequest) -> HttpResponse:
    """How long this workspace keeps things; those who manage it change that."""
    if request.method == "POST":
        refuse_strangers(request, Act.MANAGE)
    form = RetentionForm(_sent(request), workspace=request.workspace)
    if form.is_valid():
        by = audit.actor(request.user, request)
        if retention.choose(request.workspace, form.cleaned_data, by=by):
            messages.info(request, "Saved. What is older is deleted within a day.")
        return redirect("retention")
    context = {"form": form, "may_change": request.membership.may(Act.MANAGE)}
    return render(request, "accounts/retention.html", context, status=422 if form.errors else 200)


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each read in a thread, so that a slow disk holds up nobody else."""
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, be it nothing; None where it is only looked at."""
    return request.POST if request.method == "POST" else None


def _delete_page(request: MemberRequest, form: DeleteForm) -> HttpResponse:
    found = erasure.obstacles(request.user)
    context = {
        "form": form,
        "days": settings.ERASURE_GRACE_DAYS,
        "obstacles": [one for one in found if not one.is_balance],
        "balances": [one for one in found if one.is_balance],
    }
    return render(request, "accounts/delete.html", context, status=422 if form.errors else 200)
