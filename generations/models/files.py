"""The files: first frames that came in, clips that came out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models import Workspace
from generations.models.generation import Generation


class UploadQuerySet(models.QuerySet["Upload"]):
    def for_workspace(self, workspace: Workspace) -> UploadQuerySet:
        return self.filter(workspace=workspace)


class Upload(models.Model):
    """A first frame: our own, re-encoded copy of what a customer gave us."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200, help_text="in storage")
    content_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    objects = UploadQuerySet.as_manager()

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("upl", self.id)


class ClipQuerySet(models.QuerySet["Clip"]):
    def for_workspace(self, workspace: Workspace) -> ClipQuerySet:
        return self.filter(generation__workspace=workspace, generation__deleted_at=None)


class Clip(models.Model):
    """The file that came home: stored, verified, paid for in the same transaction."""

    generation = models.OneToOneField(
        Generation, models.PROTECT, primary_key=True, related_name="clip"
    )
    name = models.CharField(max_length=200, help_text="in storage")
    poster_name = models.CharField(max_length=200, blank=True)
    poster_due_at = models.DateTimeField(
        null=True, blank=True, db_default=Now(), help_text="Empty: it is drawn, or cannot be."
    )
    content_type = models.CharField(max_length=40)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    codec = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now())

    objects = ClipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bytes__gt=0, duration_ms__gt=0) & ~Q(sha256=""), name="clip_is_a_file"
            )
        ]
        indexes = [
            models.Index(
                fields=["poster_due_at"], name="clip_poster_due", condition=~Q(poster_due_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name
