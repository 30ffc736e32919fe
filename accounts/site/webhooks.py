"""
The Webhooks console: endpoints added, changed, switched, rotated and removed by people.

Whoever may read sees them; owners and admins change them, as over the API.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import MemberRequest, in_workspace, refuse_strangers
from accounts.audit import Actor
from accounts.models import Act, WebhookDelivery, WebhookEndpoint
from accounts.outbound.errors import ForbiddenAddress
from accounts.site import webhook_log
from accounts.site.once import once
from accounts.site.webhook_forms import EndpointForm, MissingForm, NewEndpointForm, OnceForm
from accounts.webhooks import endpoints
from accounts.webhooks.endpoints import NewSecret


@never_cache
@in_workspace(Act.READ)
def webhooks(request: MemberRequest) -> HttpResponse:
    """The list; a POST adds an endpoint and shows its secret, this once."""
    if request.method != "POST":
        return _list(request, NewEndpointForm())
    refuse_strangers(request, Act.MANAGE)
    form = NewEndpointForm(request.POST)
    if form.is_valid():
        with _told(form):
            new = _added(request, **form.cleaned_data)
            return _list(request, NewEndpointForm(), new=new, shown_before=new is None)
    return _list(request, form, status=422)


@never_cache
@in_workspace(Act.READ)
def webhook_endpoint(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    """One endpoint with its log; a POST changes where it is and what it hears."""
    if request.method != "POST":
        return show(request, find(request, endpoint_id))
    refuse_strangers(request, Act.MANAGE)
    endpoint, form = find(request, endpoint_id), EndpointForm(request.POST)
    if form.is_valid():
        with _told(form):
            endpoints.change(endpoint, **form.cleaned_data, by=actor(request))
            messages.info(request, "Saved.")
            return back(endpoint)
    return show(request, endpoint, form=form, status=422)


@require_POST
@in_workspace(Act.MANAGE)
def switch_endpoint(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    endpoint, enabled = find(request, endpoint_id), request.POST.get("to") == "on"
    endpoints.change(endpoint, enabled=enabled, by=actor(request))
    said = "It is on, and hears of events from now on. What it missed can be sent from here."
    messages.info(request, said if enabled else "It is off. What waited for it is not sent.")
    return back(endpoint)


@never_cache
@require_POST
@in_workspace(Act.MANAGE)
def rotate_endpoint(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    """A new secret, shown this once; the one before signs, too, for a day."""
    response: HttpResponse = _rotated(request, find(request, endpoint_id))
    return response


@reauthentication_required  # type: ignore[untyped-decorator]
def _rotated(request: MemberRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    form = OnceForm(request.POST)
    if not form.is_valid():
        return back(endpoint)
    now, by = timezone.now(), actor(request)
    new = once(
        request, form.cleaned_data["once"], lambda: endpoints.rotate(endpoint, now=now, by=by)
    )
    return show(request, endpoint, new=new, shown_before=new is None)


@require_POST
@in_workspace(Act.MANAGE)
def remove_endpoint(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    endpoint = find(request, endpoint_id)
    endpoints.remove(endpoint, by=actor(request))
    messages.info(request, f"Nothing is sent to {endpoint.url} any more.")
    return redirect("webhooks")


def find(request: MemberRequest, endpoint_id: str) -> WebhookEndpoint:
    found = endpoints.find(request.workspace, endpoint_id)
    if found is None:
        raise Http404
    return found


def actor(request: MemberRequest) -> Actor:
    return audit.actor(request.user, request)


def back(endpoint: WebhookEndpoint) -> HttpResponse:
    return redirect("webhook_endpoint", endpoint_id=endpoint.public_id)


def show(
    request: MemberRequest, endpoint: WebhookEndpoint, *, status: int = 200, **given: Any
) -> HttpResponse:
    """One endpoint's page, with a form as somebody left it."""
    now, here = timezone.now(), reverse("webhook_endpoint", args=[endpoint.public_id])
    sent = WebhookDelivery.objects.for_workspace(request.workspace).filter(endpoint=endpoint)
    context = {
        "endpoint": endpoint,
        "overlaps": bool(endpoint.previous_until and endpoint.previous_until > now),
        "may_manage": request.membership.may(Act.MANAGE),
        "form": EndpointForm.of(endpoint),
        "missing": MissingForm(),
        "rotation": OnceForm(),
        **webhook_log.page(sent, request.GET, here=here, now=now),
        **given,
    }
    return render(request, "accounts/webhooks/endpoint.html", context, status=status)


def _added(request: MemberRequest, **given: Any) -> NewSecret | None:
    form, by = given.pop("once"), actor(request)
    return once(request, form, lambda: endpoints.create(request.workspace, **given, by=by))


@contextmanager
def _told(form: forms.Form) -> Iterator[None]:
    """What the domain refuses stands in the form, at the field that it is about."""
    try:
        yield
    except ForbiddenAddress as refused:
        form.add_error("url", str(refused))
    except endpoints.TooMany as refused:
        form.add_error(None, str(refused))


def _list(
    request: MemberRequest,
    form: NewEndpointForm,
    *,
    new: NewSecret | None = None,
    shown_before: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "new": new,
        "shown_before": shown_before,
        "endpoints": list(endpoints.listed(request.workspace).order_by("-id")),
        "may_manage": request.membership.may(Act.MANAGE),
    }
    return render(request, "accounts/webhooks/endpoints.html", context, status=status)
