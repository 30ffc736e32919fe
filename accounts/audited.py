"""Forms of the admin: what staff enter or change there stands in the audit, as their acts do."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts import asking, audit


class AuditedAdmin(ModelAdmin):
    """An act is written down where it is done and logged in words; a form is told by its fields."""

    def told(self, row: Any) -> dict[str, Any]:
        """What the audit holds of the row as it is now. Never a secret."""
        return {}

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        self._record(request, obj, "added", message)
        entry: LogEntry = super().log_addition(request, obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        self._record(request, obj, "changed", message)
        entry: LogEntry = super().log_change(request, obj, message)
        return entry

    def _record(self, request: HttpRequest, row: Any, what: str, message: Any) -> None:
        if isinstance(message, str):
            return
        by = asking.who(request)
        audit.record(
            workspace=None,
            by=audit.Actor(by["by"].email, by["address"]),
            action=f"{self.opts.model_name}.{what}",
            subject=str(getattr(row, "public_id", row))[:100],
            changes=message,
            **self.told(row),
        )
