"""Providers, for staff: their health, their caps, our money with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import asking, audit
from billing import money
from generations import capacity, connect
from generations.models import Attempt, ProviderStatus
from generations.staff import dry_run

HEALTH = [
    "paused_until", "pause_seconds", "broken_until", "break_seconds", "mended_at", "busy_until",
    "busy_seconds", "trial_until", "look_errors", "last_error", "last_error_at",
]  # fmt: skip


MEANWHILE = "Somebody else has changed this meanwhile, and nothing was saved. Open the page again."
WHY = ("Why", {"fields": ["reason"]})


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """Knows how each field was when the page was opened: what others change meanwhile stays."""

    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="It stands in the audit."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.fields.keys() - {"reason"}:
            self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        for name in self.changed():
            if self._seen(name) != self.initial.get(name):
                self.add_error(name, MEANWHILE)
        return super().clean() or {}

    def changed(self) -> list[str]:
        return [name for name in self.changed_data if name != "reason"]

    def _seen(self, name: str) -> Any:
        """Its value on the page that was filled in."""
        field = self.fields[name]
        return field.to_python(self.data.get(self[name].html_initial_name))


@admin.register(ProviderStatus)
class ProviderStatusAdmin(ModelAdmin):
    form = ProviderForm
    list_display = [
        "name", "enabled", "draining", "paused_until", "broken_until", "busy_until",
        "balance_in_dollars", "last_error_at",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["name", "enabled", "draining"]}),
        ("Capacity", {"fields": ["most_in_flight", "most_per_minute"]}),
        ("Health", {"fields": HEALTH}),
        ("Our money with them", {"fields": ["balance_in_dollars", "balance_at"]}),
    ]
    readonly_fields = ["name", *HEALTH, "balance_in_dollars", "balance_at"]
    change_form_outer_before_template = "admin/generations/provider.html"
    actions_detail = ["dry_run"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Who may only look is not asked why."""
        top, capacity_, *rest = super().get_fieldsets(request, obj)
        why = [WHY] if self.has_change_permission(request, obj) else []
        return [top, capacity_, *why, *rest]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "load": capacity.loads(at=timezone.now()).get(object_id),
            "last_errors": _last_errors(object_id),
        }
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        _know(connect.names())
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        _know({object_id} & set(connect.names()))
        return super().get_object(request, object_id, from_field)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # all that exist are here

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # without its row it would be enabled: switch it off

    def save_model(
        self, request: HttpRequest, obj: ProviderStatus, form: Any, change: bool
    ) -> None:
        """Only what was changed: the machines write to the same row."""
        by, changed = asking.who(request), form.changed()
        with transaction.atomic():
            obj.save(update_fields=changed)
            audit.record(
                workspace=None,
                by=audit.Actor(by["by"].email, by["address"]),
                action="provider.changed",
                subject=obj.name,
                reason=form.cleaned_data["reason"],
                **{name: form.cleaned_data[name] for name in changed},
            )

    def has_dry_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("generations.change_providerstatus"))

    @action(description="Test with a dry run", url_path="dry-run", permissions=["dry_run"])
    def dry_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        _know({object_id} & set(connect.names()))
        status = get_object_or_404(ProviderStatus, pk=object_id)
        connection.close()  # nothing holds a connection while it waits on the network
        trial = dry_run.try_out(status.name) if status.name in connect.names() else None
        context = self.admin_site.each_context(request) | {
            "title": f"{status.name}: a dry run",
            "opts": self.model._meta,
            "original": status,
            "trial": trial,
        }
        return render(request, "admin/generations/dry_run.html", context)

    @admin.display(description="balance", ordering="balance")
    def balance_in_dollars(self, status: ProviderStatus) -> str:
        return "–" if status.balance is None else f"${money.usd(status.balance)}"


def _know(names: Iterable[str]) -> None:
    """One that never had trouble has no row: it gets one as soon as staff look at it."""
    rows = [ProviderStatus(name=name) for name in names]
    ProviderStatus.objects.bulk_create(rows, ignore_conflicts=True)


def _last_errors(name: str) -> list[Attempt]:
    """Of its newest attempts, those that broke."""
    newest = Attempt.objects.filter(provider=name).order_by("-submitted_at")
    return [one for one in newest.select_related("generation")[:200] if one.error_code][:10]
