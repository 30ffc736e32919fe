"""
The machine's side of the story: each function is one transaction, called between network calls.

Money moves in the same transaction as the state that explains it, as its last statement. Every
function is safe to call twice: the second call finds the work done and returns False.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from billing import ledger, money
from generations import connect, deadlines, history, moves, nudges
from generations.claims import Claim
from generations.models import Attempt, Clip, Generation, Notice
from generations.models.attempt import AttemptState
from generations.providers.base import Accepted, JobState, ProviderError, Snapshot
from generations.routing import Route
from generations.states import State

Held = Claim[Generation]


@transaction.atomic
def begin(claim: Held, *, route: Route) -> Attempt | None:
    """queued → submitting, with the attempt written down before a byte is sent."""
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
    )
    return Attempt.objects.create(
        generation=generation,
        number=number,
        provider=route.provider,
        price=route.price,
        cost=route.cost,
    )


@transaction.atomic
def accepted(claim: Held, *, attempt: Attempt, answer: Accepted) -> bool:
    """The provider took it: submitting or unknown → running, or → storing if it is done."""
    if answer.snapshot and answer.snapshot.state is not JobState.WORKING:
        moved = seen(claim, attempt=attempt, snapshot=answer.snapshot)
        if moved:
            _take_job(attempt, answer)
        return moved
    wait = deadlines.first_look(history.learned_seconds(attempt.provider, claim.row.sku))
    running = moves.move(
        claim.row,
        to=State.RUNNING,
        token=claim.token,
        started_at=Now(),
        due_at=moves.next_look(claim.now, wait),
    )
    if running:
        _take_job(attempt, answer)
        moves.record(
            claim.row,
            "attempt.submitted",
            f"{attempt.provider} took the order.",
            provider=attempt.provider,
            job=answer.job_id,
        )
    return running


@transaction.atomic
def returned(claim: Held, *, attempt: Attempt, error: ProviderError, wait: timedelta) -> bool:
    """Certainly not accepted: back to the queue, or canceled if that was wished meanwhile."""
    back = moves.move(
        claim.row, to=State.QUEUED, token=claim.token, provider="", due_at=Now() + wait
    )
    if back:
        _close(attempt, AttemptState.RETURNED, error)
        moves.record(
            claim.row,
            "attempt.returned",
            f"{attempt.provider} cannot take it now; it waits for its turn.",
            provider=attempt.provider,
            code=error.code,
        )
        _cancel_if_wished(claim.row)
    return back


def refused(claim: Held, *, error: ProviderError) -> bool:
    """They said no and will keep saying no: the end, with their words."""
    return failed(claim, code=error.code, provider_message=error.message)


@transaction.atomic
def unclear(claim: Held, *, attempt: Attempt, error: ProviderError) -> bool:
    """Sent, and heard nothing: the hold stays, nothing is sent again blindly."""
    lost = moves.move(claim.row, to=State.UNKNOWN, token=claim.token, due_at=Now())
    if lost:
        _note(attempt, error)
        moves.record(
            claim.row,
            "attempt.unclear",
            f"No clear answer from {attempt.provider}; asking what became of it.",
            provider=attempt.provider,
        )
        nudges.after_commit("look")
    return lost


@transaction.atomic
def seen(claim: Held, *, attempt: Attempt, snapshot: Snapshot) -> bool:
    """One look at one job: it is done, it failed, or it goes on."""
    if snapshot.state is JobState.DONE:
        ours = _rendered(claim, attempt, snapshot)
    elif snapshot.failure:
        ours = failed(claim, code=snapshot.failure.code, provider_message=snapshot.failure.message)
    else:
        ours = waited(claim, progress=snapshot.progress)
    if ours:
        Attempt.objects.filter(pk=attempt.pk).update(looks=F("looks") + 1, raw=_plain(snapshot.raw))
    return ours


@transaction.atomic
def waited(claim: Held, *, progress: int | None = None) -> bool:
    """Nothing final yet: look again later, or past a deadline say so."""
    generation = claim.row
    verdict = deadlines.passed(generation, now=claim.now, lookup=_can_be_looked_up(generation))
    if verdict == "overdue":
        wait = moves.next_look(claim.now, deadlines.OVERDUE_WAIT)
        return moves.move(generation, to=State.OVERDUE, token=claim.token, due_at=wait)
    if verdict:
        return failed(claim, code=verdict)
    wait = moves.next_look(claim.now, deadlines.next_wait(generation, now=claim.now))
    progress = generation.progress if progress is None else progress
    return moves.stay(generation, token=claim.token, due_at=wait, progress=progress)


@transaction.atomic
def refound(claim: Held, *, attempt: Attempt, job_id: str) -> bool:
    """A lookup found the job of an unclear submission still at work: unknown → running."""
    return accepted(claim, attempt=attempt, answer=Accepted(job_id=job_id))


@transaction.atomic
def failed(claim: Held, *, code: str, provider_message: str = "") -> bool:
    """The end without a clip: the hold is released in the same transaction."""
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
    _close_open(claim.row, code, provider_message)
    moves.record(claim.row, "generation.failed", message, code=code)
    _notify(claim.row, "generation.failed")
    _released(claim.row)
    return True


@transaction.atomic
def delivered(claim: Held, *, attempt: Attempt, clip: Clip) -> bool:
    """storing → succeeded: the clip's row and the capture, in one transaction."""
    price = min(claim.row.quoted, attempt.price)
    done = moves.move(claim.row, to=State.SUCCEEDED, token=claim.token, charged=price, progress=100)
    if not done:
        return False
    clip.generation = claim.row
    clip.save(force_insert=True)
    _close(attempt, AttemptState.SUCCEEDED)
    moves.record(claim.row, "generation.succeeded", "The clip is here.", bytes=clip.bytes)
    moves.record(claim.row, "money.captured", f"Charged {money.usd(price)} USD.")
    _notify(claim.row, "generation.succeeded")
    ledger.capture(
        wallet=claim.row.workspace.wallet,
        amount=price,
        reference=claim.row.reference,
        description="Clip delivered",
    )
    nudges.after_commit("poster", generation_id=str(claim.row.pk))
    return True


@transaction.atomic
def not_stored(claim: Held, *, attempt: Attempt, code: str, message: str) -> bool:
    """The file did not come home: ask the provider for a fresh link, or give up in the end."""
    tries = attempt.store_tries + 1
    wait = deadlines.store_wait(tries, code=code, since=attempt.rendered_at, now=claim.now)
    if wait is None:
        return failed(claim, code="result_unusable", provider_message=message)
    back = moves.move(claim.row, to=State.RUNNING, token=claim.token, due_at=Now() + wait)
    if back:
        Attempt.objects.filter(pk=attempt.pk).update(
            store_tries=tries, error_code=code, error_message=message
        )
        moves.record(
            claim.row, "clip.not_stored", "The file could not be brought home yet.", code=code
        )
    return back


def _rendered(claim: Held, attempt: Attempt, snapshot: Snapshot) -> bool:
    """running → storing, with where the file lies."""
    storing = moves.move(
        claim.row,
        to=State.STORING,
        token=claim.token,
        due_at=Now(),
        started_at=Coalesce(F("started_at"), Now()),
        progress=100,
    )
    if not storing:
        return False
    cost = None if snapshot.cost is None else money.from_decimal(snapshot.cost)
    first = attempt.rendered_at is None
    Attempt.objects.filter(pk=attempt.pk).update(
        result_url=snapshot.video_url,
        reported_cost=cost,
        seed=snapshot.seed,
        rendered_at=Now() if first else attempt.rendered_at,
    )
    if first:
        moves.record(claim.row, "attempt.rendered", f"{attempt.provider} has rendered it.")
    nudges.after_commit("store")
    return True


def _can_be_looked_up(generation: Generation) -> bool:
    """Can its provider find a job by our own token? One that is switched off cannot."""
    if generation.provider not in connect.names():
        return False
    return connect.provider(generation.provider).capabilities.lookup


def _take_job(attempt: Attempt, answer: Accepted) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        job_id=answer.job_id, accepted_at=Now(), raw=_plain(answer.raw)
    )


def _cancel_if_wished(generation: Generation) -> None:
    """A wish to cancel that came too early for an answer is fulfilled on the way back."""
    wished = Generation.objects.filter(pk=generation.pk).exclude(cancel_wished_at=None)
    if wished.exists() and moves.move(generation, to=State.CANCELED):
        moves.record(generation, "generation.canceled", "Canceled as wished: nobody had taken it.")
        _released(generation)


def _released(generation: Generation) -> None:
    ledger.release(
        wallet=generation.workspace.wallet,
        reference=generation.reference,
        description="No clip: given back",
    )


def _close(attempt: Attempt, state: AttemptState, error: ProviderError | None = None) -> None:
    rows = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN)
    rows.update(state=state, finished_at=Now())
    if error:
        _note(attempt, error)


def _close_open(generation: Generation, code: str, message: str) -> None:
    """The attempt under way, if there is one, ends with its generation."""
    unknown = code == "outcome_unknown"
    generation.attempts.filter(state=AttemptState.OPEN).update(
        state=AttemptState.ABANDONED if unknown else AttemptState.FAILED,
        finished_at=Now(),
        error_code=code,
        error_message=message,
    )


def _note(attempt: Attempt, error: ProviderError) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        error_code=error.code, error_message=error.message, raw=_plain(error.raw)
    )


def _notify(generation: Generation, type: str) -> None:
    Notice.objects.create(generation=generation, type=type)
    nudges.after_commit("notify")


def _plain(raw: Any) -> Any:
    """As JSON can hold it: decimals of a provider's answer become text."""
    if isinstance(raw, dict) or hasattr(raw, "items"):
        return {str(key): _plain(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_plain(value) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\x00", "")
    return raw if isinstance(raw, int | bool | type(None)) else str(raw)
