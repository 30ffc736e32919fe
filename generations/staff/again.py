"""The same order again: made anew, delivered late, or sent elsewhere."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from billing import ledger, limits, money
from generations import catalog, moves, nudges, orders, routing
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.orders import Customer, Extras
from generations.refusals import OrderError
from generations.routing import Route
from generations.spec import ClipSpec
from generations.staff.wishes import TOO_LATE, NotPossible, Wish
from generations.states import State


def not_to_be_retried(generation: Generation) -> str:
    if not generation.is_final:
        return "It is still under way: fail it first, or wait."
    if generation.workspace.suspended_at:
        return "Its workspace is suspended: resume it first."
    if not generation.prompt and generation.deleted_at:
        return "It was deleted, and what was ordered with it."
    if generation.mode == catalog.IMAGE_TO_VIDEO and not _has_frame(generation):
        return "Its first frame is gone."
    return _already_again(generation)


def price_of_another(generation: Generation, wish: Wish) -> int:
    """What the customer or the house pays for it, at the most."""
    return generation.quoted


def retry(generation: Generation, wish: Wish) -> str:
    """A new one, linked; its customer pays at most what this one was quoted, or nobody pays."""
    _alone(generation, not_to_be_retried)
    new = _on_the_house(generation) if wish.gratis else _paid(generation)
    said = "on the house" if new.gratis else f"for {money.usd(new.quoted)} USD"
    return f"Ordered again {said}: {new.public_id}."


def not_to_be_delivered(generation: Generation) -> str:
    if generation.state != State.FAILED:
        return "Only what failed can be delivered late."
    if _late_attempt(generation) is None:
        return "No provider has finished it since. Look now asks them."
    return _already_again(generation)


def deliver_late(generation: Generation, wish: Wish) -> str:
    """A new one at no price that brings home what its provider finished after all."""
    _alone(generation, not_to_be_delivered)
    late = _late_attempt(generation)
    if late is None:
        raise NotPossible(TOO_LATE)
    new = _anew(generation, routes=[], version=generation.rate_version)
    moves.move(new, to=State.SUBMITTING, provider=late.provider)
    _take_over(late, new)
    moves.move(new, to=State.STORING, due_at=Now(), started_at=Now(), progress=100)
    moves.record(new, "attempt.rendered", f"{late.provider} has rendered it.")
    nudges.after_commit("store")
    return f"It is being brought home as {new.public_id}, on the house."


def not_to_be_reassigned(generation: Generation) -> str:
    return "" if generation.state == State.QUEUED else "Only what waits can go to another provider."


def reassign(generation: Generation, wish: Wish) -> str:
    """Only that provider is asked from now on; the price stays."""
    route = next((one for one in choices(generation) if one.provider == wish.provider), None)
    if route is None:
        raise NotPossible(f"{wish.provider or 'Nobody'} cannot make it. Choose a provider.")
    rows = Generation.objects.filter(pk=generation.pk, state=State.QUEUED)
    if not rows.update(routes=[route.frozen()], due_at=Now()):
        raise NotPossible(TOO_LATE)
    moves.record(generation, "generation.reassigned", f"It waits for {route.provider} now.")
    nudges.after_commit("dispatch")
    return f"It waits for {route.provider} now."


def choices(generation: Generation) -> list[Route]:
    """Who could make it: as frozen with the order, and whoever sells it now besides."""
    frozen = [Route(**route) for route in generation.routes]
    known = {route.provider for route in frozen}
    now = routing.routes(_spec(generation), at=timezone.now())
    return frozen + [route for route in now if route.provider not in known]


def _alone(generation: Generation, obstacle: Any) -> None:
    """Two who do it at once take turns: the second sees what the first has done."""
    Generation.objects.select_for_update().get(pk=generation.pk)
    generation.refresh_from_db()
    if why := obstacle(generation):
        raise NotPossible(why)


def _already_again(generation: Generation) -> str:
    lost = [State.FAILED, State.CANCELED]
    other = generation.retries.exclude(state__in=lost).order_by("-id").first()
    return f"It was ordered again before: {other.public_id}." if other else ""


def _paid(generation: Generation) -> Generation:
    customer = Customer(workspace=generation.workspace, user=generation.orderer)
    extras = Extras(
        metadata=generation.metadata,
        tags=generation.tags,
        first_frame=generation.first_frame,
        image_url=generation.image_url,
    )
    spec = _spec(generation, max_price=generation.quoted or None)
    try:
        (new,) = orders.place(customer=customer, spec=spec, now=timezone.now(), extras=extras)
    except (OrderError, ledger.LedgerError, limits.LimitReached) as problem:
        raise NotPossible(f"It cannot be ordered again: {problem}") from None
    Generation.objects.filter(pk=new.pk).update(retry_of=generation)
    return new


def _on_the_house(generation: Generation) -> Generation:
    found = routing.routes(_spec(generation), at=timezone.now())
    if not found:
        raise NotPossible("Nobody sells it at the moment.")
    frozen = [route.frozen() for route in found]
    new = _anew(generation, routes=frozen, version=found[0].version)
    nudges.after_commit("fetch" if new.image_url and not new.first_frame else "dispatch")
    return new


def _anew(generation: Generation, *, routes: list[dict[str, Any]], version: int) -> Generation:
    """The same wish of the same customer, at no price."""
    new = Generation.objects.create(
        workspace=generation.workspace,
        orderer=generation.orderer,
        retry_of=generation,
        gratis=True,
        quoted=0,
        sku=generation.sku,
        provider_requested=generation.provider_requested,
        routes=routes,
        rate_version=version,
        metadata=generation.metadata,
        tags=generation.tags,
        first_frame=generation.first_frame,
        image_url=generation.image_url,
        webhook_url=generation.webhook_url,
        **_spec(generation).options(),
    )
    moves.record(new, "generation.queued", "Ordered again, on the house.", price="0.00")
    return new


def _spec(generation: Generation, max_price: int | None = None) -> ClipSpec:
    return ClipSpec(
        model=generation.model,
        prompt=generation.prompt,
        has_image=generation.mode == catalog.IMAGE_TO_VIDEO,
        duration=generation.duration,
        resolution=generation.resolution,
        prompt_optimizer=generation.prompt_optimizer,
        fast_pretreatment=generation.fast_pretreatment,
        watermark=generation.watermark,
        output_format=generation.output_format,
        output_quality=generation.output_quality,
        provider=generation.provider_requested,
        policy=generation.policy,
        max_price=max_price,
    )


def _has_frame(generation: Generation) -> bool:
    return bool(generation.first_frame_id or generation.image_url)


def _late_attempt(generation: Generation) -> Attempt | None:
    given_up = generation.attempts.filter(state=AttemptState.ABANDONED).exclude(rendered_at=None)
    return given_up.exclude(result_url="").order_by("-number").first()


def _take_over(late: Attempt, new: Generation) -> None:
    """The job is the new one's from now on: whoever needs a fresh link asks for it by its name."""
    Attempt.objects.filter(pk=late.pk).update(job_id="", late_look_at=None)
    moves.record(
        late.generation,
        "generation.delivered_late",
        "Delivered late, as a new clip at no price.",
        delivered_as=new.public_id,
        job=late.job_id,
    )
    Attempt.objects.create(
        generation=new,
        number=1,
        provider=late.provider,
        sku=late.sku,
        job_id=late.job_id,
        price=0,
        cost=0,  # what it costs us is booked on the attempt that was given up
        result_url=late.result_url,
        submitted_at=late.submitted_at,
        accepted_at=late.accepted_at,
        rendered_at=Now(),
    )
