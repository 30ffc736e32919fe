"""What our own past says about a provider: how long it takes, how often it succeeds."""

from __future__ import annotations

from django.db.models import F

from generations.models import Attempt
from generations.models.attempt import AttemptState

#: What the providers' pages say where we have no past of our own (providers.md 0.2), in seconds.
USUALLY = 95.0
LAST = 50


def typical_seconds(provider: str, sku: str) -> float:
    """The median time from submission to a finished render, or what their pages say."""
    return learned_seconds(provider, sku) or USUALLY


def learned_seconds(provider: str, sku: str) -> float | None:
    """The median of the last ones; None without a past."""
    past = Attempt.objects.filter(provider=provider, generation__sku=sku)
    rendered = past.exclude(rendered_at=None).order_by("-rendered_at")
    spans = rendered.values_list(F("rendered_at") - F("submitted_at"), flat=True)[:LAST]
    seconds = sorted(span.total_seconds() for span in spans)
    return seconds[len(seconds) // 2] if seconds else None


def success_rate(provider: str) -> float:
    """The share of the last finished attempts that ended in a clip; 1.0 without a past."""
    past = Attempt.objects.filter(provider=provider).exclude(finished_at=None)
    ends = past.exclude(state=AttemptState.RETURNED).order_by("-finished_at")
    states = list(ends.values_list("state", flat=True)[:LAST])
    return states.count(AttemptState.SUCCEEDED) / len(states) if states else 1.0
