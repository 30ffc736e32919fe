"""
A provider that cannot work with us gets nothing new for a while, longer each time.

- A pause: our key or our money with them is at fault. Ended by a free question about our balance,
  or by one trial job.
- The breaker: too many of the last submissions went badly. Half-open with one job, closed by one
  success. Refusals for content or bad input, and 429s, say nothing about a provider's health.
- Busy: they asked us to come back later, or were overloaded.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from billing import money
from generations import connect
from generations.models import Attempt, ProviderStatus
from generations.models.attempt import Submission
from generations.providers.base import Busy, ProviderError, Unavailable, Unclear

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 60, 900
FIRST_BREAK, LONGEST_BREAK = 30, 300
FIRST_REST, LONGEST_REST = 2, 60
JUDGED, BAD_OF_THEM = 10, 5
JUDGED_FOR = timedelta(minutes=10)
LOOK_ERRORS = 10
#: A provider that tells our balance is asked this often.
BALANCE_EVERY = timedelta(minutes=5)

WELL: dict[str, object] = {
    "paused_until": None,
    "pause_seconds": 0,
    "broken_until": None,
    "break_seconds": 0,
    "busy_until": None,
    "busy_seconds": 0,
    "trial_until": None,
}


def took(name: str) -> None:
    """It took an order: whatever was wrong is over."""
    wrong = Q(pause_seconds__gt=0) | Q(break_seconds__gt=0) | Q(busy_seconds__gt=0)
    unwell = ProviderStatus.objects.filter(wrong, pk=name)
    if unwell.update(**WELL, mended_at=Now()):
        logger.warning("%s takes orders again", name)


def did_not_take(attempt: Attempt, error: ProviderError) -> None:
    """It did not take an order: what that says about it, if anything."""
    if isinstance(error, Unclear | Unavailable) or error.code == "not_reached":
        _went_badly(attempt, error)
    elif isinstance(error, Busy):
        _rest(attempt.provider, error)
    else:  # a refusal of this one order proves nothing
        ProviderStatus.objects.filter(pk=attempt.provider).update(trial_until=None)


@transaction.atomic
def pause(name: str, error: ProviderError) -> None:
    """Our key or our money with them is at fault: 60 s, doubling to 15 min; staff are told."""
    status = _locked(name)
    seconds = min(LONGEST_PAUSE, status.pause_seconds * 2 or FIRST_PAUSE)
    until = Now() + timedelta(seconds=seconds)
    _note(name, error, paused_until=until, pause_seconds=seconds, balance_due_at=until)
    logger.error("%s is paused for %s s: %s", name, seconds, error.code)


def try_out(name: str) -> None:
    """If it is on trial, one job is on its way now: nothing else is sent until it is decided."""
    blocking = connect.provider(name).capabilities.blocking
    longest = connect.BLOCKING_SUBMIT_TIMEOUT if blocking else connect.SUBMIT_TIMEOUT
    until = Now() + timedelta(seconds=longest)
    on_trial = Q(pause_seconds__gt=0) | Q(break_seconds__gt=0)
    ProviderStatus.objects.filter(on_trial, pk=name).update(trial_until=until)


def looked(name: str) -> None:
    """A question about jobs was answered."""
    ProviderStatus.objects.filter(pk=name, look_errors__gt=0).update(look_errors=0)


@transaction.atomic
def look_failed(name: str, error: ProviderError) -> None:
    """One failed question says nothing; ten in a row pause new submissions."""
    _locked(name)
    ProviderStatus.objects.filter(pk=name).update(look_errors=F("look_errors") + 1)
    if ProviderStatus.objects.get(pk=name).look_errors >= LOOK_ERRORS:
        ProviderStatus.objects.filter(pk=name).update(look_errors=0)
        pause(name, error)


def told_balance(name: str, balance: Decimal) -> None:
    """Our money with them; a pause for want of money or key is over when there is some."""
    status, _ = ProviderStatus.objects.get_or_create(name=name)
    known = ProviderStatus.objects.filter(pk=name)
    known.update(balance=money.from_decimal(balance), balance_at=Now())
    if balance > 0 and status.pause_seconds:
        known.update(paused_until=None, pause_seconds=0, trial_until=None)


def _went_badly(attempt: Attempt, error: ProviderError) -> None:
    """Five bad ones of the last ten within ten minutes open the breaker; so does a bad trial."""
    Attempt.objects.filter(pk=attempt.pk).update(submission=Submission.BAD)
    with transaction.atomic():
        status = _locked(attempt.provider)
        if status.break_seconds or _bad_ones(status) >= BAD_OF_THEM:
            _break(status, error)
        else:
            _note(status.name, error, trial_until=None)


def _bad_ones(status: ProviderStatus) -> int:
    """Of the last ten judged within ten minutes, and since it was last well again."""
    judged = Attempt.objects.filter(
        provider=status.name, submitted_at__gt=Now() - JUDGED_FOR
    ).exclude(submission=Submission.UNJUDGED)
    if status.mended_at:
        judged = judged.filter(submitted_at__gt=status.mended_at)
    last = judged.order_by("-submitted_at").values_list("submission", flat=True)[:JUDGED]
    return list(last).count(Submission.BAD)


def _break(status: ProviderStatus, error: ProviderError) -> None:
    """Already open: those still on their way when it opened lengthen nothing."""
    still_open = ProviderStatus.objects.filter(pk=status.name, broken_until__gt=Now())
    if still_open.exists():
        return
    seconds = min(LONGEST_BREAK, status.break_seconds * 2 or FIRST_BREAK)
    until = Now() + timedelta(seconds=seconds)
    _note(status.name, error, broken_until=until, break_seconds=seconds, trial_until=None)
    logger.error("%s rests for %s s: too many bad submissions", status.name, seconds)


@transaction.atomic
def _rest(name: str, error: Busy) -> None:
    """As long as they ask for, else 2 s doubling to a minute."""
    status = _locked(name)
    seconds = min(LONGEST_REST, status.busy_seconds * 2 or FIRST_REST)
    wait = seconds if error.retry_after is None else error.retry_after
    ProviderStatus.objects.filter(pk=name).update(
        busy_until=Now() + timedelta(seconds=wait), busy_seconds=seconds, trial_until=None
    )


def _locked(name: str) -> ProviderStatus:
    status, _ = ProviderStatus.objects.select_for_update().get_or_create(name=name)
    return status


def _note(name: str, error: ProviderError, **changes: object) -> None:
    ProviderStatus.objects.filter(pk=name).update(
        last_error=f"{error.code}: {error.message}"[:1000], last_error_at=Now(), **changes
    )
