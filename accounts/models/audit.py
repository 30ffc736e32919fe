"""Who did what that others will want to know of."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import Workspace


class AuditEntry(models.Model):
    """One act of a person, a key or staff; written in the transaction of the act, for ever."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, blank=True, related_name="audit_entries"
    )
    actor = models.CharField(max_length=100, help_text="`usr_…`, `key_…`, or who of staff.")
    action = models.CharField(max_length=60, help_text="Such as `api_key.created`.")
    subject = models.CharField(max_length=100, blank=True, help_text="The public id of what.")
    address = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True, help_text="Never a secret.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["workspace", "-id"], name="audit_entry_by_workspace")]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.subject}".strip()
