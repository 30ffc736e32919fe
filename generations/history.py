"""What our own past says about a provider: how long it takes, how often it succeeds."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from django.db.models import F, QuerySet

from generations import pace
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.states import State

#: What the providers' pages say where we have no past of our own (providers.md 0.2), in seconds.
USUALLY = 95.0
LAST = 50
#: How many past renders `pace` learns from.
LEARNED_FROM = 100


def typical_seconds(provider: str, sku: str) -> float:
    """The median time from submission to a finished render, or what their pages say."""
    moments = _rendered(provider).filter(sku=sku).values_list("submitted_at", "rendered_at")
    seconds = [(done - sent).total_seconds() for sent, done in moments[:LAST] if done]
    return median(seconds) if seconds else USUALLY


def spans(provider: str, sku: str) -> list[float]:
    """How long the last renders took from acceptance, in seconds, as far as looks can know."""
    # What was done when it was accepted was never waited for.
    past = _rendered(provider).filter(sku=sku, rendered_at__gt=F("accepted_at"))
    rows = past.values_list("accepted_at", "working_at", "rendered_at", "generation__knocked_at")
    return [
        _took(accepted, working, rendered, knocked)
        for accepted, working, rendered, knocked in rows[:LEARNED_FROM]
        if accepted and rendered
    ]


def knock_share(provider: str) -> float:
    """Of the last renders, the share whose webhook came before a look found them."""
    rows = _rendered(provider).values_list("submitted_at", "rendered_at", "generation__knocked_at")[
        :LEARNED_FROM
    ]
    told = [sent <= knocked <= done for sent, done, knocked in rows if done and knocked]
    return sum(told) / (len(rows) + 1)


def under_way(provider: str) -> int:
    """Its jobs that are being looked at."""
    states = [State.RUNNING, State.OVERDUE]
    return Generation.objects.filter(provider=provider, state__in=states).count()


def success_rate(provider: str) -> float:
    """The share of the last finished attempts that ended in a clip; 1.0 without a past."""
    past = Attempt.objects.filter(provider=provider).exclude(finished_at=None)
    ends = past.exclude(state=AttemptState.RETURNED).order_by("-finished_at")
    states = list(ends.values_list("state", flat=True)[:LAST])
    return states.count(AttemptState.SUCCEEDED) / len(states) if states else 1.0


def _rendered(provider: str) -> QuerySet[Attempt]:
    past = Attempt.objects.filter(provider=provider).exclude(rendered_at=None)
    return past.order_by("-rendered_at")


def _took(
    start: datetime, working: datetime | None, rendered: datetime, knocked: datetime | None
) -> float:
    def age(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - start).total_seconds()

    return pace.took(seen=age(rendered) or 0.0, at_work=age(working), knocked=age(knocked))
