"""Deliveries in the Webhooks console: a ping and its answer, one of them, one or all sent again."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import events
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act, WebhookDelivery
from accounts.site import webhooks
from accounts.site.webhook_forms import MissingForm
from accounts.site.webhook_log import Line
from accounts.webhooks import deliveries
from accounts.webhooks.deliveries import CannotReplay, UnderWay


@never_cache
@require_POST
@in_workspace(Act.MANAGE)
def ping(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    """One event of its own; a page with scripts shows what comes of it in place."""
    endpoint = webhooks.find(request, endpoint_id)
    sent = deliveries.ping(endpoint)
    if "HX-Request" in request.headers:
        return _outcome(request, sent)
    messages.info(request, "A ping is on its way: the first line of the log. Reload to see more.")
    return webhooks.back(endpoint)


@require_POST
@in_workspace(Act.MANAGE)
def replay_missing(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    endpoint, form = webhooks.find(request, endpoint_id), MissingForm(request.POST)
    if not form.is_valid():
        return webhooks.show(request, endpoint, missing=form, status=422)
    try:
        count = deliveries.replay_missing(endpoint, since=form.since())
    except CannotReplay as refused:
        messages.error(request, str(refused))
    else:
        said = f"{count} event{'' if count == 1 else 's'} on the way again."
        messages.info(request, said if count else "It missed nothing in that time.")
    return webhooks.back(endpoint)


@never_cache
@require_safe
@in_workspace(Act.READ)
def delivery(request: MemberRequest, delivery_id: str) -> HttpResponse:
    """One delivery: what we send, and what came of every try."""
    row = _find(request, delivery_id)
    body = events.described([row.event])[row.event_id]
    context = {
        "line": Line(row, timezone.now()),
        "body": json.dumps(body, ensure_ascii=False, indent=2),
        "tries": row.written_tries[::-1],
        "closed": deliveries.why_closed(row.endpoint),
        "may_manage": request.membership.may(Act.MANAGE),
    }
    return render(request, "accounts/webhooks/delivery.html", context)


@never_cache
@require_safe
@in_workspace(Act.READ)
def outcome(request: MemberRequest, delivery_id: str) -> HttpResponse:
    """What came of a ping, asked for until it is known."""
    return _outcome(request, _find(request, delivery_id))


@never_cache
@require_safe
@in_workspace(Act.READ)
def row(request: MemberRequest, delivery_id: str) -> HttpResponse:
    """One line of the log, asked for while it is under way."""
    return _row(request, _find(request, delivery_id))


@require_POST
@in_workspace(Act.MANAGE)
def replay(request: MemberRequest, delivery_id: str) -> HttpResponse:
    """Sent again, or why not: in its line, or on the page of the delivery."""
    found, refused = _find(request, delivery_id), ""
    try:
        deliveries.replay(found)
    except (CannotReplay, UnderWay) as why:
        refused = str(why)
    if "HX-Request" in request.headers:
        return _row(request, _find(request, delivery_id), refused)
    if refused:
        messages.error(request, refused)
    else:
        messages.info(request, "It is on its way again, under the same id.")
    return redirect("webhook_delivery", delivery_id=delivery_id)


def _find(request: MemberRequest, delivery_id: str) -> WebhookDelivery:
    found = deliveries.find(request.workspace, delivery_id)
    if found is None:
        raise Http404
    return found


def _outcome(request: MemberRequest, found: WebhookDelivery) -> HttpResponse:
    """As long as a person waits; when it is known, the log is told that it has another line."""
    line = Line(found, timezone.now())
    response = render(request, "accounts/webhooks/_outcome.html", {"line": line})
    if not line.is_waited_for:
        response["HX-Trigger"] = "log"
    return response


def _row(request: MemberRequest, found: WebhookDelivery, refused: str = "") -> HttpResponse:
    context = {
        "line": Line(found, timezone.now()),
        "refused": refused,
        "endpoint": found.endpoint,
        "may_manage": request.membership.may(Act.MANAGE),
    }
    return render(request, "accounts/webhooks/_row.html", context)
