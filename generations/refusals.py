"""Why an order, or a change to one, is refused; nothing was held then."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Sum

from billing.pricing.ceilings import order_faults
from generations import blocking, capacity
from generations.models import Generation, ProviderStatus
from generations.spec import ClipSpec
from generations.states import State

#: What makes a provider that was asked for by name refuse rather than keep somebody waiting.
REFUSING = frozenset({"paused", "resting", "draining"})
#: Nobody knows when staff let it work again; seconds until it is worth asking.
DRAINED_FOR = 300


class OrderError(Exception):
    """The order cannot be taken; nothing was held. `code` is the API's."""

    code = "not_sold"


class NotSold(OrderError):
    code = "not_sold"


class PriceAboveMax(OrderError):
    code = "price_above_max"


class ProviderPaused(OrderError):
    """The named provider takes nothing now; `retry_after` is in seconds."""

    code = "provider_paused"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PromptNotAllowed(OrderError):
    """It is against the rules of this site. Which words are is nobody's business."""

    code = "prompt_not_allowed"


class StorageFull(OrderError):
    """What the workspace keeps takes all the room it has."""

    code = "storage_full"


class NotCancelable(OrderError):
    code = "not_cancelable"


class AlreadyFinished(OrderError):
    code = "already_finished"


class NotFinished(OrderError):
    code = "not_finished"


def refuse_words(prompt: str) -> None:
    """:raises PromptNotAllowed:"""
    if blocking.is_blocked(prompt):
        raise PromptNotAllowed(
            "This prompt is against the rules of this site. Describe the clip in other words. "
            "Nothing was ordered."
        )


def refuse_paused(spec: ClipSpec, now: datetime) -> None:
    """Only a provider asked for by name refuses; anything else waits in the queue."""
    if spec.provider == "auto":
        return
    status = ProviderStatus.objects.filter(name=spec.provider).first()
    if status is None or capacity.shut(status, at=now) not in REFUSING:
        return
    until = max(status.paused_until or now, status.broken_until or now)
    wait = int((until - now).total_seconds()) + 1 if until > now else DRAINED_FOR
    raise ProviderPaused(f"{spec.provider} takes no orders now.", retry_after=wait)


def refuse_beyond_ceilings(price: int, count: int, now: datetime) -> None:
    """What the house as a whole sells in a day has an end where the settings say so."""
    spent = 0
    if settings.MAX_SPEND_PER_DAY is not None:
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = Generation.objects.filter(created_at__gte=today).exclude(
            state__in=[State.FAILED, State.CANCELED]
        )
        spent = rows.aggregate(sum=Sum("quoted"))["sum"] or 0
    if faults := order_faults(unit_price=price, count=count, spent_today=spent):
        raise NotSold(faults[0])
