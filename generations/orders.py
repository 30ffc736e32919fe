"""The customer's side of the story: quote, place, cancel, delete."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts import ids
from accounts.crashpoints import crashpoint
from accounts.models import APIKey, User, Workspace
from billing import ledger, limits, money, quotes
from billing.quotes import Quote
from generations import charging, moves, nudges, refusals, room, routing, storage
from generations.models import Generation, Upload
from generations.routing import Route
from generations.spec import ClipSpec
from generations.states import State


@dataclass(frozen=True, slots=True)
class Customer:
    """Who orders, and from whose wallet it is paid."""

    workspace: Workspace
    user: User | None = None
    api_key: APIKey | None = None

    @property
    def spender(self) -> limits.Spender:
        if self.api_key:
            return limits.spender_with(self.api_key)
        return limits.spender(self.workspace, member=self.user.public_id if self.user else "")


@dataclass(frozen=True, slots=True)
class Extras:
    """What is kept with an order and changes nothing about it."""

    metadata: dict[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    webhook_url: str = ""
    first_frame: Upload | None = None
    image_url: str = ""
    remix_of: Generation | None = None
    retry_of: Generation | None = None


def quote(*, workspace: Workspace, spec: ClipSpec, count: int, now: datetime) -> Quote:
    """A firm price for this wish. Raises OrderError where nobody sells it, or not for so little."""
    found = _routes(spec, now)
    return quotes.give(
        workspace=workspace,
        binding=spec.binding,
        details={
            "spec": spec.options() | {"provider": spec.provider},
            "routes": [route.frozen() for route in found],
        },
        unit_price=found[0].price,
        rate_id=found[0].version,
        count=count,
        now=now,
    )


@transaction.atomic(savepoint=False)
def place(
    *,
    customer: Customer,
    spec: ClipSpec,
    now: datetime,
    count: int = 1,
    quote_id: uuid.UUID | None = None,
    extras: Extras = Extras(),
    held: bool = True,
) -> list[Generation]:
    """
    Take `count` orders, all or none, and hold the money of each. What is refused undoes the whole
    transaction that it is called in: two statements fewer for every order.

    :param held: unset where the caller has more to write, and calls `hold` after it.
    :raises OrderError: when nobody can make it, or not now, or not at that price.
    :raises quotes.QuoteError: when the quote cannot be used.
    :raises limits.LimitReached: when a spend limit does not allow all of them.
    :raises ledger.InsufficientFunds: when the wallet does not cover all of them.
    """
    refusals.refuse_words(spec.prompt)
    room.refuse_when_full(customer.workspace, count=count)
    agreed = _agreed(customer.workspace, spec, count, quote_id, now)
    refusals.refuse_paused(spec, now)
    refusals.refuse_beyond_ceilings(agreed.price, count, now)
    batch = ids.uuid7() if count > 1 else None
    orders = [_order(customer, spec, extras, agreed, batch) for _ in range(count)]
    Generation.objects.bulk_create(orders)
    for order in orders:
        price = money.usd(order.quoted)
        order.timeline = [moves.record(order, "generation.queued", "Order taken.", price=price)]
    limits.count(
        customer.spender, each=agreed.price, references=[one.reference for one in orders], now=now
    )
    if held:
        hold(orders)
    transaction.on_commit(partial(crashpoint, "CP2"))
    nudges.after_commit("fetch" if extras.image_url and not extras.first_frame else "dispatch")
    return orders


def hold(orders: Sequence[Generation]) -> None:
    """
    Hold their money: the last statements of the transaction that placed them, as from here on the
    wallet's row is locked.

    :raises ledger.InsufficientFunds: when the wallet does not cover all of them.
    """
    taken, wallet = 0, ledger.wallet_of(orders[0].workspace)
    try:
        for order in orders:
            ledger.hold(
                wallet=wallet,
                amount=order.quoted,
                reference=order.reference,
                description=f"{order.model}, {order.resolution}, {order.duration} s",
                new=True,
            )
            taken += order.quoted
    except ledger.InsufficientFunds as short:  # what was held before it is about to be undone
        needed = sum(order.quoted for order in orders)
        raise ledger.InsufficientFunds(
            needed=needed, available=short.available + taken, debt=short.debt
        ) from None


def cancel(*, generation: Generation) -> Generation:
    """
    Cancel what no provider has been asked for yet; its hold is released in the same transaction.
    For anything else the wish is kept: it is fulfilled if the order comes back to the queue.

    :raises NotCancelable: it is with a provider: it will be charged if it is delivered.
    :raises AlreadyFinished: it succeeded or failed before.
    """
    generation.refresh_from_db()
    if generation.state == State.QUEUED and _canceled(generation):
        return generation
    Generation.objects.filter(pk=generation.pk, finished_at=None).update(cancel_wished_at=Now())
    generation.refresh_from_db()
    if generation.state == State.QUEUED and _canceled(generation):  # it came back meanwhile
        return generation
    if generation.state == State.CANCELED:
        return generation
    if generation.is_final:
        raise refusals.AlreadyFinished(f"It has {generation.status} before.")
    raise refusals.NotCancelable("A provider is making it: it will be charged if it is delivered.")


@transaction.atomic
def withdraw(generation: Generation, *, why: str) -> bool:
    """Cancel it while it waits, with its hold released. False when somebody else was faster."""
    if not moves.move(generation, to=State.CANCELED, source=State.QUEUED):
        return False
    moves.record(generation, "generation.canceled", why)
    charging.release(generation, description="Canceled: given back")
    generation.refresh_from_db()
    return True


def delete(*, generation: Generation) -> None:
    """
    Remove a finished one from sight and its files from storage; money rows stay.

    :raises NotFinished: it is still under way.
    """
    frame = generation.first_frame
    rows = Generation.objects.filter(pk=generation.pk).exclude(finished_at=None)
    if not rows.update(deleted_at=Now(), prompt="", image_url="", first_frame=None):
        raise refusals.NotFinished("It is not finished yet. Cancel it, or wait.")
    storage.forget(generation)
    room.has_changed(generation.workspace_id)
    if frame and not Generation.objects.filter(first_frame=frame).exists():
        storage.forget_upload(frame)


def _routes(spec: ClipSpec, now: datetime) -> list[Route]:
    found = routing.routes(spec, at=now)
    if not found:
        raise refusals.NotSold(f"Nobody sells {spec.sku} with these options at the moment.")
    if spec.max_price is None:
        return found
    if cheap := [route for route in found if route.price <= spec.max_price]:
        return cheap
    least = money.usd(min(route.price for route in found))
    raise refusals.PriceAboveMax(f"It costs {least} USD, more than max_price.")


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The price of each, who may make it, and the quote that is used up by it."""

    price: int
    version: int
    routes: list[Route]
    quote_id: uuid.UUID | None = None


def _agreed(
    workspace: Workspace, spec: ClipSpec, count: int, quote_id: uuid.UUID | None, now: datetime
) -> _Agreement:
    if quote_id is None:
        found = _routes(spec, now)
        return _Agreement(found[0].price, found[0].version, found)
    used = quotes.use(id=quote_id, workspace=workspace, binding=spec.binding, count=count, now=now)
    if spec.max_price is not None and used.unit_price > spec.max_price:
        raise refusals.PriceAboveMax(f"It was quoted at {money.usd(used.unit_price)} USD.")
    found = [Route(**route) for route in used.details["routes"]]
    return _Agreement(used.unit_price, used.rate_id, found, used.id)


def _order(
    customer: Customer,
    spec: ClipSpec,
    extras: Extras,
    agreed: _Agreement,
    batch: uuid.UUID | None,
) -> Generation:
    return Generation(
        workspace=customer.workspace,
        orderer=customer.user,
        api_key=customer.api_key,
        batch=batch,
        quote_id=agreed.quote_id,
        sku=spec.sku,
        provider_requested=spec.provider,
        routes=[route.frozen() for route in agreed.routes],
        rate_version=agreed.version,
        quoted=agreed.price,
        metadata=extras.metadata,
        tags=list(extras.tags),
        webhook_url=extras.webhook_url,
        first_frame=extras.first_frame,
        image_url=extras.image_url,
        remix_of=extras.remix_of,
        retry_of=extras.retry_of,
        **spec.options(),
    )


def _canceled(generation: Generation) -> bool:
    return withdraw(generation, why="Canceled before any provider was asked.")
