"""Clips and first frames that a workspace, or this site, does not keep any longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from accounts import ids
from accounts.privacy import retention
from billing import quotes
from generations import orders, storage
from generations.models import Attempt, Generation, Upload
from generations.states import State

AT_ONCE = 200
#: When nobody has a file in hand any more, and how long what is left of an order is looked for.
OVER, LOOKED_FOR = timedelta(days=1), timedelta(days=7)


def sweep(*, now: datetime) -> int:
    """Returns how many clips and first frames were deleted, and files that were nobody's."""
    return _clips(now) + _uploads(now) + _left_behind(now) + _unnamed(now)


def _clips(now: datetime) -> int:
    """As if their customers had deleted them: money rows stay. What staff have hidden goes, too."""
    gone = 0
    for workspaces, before in retention.cutoffs("clips", now):
        old = Generation.objects.filter(**workspaces, finished_at__lt=before)
        for rows in (old.filter(deleted_at=None), old.hidden()):
            for generation in _one_by_one(rows.select_related("first_frame")):
                orders.delete(generation=generation)
                gone += 1
        quotes.forget_wishes(before=before, **workspaces)
    return gone


def _uploads(now: datetime) -> int:
    """What an order under way needs stays until that is over."""
    needed = Generation.objects.filter(first_frame=OuterRef("pk"), finished_at=None)
    gone = 0
    for workspaces, before in retention.cutoffs("uploads", now):
        old = Upload.objects.filter(~Exists(needed), **workspaces, created_at__lt=before)
        for upload in _one_by_one(old):
            storage.forget_upload(upload)
            gone += 1
    return gone


def _left_behind(now: datetime) -> int:
    """What was being brought home when its order had failed: stored, and nobody's."""
    rendered = Attempt.objects.filter(generation=OuterRef("pk")).exclude(rendered_at=None)
    lost = Generation.objects.filter(
        Exists(rendered),
        pk__gt=ids.earliest(now - LOOKED_FOR),
        clip=None,
        state__in=[State.FAILED, State.CANCELED],
        finished_at__lt=now - OVER,
    )
    return sum(storage.forget_unclaimed(one) for one in _one_by_one(lost))


def _unnamed(now: datetime) -> int:
    """First frames that were stored by a request which did not live to write them down."""
    known = set(Upload.objects.values_list("name", flat=True).iterator())
    strays = [name for name in storage.uploads() if name not in known]
    old = [name for name in strays if storage.stored_before(name, now - OVER)]
    for name in old:
        storage.discard(name)
    return len(old)


def _one_by_one(rows: QuerySet) -> Iterator:  # type: ignore[type-arg]
    """In the order of their ids, a few at a time, so that no long query looks at old rows."""
    last = None
    while found := list((rows.filter(pk__gt=last) if last else rows).order_by("pk")[:AT_ONCE]):
        yield from found
        last = found[-1].pk
