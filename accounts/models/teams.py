"""On the way into a workspace, and on the way to owning it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import Membership, Role, Workspace


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def for_workspace(self, workspace: Workspace) -> InvitationQuerySet:
        return self.filter(workspace=workspace)

    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; those that are too old are still listed."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """
    Lets whoever has this e-mail address into a workspace, once.

    The token in the letter is stored as a hash only; a letter that is sent again has another one.
    `invited_by` answers for it: it is void when they may not give this role any more.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail", max_length=254, help_text="In lower case.")
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_pending_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[Role.ADMIN, Role.MEMBER, Role.BILLING]),
                name="invitation_role",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-sent_at"], name="invitation_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace_id}"

    @property
    def public_id(self) -> str:
        return ids.public("inv", self.id)

    def state(self, now: datetime) -> str:
        """open, accepted, withdrawn or expired."""
        if self.accepted_at:
            return "accepted"
        if self.withdrawn_at:
            return "withdrawn"
        return "expired" if self.expires_at <= now else "open"


class OwnershipOffer(models.Model):
    """The owner hands the workspace on; it is done when the other one accepts."""

    workspace = models.OneToOneField(
        Workspace, models.CASCADE, primary_key=True, related_name="ownership_offer"
    )
    by = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    to = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.workspace_id} to {self.to_id}"
