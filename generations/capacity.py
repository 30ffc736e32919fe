"""How much each provider can take at this moment, and why not when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Sum

from generations import connect
from generations.models import Attempt, Generation, ProviderStatus
from generations.models.attempt import AttemptState
from generations.states import IN_FLIGHT

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Load:
    """One provider: its jobs in flight, its caps, and what keeps new work away ("" for nothing)."""

    name: str
    in_flight: int
    most_in_flight: int
    left_this_minute: int
    shut: str = ""
    on_trial: bool = False  # one job decides whether it is well again

    @property
    def room(self) -> int:
        """How many more it may be sent now."""
        if self.shut:
            return 0
        room = max(0, min(self.most_in_flight - self.in_flight, self.left_this_minute))
        return min(1, room) if self.on_trial else room

    @property
    def fill(self) -> float:
        """Its share of places taken: ties between routes go to the emptier one."""
        return self.in_flight / self.most_in_flight if self.most_in_flight else 1.0

    def with_one_more(self) -> Load:
        return replace(
            self,
            in_flight=self.in_flight + 1,
            left_this_minute=self.left_this_minute - 1,
            shut="on trial" if self.on_trial else self.shut,
        )


def loads(*, at: datetime) -> dict[str, Load]:
    """Every configured provider; three queries."""
    statuses = {status.name: status for status in ProviderStatus.objects.all()}
    in_flight = _counted(Generation.objects.filter(state__in=sorted(IN_FLIGHT)))
    submitted = _counted(Attempt.objects.filter(submitted_at__gt=at - MINUTE))
    return {
        name: _load(
            name, statuses.get(name, ProviderStatus(name=name)), in_flight, submitted, at=at
        )
        for name in connect.names()
    }


def shut(status: ProviderStatus, *, at: datetime) -> str:
    """What keeps new work away from a provider, in a word; "" when nothing does."""
    reasons = [
        ("switched off", not status.enabled),
        ("draining", status.draining),
        ("paused", _is_ahead(status.paused_until, at)),
        ("resting", _is_ahead(status.broken_until, at)),
        ("busy", _is_ahead(status.busy_until, at)),
        ("on trial", _is_ahead(status.trial_until, at)),
    ]
    return next((reason for reason, holds in reasons if holds), "")


def lost_today(*, at: datetime) -> int:
    """Micro-dollars that failing over to dearer providers has cost us since midnight UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    dearer = Attempt.objects.filter(loss__gt=0, submitted_at__gte=midnight)
    lost = dearer.exclude(state=AttemptState.RETURNED).aggregate(sum=Sum("loss"))["sum"]
    return int(lost or 0)


def alone() -> None:
    """
    Until this transaction ends nobody else hands out places: two dispatchers at once would
    each see the same free ones.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reelay.capacity'))")


def _load(
    name: str,
    status: ProviderStatus,
    in_flight: Mapping[str, int],
    submitted: Mapping[str, int],
    *,
    at: datetime,
) -> Load:
    able = connect.provider(name).capabilities
    most, rate = status.most_in_flight, status.most_per_minute
    return Load(
        name=name,
        in_flight=in_flight.get(name, 0),
        most_in_flight=able.most_in_flight if most is None else most,
        left_this_minute=(rate or able.most_per_minute) - submitted.get(name, 0),
        shut=shut(status, at=at),
        on_trial=status.is_on_trial,
    )


def _counted(rows: object) -> dict[str, int]:
    counted = rows.values_list("provider").annotate(Count("pk"))  # type: ignore[attr-defined]
    return dict(counted.order_by())


def _is_ahead(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment > at
