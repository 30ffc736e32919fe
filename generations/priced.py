"""What billing's price pages must know of orders: what can be priced, what it brought and cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from billing.pricing import reports
from billing.pricing.reports import Catalogue, Fact, Job, Reported
from generations import catalog, connect
from generations.models import Attempt, ProviderStatus
from generations.models.attempt import AttemptState
from generations.providers import REGISTRY

DELIVERED = Q(state=AttemptState.SUCCEEDED)
#: Ended without a clip, and the provider says that it took money for it.
COSTLY = Q(state__in=[AttemptState.FAILED, AttemptState.ABANDONED], reported_cost__gt=0)


@reports.register_catalogue
def catalogue() -> Catalogue:
    off = set(ProviderStatus.objects.filter(enabled=False).values_list("name", flat=True))
    return Catalogue(
        providers=frozenset(REGISTRY),
        skus=tuple(catalog.skus()),
        obstacles={
            (provider, sku): why
            for provider in REGISTRY
            for sku in catalog.skus()
            if (why := _obstacle(provider, sku, off))
        },
    )


@reports.register_reported
def reported(since: datetime) -> Iterable[Reported]:
    rows = (
        Attempt.objects.filter(DELIVERED, submitted_at__gte=since, reported_cost__isnull=False)
        .values("provider", "sku", "cost")
        .annotate(clips=Count("pk"), theirs=Sum("reported_cost"))
        .order_by("provider", "sku", "cost")
    )
    for row in rows:
        table_cost = row["cost"] * row["clips"]
        yield Reported(row["provider"], row["sku"], table_cost, row["theirs"], row["clips"])


@reports.register_facts
def facts(start: datetime, end: datetime) -> Iterable[Fact]:
    charged = F("generation__charged") - F("generation__refunded")
    rows = (
        Attempt.objects.filter(DELIVERED | COSTLY, finished_at__gte=start, finished_at__lt=end)
        .values("provider", "sku", month=TruncMonth("finished_at", tzinfo=UTC))
        .annotate(
            clips=Count("pk", filter=DELIVERED),
            price=Coalesce(Sum(charged, filter=DELIVERED), 0),
            table_cost=Coalesce(Sum("cost", filter=DELIVERED), 0),
            theirs=Coalesce(Sum("reported_cost", filter=DELIVERED), 0),
            taken=Coalesce(Sum(Coalesce("reported_cost", "cost"), filter=DELIVERED), 0),
            failures=Count("pk", filter=COSTLY),
            failure_cost=Coalesce(Sum("reported_cost", filter=COSTLY), 0),
        )
        .order_by("month", "provider", "sku")
    )
    for row in rows:
        yield Fact(
            row["month"].date(), row["provider"], row["sku"], row["clips"], row["price"],
            row["table_cost"], row["theirs"], row["taken"], row["failures"], row["failure_cost"],
        )  # fmt: skip


@reports.register_jobs
def jobs(provider: str, start: datetime, end: datetime, named: Collection[str]) -> Iterable[Job]:
    sent = Attempt.objects.filter(provider=provider).exclude(state=AttemptState.RETURNED)
    # On its own, each of the two has an index; an OR of them would have none.
    for found in [
        sent.filter(submitted_at__gte=start, submitted_at__lt=end),
        sent.filter(job_id__in=named),
    ]:
        yield from map(_job, _slim(found).iterator())


def _slim(found: QuerySet[Attempt]) -> QuerySet[Attempt]:
    return found.only("job_id", "sku", "state", "cost", "reported_cost", "submitted_at")


def _job(attempt: Attempt) -> Job:
    is_ours = attempt.state in (AttemptState.SUCCEEDED, AttemptState.OPEN)
    expected = attempt.reported_cost
    if expected is None:
        expected = attempt.cost if is_ours else 0
    return Job(
        names=(attempt.job_id or str(attempt.token), str(attempt.token)),
        sku=attempt.sku,
        expected=expected,
        at=attempt.submitted_at,
        outcome=attempt.state,
    )


def _obstacle(provider: str, sku: str, off: Collection[str]) -> str:
    if provider not in connect.names():
        return "not configured"
    if provider in off:
        return "switched off"
    model, mode, resolution, duration = sku.split("/")
    route = connect.provider(provider).capabilities.route(model=model, mode=mode)
    can = route is not None and (resolution, int(duration)) in route.sizes
    return "" if can else "it does not make this"
