"""What was ordered and what became of it, for staff. Machines write it; staff look and nudge."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.readonly import ReadOnlyAdmin, ReadOnlyInline
from billing import money
from generations import knocks, orders
from generations.models import (
    Attempt,
    Clip,
    Event,
    Generation,
    Knock,
    Notice,
    ProviderStatus,
    Upload,
)
from generations.models.attempt import AttemptState


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ["number", "provider", "state", "job_id", "looks", "error_code", "submitted_at"]


class EventInline(ReadOnlyInline):
    model = Event
    fields = ["created_at", "type", "message", "data"]
    ordering = ["id"]


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "state", "workspace", "sku", "provider", "usd", "created_at"]
    list_select_related = ["workspace"]
    list_filter = ["state", "provider", "model"]
    search_fields = ["id", "prompt", "workspace__name", "orderer__email", "attempts__job_id"]
    ordering = ["-id"]
    inlines = [AttemptInline, EventInline]
    actions = ["look_now", "cancel"]
    readonly_fields = ["stage_in_words", "quoted_usd", "charged_usd", "refunded_usd", "created_at"]
    fieldsets = [
        (None, {"fields": ["prompt", ("state", "state_since"), ("progress", "stage_in_words")]}),
        (
            "Order",
            {
                "fields": [
                    ("workspace", "orderer", "api_key"),
                    ("model", "mode", "resolution", "duration"),
                    ("prompt_optimizer", "fast_pretreatment", "watermark"),
                    ("output_format", "output_quality"),
                    ("first_frame", "image_url"),
                    ("batch", "retry_of"),
                    ("metadata", "tags"),
                ]
            },
        ),
        (
            "Money and routing",
            {
                "fields": [
                    ("quoted_usd", "charged_usd", "refunded_usd"),
                    ("policy", "provider_requested", "max_price"),
                    ("provider", "sku", "rate_version", "quote"),
                    "routes",
                ]
            },
        ),
        ("What went wrong", {"fields": ["error_code", "error_message", "provider_message"]}),
        (
            "Machinery",
            {
                "fields": [
                    ("created_at", "started_at", "finished_at", "deleted_at"),
                    ("due_at", "lease_until", "lease_token"),
                    ("knocked_at", "cancel_wished_at"),
                ]
            },
        ),
    ]

    @admin.display(description="stage")
    def stage_in_words(self, generation: Generation) -> str:
        return generation.stage

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

    @admin.action(description="Look now", permissions=["view"])
    def look_now(self, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
        open_attempts = Attempt.objects.filter(generation__in=chosen, state=AttemptState.OPEN)
        for attempt in open_attempts:
            knocks.look_now(attempt)
        self.message_user(request, f"{len(open_attempts)} jobs are being looked at.")

    @admin.action(description="Cancel (only what no provider has)", permissions=["view"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
        for generation in chosen:
            try:
                orders.cancel(generation=generation)
            except orders.OrderError as error:
                self.message_user(request, f"{generation}: {error}", level="WARNING")
            else:
                self.log_change(request, generation, "Canceled.")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["generation", "number", "provider", "state", "job_id", "looks", "submitted_at"]
    list_select_related = ["generation"]
    list_filter = ["provider", "state"]
    search_fields = ["id", "job_id", "generation__id"]
    ordering = ["-id"]


@admin.register(Clip)
class ClipAdmin(ReadOnlyAdmin):
    list_display = ["generation", "width", "height", "duration_ms", "bytes", "codec", "created_at"]
    list_select_related = ["generation"]
    search_fields = ["generation__id", "sha256", "name"]
    ordering = ["-created_at"]


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "workspace", "width", "height", "bytes", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["id", "sha256"]
    ordering = ["-id"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "generation", "type", "message"]
    list_select_related = ["generation"]
    search_fields = ["generation__id", "type"]
    ordering = ["-id"]


@admin.register(Knock)
class KnockAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "attempt", "digest"]
    list_select_related = ["attempt"]
    search_fields = ["attempt__id", "attempt__job_id"]
    ordering = ["-received_at"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "generation", "type", "tries", "sent_at", "given_up_at", "error"]
    list_select_related = ["generation"]
    list_filter = ["type"]
    search_fields = ["generation__id"]
    ordering = ["-id"]


@admin.register(ProviderStatus)
class ProviderStatusAdmin(ModelAdmin):
    list_display = ["name", "enabled", "paused_until", "pause_seconds", "last_error_at"]
    readonly_fields = ["last_error", "last_error_at"]
