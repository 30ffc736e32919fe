"""What one member of staff proposes and another must agree to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import User, Workspace


class ProposalState(models.TextChoices):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


class Proposal(models.Model):
    """
    An act above what staff may do alone: who wants what, why, and until when it may be approved.

    `act` names a function that the app of the act has registered (`accounts.proposals`), `data`
    is what that needs. `amount` is in micro-dollars.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, help_text="The public id of what.")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    data = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | ~Q(state="approved")
                | ~Q(decided_by=F("proposed_by")),
                name="proposal_needs_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None)
                | (~Q(state="open") & ~Q(decided_by=None) & ~Q(decided_at=None)),
                name="proposal_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["act", "subject"], condition=Q(state="open"), name="proposal_open_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="proposal_by_state")]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"
