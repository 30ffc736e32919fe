"""What may not be ordered, and what people say about shared clips."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from generations.models.sharing import Share


def has_letters(word: str) -> None:
    if not re.search(r"\w", word):
        raise ValidationError("Write at least one letter or digit.")


class BlockedWord(models.Model):
    """A word or phrase that no prompt may hold; see `blocking.py` for what it matches."""

    word = models.CharField(
        max_length=100,
        validators=[has_letters],
        help_text="A word or a phrase. With * at its end: all words that begin so.",
    )
    note = models.CharField(max_length=200, blank=True, help_text="Why, for colleagues.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["word"]
        constraints = [models.UniqueConstraint(Lower("word"), name="blocked_word_once")]

    def __str__(self) -> str:
        return self.word


class ReportReason(models.TextChoices):
    VIOLENCE = "violence", "Violence or cruelty"
    SEXUAL = "sexual", "Sexual content"
    PERSON = "person", "It shows a real person who did not agree"
    RIGHTS = "rights", "It uses what belongs to somebody else"
    OTHER = "other", "Something else"


class ReportState(models.TextChoices):
    OPEN = "open"
    HIDDEN = "hidden"
    DISMISSED = "dismissed"


class ShareReport(models.Model):
    """Somebody who saw a shared clip says that it should not be there; staff decide."""

    share = models.ForeignKey(Share, models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=10, choices=ReportReason)
    words = models.TextField(blank=True, max_length=1000)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.OPEN)
    decided_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("decide_sharereport", "Can decide what becomes of a reported clip")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReportState.OPEN) ^ Q(decided_at__isnull=False),
                name="share_report_decided_once",
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], name="share_report_open", condition=Q(state="open"))
        ]

    def __str__(self) -> str:
        return f"report {self.pk}: {self.get_reason_display()}"
