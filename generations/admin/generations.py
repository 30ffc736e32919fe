"""One generation's whole story on one page, and what staff can do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import addresses, asking, audit
from accounts.models import User
from accounts.readonly import ReadOnlyAdmin
from billing import money
from generations import orders, refusals
from generations.admin import story
from generations.admin.filters import ModelFilter, ProviderFilter
from generations.models import Generation
from generations.staff import doing
from generations.staff.acts import ACTS
from generations.staff.wishes import NotPossible, Wish
from generations.states import State


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "state", "workspace", "sku", "provider", "usd", "created_at"]
    list_select_related = ["workspace"]
    list_filter = ["state", ProviderFilter, ModelFilter]
    search_fields = ["id", "prompt", "workspace__name", "orderer__email", "attempts__job_id"]
    ordering = ["-id"]
    actions = ["look_now", "cancel"]
    change_form_outer_before_template = "admin/generations/story.html"
    readonly_fields = ["quoted_usd", "charged_usd", "refunded_usd", "created_at"]
    fieldsets = [
        (
            "Order",
            {
                "fields": [
                    "prompt",
                    ("workspace", "orderer"),
                    ("api_key", "first_frame"),
                    ("model", "mode"),
                    ("resolution", "duration"),
                    ("prompt_optimizer", "fast_pretreatment"),
                    ("watermark", "image_url"),
                    ("output_format", "output_quality"),
                    ("batch", "retry_of"),
                    ("remix_of", "tags"),
                    "metadata",
                ]
            },
        ),
        (
            "Money and routing",
            {
                "fields": [
                    ("quoted_usd", "charged_usd"),
                    ("refunded_usd", "gratis"),
                    ("policy", "provider_requested"),
                    ("max_price", "quote"),
                    ("provider", "sku"),
                    ("rate_version", "routes"),
                ]
            },
        ),
        ("What went wrong", {"fields": ["error_code", "error_message", "provider_message"]}),
        (
            "Machinery",
            {
                "fields": [
                    ("state", "state_since"),
                    ("progress", "created_at"),
                    ("started_at", "finished_at"),
                    ("deleted_at", "cancel_wished_at"),
                    ("due_at", "knocked_at"),
                    ("lease_until", "lease_token"),
                ]
            },
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        doors = [
            path(
                "<uuid:id>/do",
                self.admin_site.admin_view(require_POST(self.do)),
                name="generations_generation_do",
            )
        ]
        return doors + list(super().get_urls())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        one = Generation.objects.whole().filter(pk__in=_uuids(object_id)).first()
        context = {**(extra_context or {}), "story": one and story.of(request, one)}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def do(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:
        """One act of staff; whatever comes of it is said on the page they came from."""
        one = get_object_or_404(Generation, pk=id)
        verb = request.POST.get("verb", "")
        try:
            if verb not in ACTS:
                raise NotPossible("Press one of the buttons.")
            messages.success(request, doing.do(verb, id=one.pk, wish=_wish(request)))
        except (NotPossible, PermissionDenied) as why:
            messages.error(request, str(why))
        return redirect(reverse("admin:generations_generation_change", args=[one.pk]))

    @admin.display(description="quoted USD")
    def quoted_usd(self, generation: Generation) -> str:
        return money.usd(generation.quoted)

    @admin.display(description="charged USD")
    def charged_usd(self, generation: Generation) -> str:
        return money.usd(generation.charged)

    @admin.display(description="refunded USD")
    def refunded_usd(self, generation: Generation) -> str:
        return money.usd(generation.refunded)

    @admin.display(description="USD", ordering="quoted")
    def usd(self, generation: Generation) -> str:
        return money.usd(generation.charged or generation.quoted)

    def has_look_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("generations.look_generation"))

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("generations.refund_generation"))

    @admin.action(description="Look now", permissions=["look"])
    @asking.few
    def look_now(self, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
        done = 0
        for one in chosen:
            try:
                doing.do("look", id=one.pk, wish=_wish(request, reason="From the list"))
                done += 1
            except NotPossible as why:
                self.message_user(request, f"{one}: {why}", level="WARNING")
        self.message_user(request, f"{done} jobs are being looked at.")

    @admin.action(description="Cancel (only what no provider has)", permissions=["refund"])
    @asking.few
    def cancel(self, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
        for generation in chosen:
            try:
                with transaction.atomic():
                    _cancel(generation, _wish(request, reason="From the list"))
            except (refusals.OrderError, NotPossible) as error:
                self.message_user(request, f"{generation}: {error}", level="WARNING")
            else:
                self.log_change(request, generation, "Canceled.")


def _cancel(generation: Generation, wish: Wish) -> None:
    """Raises OrderError, or NotPossible where it was canceled before."""
    if generation.state == State.CANCELED:
        raise NotPossible("It was canceled before.")
    orders.cancel(generation=generation)
    audit.record(
        workspace=generation.workspace,
        by=audit.Actor(wish.by.email, wish.address),
        action="generation.cancel",
        subject=generation.public_id,
        reason=wish.reason,
    )


def _wish(request: HttpRequest, reason: str = "") -> Wish:
    assert isinstance(request.user, User)  # noqa: S101  (the admin let nobody else in)
    return Wish(
        by=request.user,
        reason=reason or request.POST.get("reason", ""),
        gratis=request.POST.get("paid_by") == "house",
        provider=request.POST.get("provider", ""),
        address=addresses.of(request),
    )


def _uuids(text: str) -> list[uuid.UUID]:
    """The one it is, or none."""
    try:
        return [uuid.UUID(text)]
    except ValueError:
        return []
