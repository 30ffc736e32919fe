"""Links that show one clip to anybody who has them."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Workspace
from generations.models.generation import Generation

TOKEN_BYTES = 18  # 144 bits


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


class ShareQuerySet(models.QuerySet["Share"]):
    def for_workspace(self, workspace: Workspace) -> ShareQuerySet:
        return self.filter(generation__workspace=workspace, generation__deleted_at=None)

    def open(self, *, at: datetime) -> ShareQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)


class Share(models.Model):
    """A link to one clip. Nobody guesses it, it ends, it can be taken back, views are counted."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="shares")
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    made_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    shows_prompt = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"share {self.pk} of {self.generation_id}"

    def state(self, at: datetime) -> str:
        """open, revoked or expired."""
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > at else "expired"

    def count(self) -> None:
        """Somebody looked at it."""
        Share.objects.filter(pk=self.pk).update(views=F("views") + 1, seen_at=Now())
