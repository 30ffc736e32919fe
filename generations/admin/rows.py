"""What machines write down about generations, for looking."""

from __future__ import annotations

from django.contrib import admin

from accounts.readonly import ReadOnlyAdmin
from generations.admin.filters import ProviderFilter
from generations.models import Attempt, Clip, Event, Knock, Notice, Upload


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["generation", "number", "provider", "state", "job_id", "looks", "submitted_at"]
    list_select_related = ["generation"]
    list_filter = [ProviderFilter, "state"]
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
