"""Orders that name an address of their own: what signs what goes there, and what went there."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts import audit
from accounts.access import MemberRequest, in_workspace, refuse_strangers
from accounts.models import Act, WebhookDelivery
from accounts.site import webhook_log
from accounts.site.once import once
from accounts.site.webhook_forms import OnceForm
from accounts.webhooks import secrets
from accounts.webhooks.secrets import Secrets


@never_cache
@in_workspace(Act.READ)
def orders(request: MemberRequest) -> HttpResponse:
    """The log; a POST shows the secret, or rotates it first."""
    if request.method != "POST":
        return _page(request)
    refuse_strangers(request, Act.MANAGE)
    response: HttpResponse = _with_secret(request)
    return response


@reauthentication_required  # type: ignore[untyped-decorator]
def _with_secret(request: MemberRequest) -> HttpResponse:
    return _page(request, _shown(request))


def _page(request: MemberRequest, known: Secrets | None = None) -> HttpResponse:
    now = timezone.now()
    sent = WebhookDelivery.objects.for_workspace(request.workspace).filter(endpoint=None)
    context = {
        "secret": known and known.now,
        "until": known and known.before_signs_until(now),
        "rotation": OnceForm(),
        "may_manage": request.membership.may(Act.MANAGE),
        **webhook_log.page(sent, request.GET, here=reverse("webhook_orders"), now=now),
    }
    return render(request, "accounts/webhooks/orders.html", context)


def _shown(request: MemberRequest) -> Secrets:
    """A form that was sent before rotates nothing: two rotations would end the first overlap."""
    form, workspace = OnceForm(request.POST), request.workspace
    by = audit.actor(request.user, request)
    if request.POST.get("do") == "rotate" and form.is_valid():
        now = timezone.now()
        once(
            request,
            form.cleaned_data["once"],
            lambda: secrets.rotate_of_workspace(workspace.pk, now=now, by=by),
        )
    return secrets.of_workspace(workspace.pk)
