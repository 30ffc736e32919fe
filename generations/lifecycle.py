"""
The machine's side of the story: each function is one transaction, called between network calls.

Money moves in the same transaction as the state that explains it, as its last statement. Every
function is safe to call twice: the second call finds the work done and returns False.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from accounts import bindings
from accounts.claims import Claim
from accounts.crashpoints import crashpoint
from billing import money
from generations import (
    charging,
    connect,
    deadlines,
    moves,
    nudges,
    owed,
    routing,
    together,
    waiting,
)
from generations.models import Attempt, Clip, Generation, Notice
from generations.models.attempt import AttemptState, Submission
from generations.providers.base import Accepted, JobState, ProviderError, Snapshot
from generations.routing import Candidate, Route
from generations.states import State
from generations.together import Sight

Held = Claim[Generation]
P = ParamSpec("P")
T = TypeVar("T")


def _step(function: Callable[Concatenate[Held, P], T]) -> Callable[Concatenate[Held, P], T]:
    """One transaction. What is undone in the database is undone on the claimed row too."""

    @wraps(function)
    def step(claim: Held, /, *args: P.args, **kwargs: P.kwargs) -> T:
        before = claim.row.state
        try:
            with bindings.about(generation=claim.row.public_id), transaction.atomic():
                return function(claim, *args, **kwargs)
        except BaseException:
            claim.row.state = before
            raise

    return step


@_step
def begin(claim: Held, *, route: Route, found: Sequence[Candidate] = ()) -> Attempt | None:
    """
    queued → submitting, with the attempt written down before a byte is sent.

    :param found: every route there was, for the timeline.
    """
    generation = claim.row
    number = generation.attempts.count() + 1
    sent = moves.move(
        generation,
        to=State.SUBMITTING,
        token=claim.token,
        provider=route.provider,
        lease_until=F("lease_until"),
    )
    if not sent:
        return None
    moves.record(
        generation,
        "attempt.submitting",
        f"Sending it to {route.provider}.",
        provider=route.provider,
        routes=[candidate.told() for candidate in found],
    )
    return Attempt.objects.create(
        generation=generation,
        number=number,
        provider=route.provider,
        sku=generation.sku,
        price=route.price,
        cost=route.cost,
        loss=routing.loss(generation, route),
    )


@_step
def handed_over(claim: Held, *, attempt: Attempt) -> bool:
    """A blocking submission goes out: submitting → running; its lease stays with who sends it."""
    running = moves.move(
        claim.row,
        to=State.RUNNING,
        token=claim.token,
        started_at=Now(),
        lease_until=F("lease_until"),
    )
    if running:
        moves.record(
            claim.row,
            "attempt.submitted",
            f"{attempt.provider} has the order.",
            provider=attempt.provider,
        )
    return running


@_step
def accepted(claim: Held, *, attempt: Attempt, answer: Accepted) -> bool:
    """The provider took it: submitting or unknown → running, or → storing if it is done."""
    if answer.snapshot and answer.snapshot.state is not JobState.WORKING:
        moved = seen(claim, attempt=attempt, snapshot=answer.snapshot)
        if moved:
            _take_job(attempt, answer)
        if moved and answer.snapshot.state is JobState.DONE:
            owed.taken(attempt)
        return moved
    wait = waiting.first(attempt, now=claim.now)
    running = moves.move(
        claim.row,
        to=State.RUNNING,
        token=claim.token,
        started_at=Now(),
        due_at=wait.due(claim.now),
    )
    if running:
        _take_job(attempt, answer)
        owed.taken(attempt)
        moves.record(
            claim.row,
            "attempt.submitted",
            f"{attempt.provider} took the order.",
            provider=attempt.provider,
            job=answer.job_id,
        )
    return running


@_step
def returned(claim: Held, *, attempt: Attempt, error: ProviderError, wait: timedelta) -> bool:
    """
    Certainly not accepted: back to the queue, or canceled if that was wished meanwhile.

    :param wait: how long this provider is not asked for it again; others may be at once.
    """
    pause = timedelta(0) if len(claim.row.routes) > 1 else wait
    back = moves.move(
        claim.row,
        to=State.QUEUED,
        token=claim.token,
        provider="",
        started_at=None,
        progress=None,
        due_at=Now() + pause,
    )
    if back:
        _close(attempt, AttemptState.RETURNED, error)
        owed.nothing(attempt, "not taken")
        Attempt.objects.filter(pk=attempt.pk).update(retry_at=Now() + wait)
        moves.record(
            claim.row,
            "attempt.returned",
            f"{attempt.provider} cannot take it now; it waits for its turn.",
            provider=attempt.provider,
            code=error.code,
        )
        _cancel_if_wished(claim.row)
        nudges.after_commit("dispatch")
    return back


def refused(claim: Held, *, error: ProviderError) -> bool:
    """They said no and will keep saying no: the end, with their words."""
    return failed(claim, code=error.code, provider_message=error.message)


@_step
def unclear(claim: Held, *, attempt: Attempt, error: ProviderError) -> bool:
    """Sent, and heard nothing: the hold stays, nothing is sent again blindly."""
    lost = moves.move(claim.row, to=State.UNKNOWN, token=claim.token, due_at=Now())
    if lost:
        _note(attempt, error)
        owed.in_doubt(attempt)
        moves.record(
            claim.row,
            "attempt.unclear",
            f"No clear answer from {attempt.provider}; asking what became of it.",
            provider=attempt.provider,
        )
        nudges.after_commit("look")
    return lost


@_step
def seen(claim: Held, *, attempt: Attempt, snapshot: Snapshot) -> bool:
    """One look at one job: it is done, it failed, or it goes on."""
    if snapshot.state is JobState.DONE:
        return bool(together.rendered([Sight(claim, attempt, snapshot)]))
    if snapshot.failure:
        failure = snapshot.failure
        ours = failed(
            claim,
            code=failure.code,
            provider_message=failure.message,
            charged=bool(failure.charged),
        )
    else:
        ours = waited(claim, progress=snapshot.progress)
    if ours:
        working = snapshot.state is JobState.WORKING
        Attempt.objects.filter(pk=attempt.pk).update(
            looks=F("looks") + 1,
            working_at=Now() if working else F("working_at"),
            raw=moves.plain(snapshot.raw),
        )
    return ours


@_step
def waited(claim: Held, *, progress: int | None = None) -> bool:
    """Nothing final yet: look again later, or past a deadline say so."""
    generation = claim.row
    verdict = deadlines.passed(generation, now=claim.now, lookup=_can_be_looked_up(generation))
    if verdict == "overdue":
        later = waiting.Wait(deadlines.OVERDUE_WAIT.total_seconds()).due(claim.now)
        return moves.move(generation, to=State.OVERDUE, token=claim.token, due_at=later)
    if verdict:
        return failed(claim, code=verdict)
    wait = waiting.next(generation, now=claim.now).due(claim.now)
    progress = generation.progress if progress is None else progress
    return moves.stay(generation, token=claim.token, due_at=wait, progress=progress)


@_step
def failed(claim: Held, *, code: str, provider_message: str = "", charged: bool = False) -> bool:
    """
    The end without a clip: the hold is released in the same transaction.

    :param charged: whether the provider takes money for it all the same.
    """
    message = deadlines.MESSAGES.get(code, deadlines.MESSAGES["provider_error"])
    ended = moves.move(
        claim.row,
        to=State.FAILED,
        token=claim.token,
        error_code=code,
        error_message=message,
        provider_message=provider_message,
    )
    if not ended:
        return False
    _close_open(claim.row, code, provider_message, charged=charged)
    moves.record(claim.row, "generation.failed", message, code=code)
    _notify(claim.row, "generation.failed")
    _released(claim.row)
    return True


@_step
def delivered(claim: Held, *, attempt: Attempt, clip: Clip) -> bool:
    """storing → succeeded: the clip's row and the capture, in one transaction."""
    price = min(claim.row.quoted, attempt.price)
    done = moves.move(claim.row, to=State.SUCCEEDED, token=claim.token, charged=price, progress=100)
    if not done:
        return False
    clip.generation = claim.row
    clip.save(force_insert=True)
    _close(attempt, AttemptState.SUCCEEDED)
    owed.taken(attempt)
    moves.record(claim.row, "generation.succeeded", "The clip is here.", bytes=clip.bytes)
    moves.record(claim.row, "money.captured", f"Charged {money.usd(price)} USD.")
    _notify(claim.row, "generation.succeeded")
    charging.capture(claim.row, amount=price, description="Clip delivered")
    crashpoint("CP15")
    return True


@_step
def not_stored(claim: Held, *, attempt: Attempt, code: str, message: str) -> bool:
    """The file did not come home: try again, with a fresh link where there is one, or give up."""
    tries = attempt.store_tries + 1
    wait = deadlines.store_wait(tries, code=code, since=attempt.rendered_at, now=claim.now)
    if wait is None:
        return failed(claim, code="result_unusable", provider_message=message)
    later = Now() + wait
    if _relinks(attempt.provider):
        back = moves.move(claim.row, to=State.RUNNING, token=claim.token, due_at=later)
    else:  # another look would give the same link
        back = moves.stay(claim.row, token=claim.token, due_at=later)
    if back:
        Attempt.objects.filter(pk=attempt.pk).update(
            store_tries=tries, error_code=code, error_message=message
        )
        moves.record(
            claim.row, "clip.not_stored", "The file could not be brought home yet.", code=code
        )
    return back


def _relinks(provider: str) -> bool:
    return provider in connect.names() and connect.provider(provider).capabilities.relinks


def _can_be_looked_up(generation: Generation) -> bool:
    """Can its provider find a job by our own token? One that is switched off cannot."""
    if generation.provider not in connect.names():
        return False
    return connect.provider(generation.provider).capabilities.lookup


def _take_job(attempt: Attempt, answer: Accepted) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        job_id=answer.job_id,
        accepted_at=Now(),
        # One that was unclear first stays what it was for the breaker.
        submission=Case(
            When(submission=Submission.UNJUDGED, then=Value(Submission.GOOD)),
            default=F("submission"),
        ),
        raw=moves.plain(answer.raw),
    )


def _cancel_if_wished(generation: Generation) -> None:
    """A wish to cancel that came too early for an answer is fulfilled on the way back."""
    wished = Generation.objects.filter(pk=generation.pk).exclude(cancel_wished_at=None)
    if wished.exists() and moves.move(generation, to=State.CANCELED):
        moves.record(generation, "generation.canceled", "Canceled as wished: nobody had taken it.")
        _released(generation)


def _released(generation: Generation) -> None:
    charging.release(generation, description="No clip: given back")


def _close(attempt: Attempt, state: AttemptState, error: ProviderError | None = None) -> None:
    rows = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN)
    rows.update(state=state, finished_at=Now())
    if error:
        _note(attempt, error)


def _close_open(generation: Generation, code: str, message: str, *, charged: bool) -> None:
    """The attempt under way, if there is one, ends with its generation."""
    attempt = generation.attempts.filter(state=AttemptState.OPEN).first()
    if attempt is None:
        return
    given_up = code in deadlines.GIVEN_UP
    if given_up:
        owed.in_doubt(attempt)
    elif charged or code == "result_unusable":
        owed.taken(attempt)
    else:
        owed.nothing(attempt, code)
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.ABANDONED if given_up else AttemptState.FAILED,
        late_look_at=Now() + deadlines.LATE_LOOK if given_up else None,
        finished_at=Now(),
        error_code=code,
        error_message=message,
    )


def _note(attempt: Attempt, error: ProviderError) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        error_code=error.code, error_message=error.message, raw=moves.plain(error.raw)
    )


def _notify(generation: Generation, type: str) -> None:
    """A letter: within the second, when the tick finds it, together with those of others."""
    Notice.objects.create(generation=generation, type=type)
