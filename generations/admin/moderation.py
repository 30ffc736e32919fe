"""What may not be ordered, and what people say about shared clips: for staff to decide."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Case, IntegerField, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts import asking, audit
from accounts.readonly import ReadOnlyAdmin
from generations import blocking
from generations.models import BlockedWord, ReportState, ShareReport
from generations.staff import reports

#: What waits for somebody, before what does not.
WAITING = Case(When(state=ReportState.OPEN, then=0), default=1, output_field=IntegerField())

LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


class BlockedWordForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says in words what the database would say by the name of its rule."""

    class Meta:
        model = BlockedWord
        fields = ["word", "note"]

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"])
        same = BlockedWord.objects.filter(word__iexact=word).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError("This word is blocked already.")
        return word


@admin.register(BlockedWord)
class BlockedWordAdmin(ModelAdmin):
    """A change counts everywhere within seconds."""

    form = BlockedWordForm
    list_display = ["word", "note", "created_at"]
    search_fields = ["word", "note"]

    def save_model(self, request: HttpRequest, obj: BlockedWord, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            _record(request, "changed" if change else "added", obj.word)
        blocking.forget()

    def delete_model(self, request: HttpRequest, obj: BlockedWord) -> None:
        with transaction.atomic():
            _record(request, "removed", obj.word)
            super().delete_model(request, obj)
        blocking.forget()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BlockedWord]) -> None:
        for word in queryset:
            self.delete_model(request, word)


@admin.register(ShareReport)
class ShareReportAdmin(ReadOnlyAdmin):
    """Look at the clip, then hide it or let it stay."""

    list_display = ["created_at", "reason", "clip", "state", "decided_by", "decided_at"]
    list_select_related = ["share__generation", "decided_by"]
    list_filter = ["state", "reason"]
    search_fields = ["words", "share__token", "share__generation__id"]
    ordering = [WAITING, "-created_at"]
    fields = ["reason", "words", "clip", "link", "state", "decided_by", "decided_at", "created_at"]
    readonly_fields = ["clip", "link", "created_at"]
    actions_detail = ["hide", "dismiss"]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(reports.PERMISSION))

    @admin.display(description="clip")
    def clip(self, report: ShareReport) -> str:
        one = report.share.generation
        page = reverse("admin:generations_generation_change", args=[one.pk])
        return format_html(LINK, page, one.public_id)

    @admin.display(description="as it is shown")
    def link(self, report: ShareReport) -> str:
        page = reverse("shared", args=[report.share.token])
        return format_html(LINK, page, page)

    @action(description="Hide the clip", url_path="hide", permissions=["decide"])
    def hide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        note = (
            "Nobody sees it any more, its maker neither. Its rows and its file stay with "
            "us for as long as the workspace keeps clips; Show again, on its page, undoes it."
        )
        return self._decided(request, object_id, reports.hide, "Hide the clip", note)

    @action(description="Let it stay", url_path="dismiss", permissions=["decide"])
    def dismiss(self, request: HttpRequest, object_id: str) -> HttpResponse:
        note = "All open reports about this clip are settled with it."
        return self._decided(request, object_id, reports.dismiss, "Let it stay", note)

    def _decided(
        self, request: HttpRequest, object_id: str, decide: Any, verb: str, note: str
    ) -> HttpResponse:
        rows = ShareReport.objects.select_related("share__generation__workspace")
        report = asking.find(rows, object_id)
        return asking.ask(
            self,
            request,
            report,
            do=partial(decide, report=report, **asking.who(request)),
            title=f"{verb}: {report}",
            verb=verb,
            note=note,
        )


def _record(request: HttpRequest, what: str, word: str) -> None:
    by = asking.who(request)
    audit.record(
        workspace=None,
        by=audit.Actor(by["by"].email, by["address"]),
        action=f"blocked_word.{what}",
        subject=word,
    )
