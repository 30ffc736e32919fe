"""Customers' webhooks, for staff: to be looked at, and sent again. Secrets are never shown."""

from __future__ import annotations

import re
import uuid
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import addresses
from accounts.models import User, WebhookDelivery, WebhookEndpoint, Workspace
from accounts.proposals import NotPossible
from accounts.readonly import ReadOnlyAdmin
from accounts.webhooks import staff

#: An id as it is shown, or as it is stored.
ID = re.compile(r"(?:(whe|whd|evt|wks)_)?([0-9a-f]{32})")


class _SentAgain(ReadOnlyAdmin):
    """A list that is searched by ids, and pages with one button; `verb` says what that does."""

    change_form_outer_before_template = "admin/accounts/send_again.html"
    verb: str
    #: What begins an id -> the column that holds it.
    columns: dict[str, str]

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[Any], text: str
    ) -> tuple[QuerySet[Any], bool]:
        found = ID.fullmatch(text.strip().lower().replace("-", ""))
        if found:
            kinds = [found[1]] if found[1] else list(self.columns)
            id = uuid.UUID(hex=found[2])
            known = [Q(**{self.columns[one]: id}) for one in kinds if one in self.columns]
            return (rows.filter(reduce(or_, known)) if known else rows.none()), False
        return (rows.filter(self.named(text.strip())) if text.strip() else rows), False

    def named(self, text: str) -> Q:
        """Rows that are found by a part of an address or of a workspace's name."""
        raise NotImplementedError

    def act(self, row: Any, wish: staff.Wish) -> str:
        """What the button does; says what came of it."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view(require_POST(self.send_again))
        name = f"{self.opts.app_label}_{self.opts.model_name}_again"
        return [path("<uuid:id>/again", door, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "verb": self.verb,
            "may": request.user.has_perm(staff.PERMISSION),
        }
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def send_again(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:
        row = get_object_or_404(self.model, pk=id)
        try:
            messages.success(request, self.act(row, _wish(request)))
        except (NotPossible, PermissionDenied) as why:
            messages.error(request, str(why))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return redirect(reverse(name, args=[id]))


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(_SentAgain):
    list_display = ["url", "workspace", "state", "failing_since", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["url"]
    search_help_text = "Id of an endpoint or workspace, part of an address or a workspace's name"
    ordering = ["-id"]
    fields = [
        "public_id", "workspace", "url", "description", "events", "state", "disabled_why",
        "failing_since", "disabled_at", "deleted_at", "previous_until", "created_at",
    ]  # fmt: skip
    readonly_fields = ["public_id", "state", "created_at"]
    verb = "Send all it missed"
    columns = {"whe": "pk", "wks": "workspace"}

    def named(self, text: str) -> Q:
        return Q(url__icontains=text) | Q(workspace__name__icontains=text)

    def act(self, row: WebhookEndpoint, wish: staff.Wish) -> str:
        return staff.send_missed(row, wish)

    @admin.display(description="state")
    def state(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.deleted_at:
            return "removed"
        if endpoint.disabled_at:
            return "off"
        return "failing" if endpoint.failing_since else "on"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_SentAgain):
    list_display = ["created_at", "event_type", "workspace", "url", "state", "tries", "answer"]
    list_select_related = ["workspace", "event"]
    list_filter = ["state"]
    search_fields = ["url"]
    search_help_text = (
        "Id of a delivery, event, endpoint or workspace, part of an endpoint's address "
        "or a workspace's name, or the beginning of an order's webhook_url"
    )
    ordering = ["-id"]
    fields = [
        "public_id", "event_id", "event_type", "workspace", "endpoint", "url", "state", "tries",
        "due_at", "delivered_at", "lease_until", "created_at", "log",
    ]  # fmt: skip
    readonly_fields = ["public_id", "event_id", "event_type", "created_at"]
    verb = "Send again"
    columns = {"whd": "pk", "evt": "event", "whe": "endpoint", "wks": "workspace"}

    def named(self, text: str) -> Q:
        """By way of the small tables: deliveries are many, and their indexes begin with ids."""
        endpoints = WebhookEndpoint.objects.filter(url__icontains=text)
        if "://" in text:
            return Q(endpoint__in=endpoints) | Q(endpoint=None, url__startswith=text)
        workspaces = Workspace.objects.filter(name__icontains=text)
        return Q(endpoint__in=endpoints) | Q(workspace__in=workspaces)

    def act(self, row: WebhookDelivery, wish: staff.Wish) -> str:
        return staff.send_again(row, wish)

    @admin.display(description="event")
    def event_type(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @admin.display(description="event id")
    def event_id(self, delivery: WebhookDelivery) -> str:
        return delivery.event.public_id

    @admin.display(description="last answer")
    def answer(self, delivery: WebhookDelivery) -> str:
        last = delivery.last_try
        return f"{last.status or ''} {last.error or ''}".strip() if last else "–"


def _wish(request: HttpRequest) -> staff.Wish:
    assert isinstance(request.user, User)  # noqa: S101  (the admin let nobody else in)
    return staff.Wish(request.user, request.POST.get("reason", ""), addresses.of(request))
