"""Looking, failing with the money given back, hiding and showing again."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Now

from accounts import claims
from billing import money
from generations import charging, knocks, lifecycle, moves, nudges
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.staff.wishes import TOO_LATE, NotPossible, Wish
from generations.states import State

#: Whose business a generation is, by its state.
LOOPS = {State.QUEUED: "dispatch", State.STORING: "store"}


def nothing_to_look_at(generation: Generation) -> str:
    if not generation.is_final or _given_up(generation):
        return ""
    return f"It has {generation.status}: there is nothing to look at."


def look(generation: Generation, wish: Wish) -> str:
    """Its loop takes it up at once; of one that was given up, its provider is asked again."""
    if generation.is_final:
        attempts = Attempt.objects.filter(generation=generation, state=AttemptState.ABANDONED)
        attempts.update(late_look_at=Now())
        nudges.after_commit("late")
        return "Its provider is being asked what became of it."
    for attempt in generation.attempts.filter(state=AttemptState.OPEN):
        knocks.look_now(attempt)
    Generation.objects.filter(pk=generation.pk, state__in=LOOPS).update(due_at=Now())
    loop = LOOPS.get(State(generation.state), "look")
    nudges.after_commit(loop)
    return "It is being looked at."


def nothing_to_give_back(generation: Generation) -> str:
    if not generation.is_final:
        return ""
    if generation.state != State.SUCCEEDED:
        return f"It has {generation.status}: what was held for it was given back then."
    return "" if generation.charged > generation.refunded else "Nothing is left to refund."


def at_stake(generation: Generation, wish: Wish) -> int:
    """What goes back to the customer, in micro-dollars."""
    if generation.state == State.SUCCEEDED:
        return generation.charged - generation.refunded
    return generation.quoted


def fail_and_refund(generation: Generation, wish: Wish) -> str:
    """Released if it is held, refunded if it was captured; the clip stays with the customer."""
    if generation.state == State.SUCCEEDED:
        return _refunded(generation, wish)
    claim = claims.seize(generation, seen=generation.state)
    if claim is None or not lifecycle.failed(claim, code="stopped_by_staff"):
        raise NotPossible(TOO_LATE)
    return f"It failed; {money.usd(generation.quoted)} USD went back to the wallet."


def _refunded(generation: Generation, wish: Wish) -> str:
    amount = generation.charged - generation.refunded
    rows = Generation.objects.filter(pk=generation.pk, refunded=generation.refunded)
    if not amount or not rows.update(refunded=F("charged")):
        raise NotPossible(TOO_LATE)
    moves.record(generation, "money.refunded", f"Refunded {money.usd(amount)} USD.")
    charging.refund(generation, amount=amount, description="Refunded", actor=wish.by.email)
    return f"Refunded {money.usd(amount)} USD."


def not_to_be_hidden(generation: Generation) -> str:
    if generation.deleted_at:
        return "It is deleted or hidden already."
    return "" if generation.is_final else "It is still under way: fail it first, or wait."


def hide(generation: Generation, wish: Wish) -> str:
    """Out of its customer's sight; its rows and its file stay for us."""
    rows = Generation.objects.filter(pk=generation.pk, deleted_at=None)
    if not rows.exclude(finished_at=None).update(deleted_at=Now()):
        raise NotPossible(TOO_LATE)
    return "Its customer does not see it any more."


def not_to_be_shown_again(generation: Generation) -> str:
    if not generation.deleted_at:
        return "It is not hidden."
    if not Generation.objects.hidden().filter(pk=generation.pk).exists():
        return "It was deleted, and its file with it."
    return ""


def show_again(generation: Generation, wish: Wish) -> str:
    """As if it had never been hidden: links to it open again, too."""
    if not Generation.objects.hidden().filter(pk=generation.pk).update(deleted_at=None):
        raise NotPossible(TOO_LATE)
    return "Its customer sees it again, and whoever has a link to it."


def _given_up(generation: Generation) -> bool:
    return generation.attempts.filter(state=AttemptState.ABANDONED).exists()
