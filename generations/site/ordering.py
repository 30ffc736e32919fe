"""One order per pressed button, at the price that stood on it."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts import ids
from accounts.models import IdempotencyRecord
from billing import money
from generations import orders
from generations.models import Generation
from generations.orders import Customer, Extras
from generations.refusals import OrderError
from generations.spec import ClipSpec

SCOPE = "SITE /studio"


class PriceChanged(OrderError):
    """It costs more now than the button said; nothing was ordered."""

    code = "price_changed"


@dataclass(frozen=True, slots=True)
class Wish:
    """One filled-in form. `agreed` is the price a clip (micro-dollars) on the button."""

    spec: ClipSpec
    count: int
    order_key: uuid.UUID
    agreed: int | None = None
    extras: Extras = field(default_factory=Extras)

    @property
    def key(self) -> str:
        """The form's one-time key and what was wished: a changed form is another order."""
        frame = self.extras.first_frame
        picture = frame.sha256 if frame else self.extras.image_url
        said = [self.spec.prompt, self.spec.binding, self.count, picture]
        digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        return f"{self.order_key}:{digest[:32]}"


@dataclass(frozen=True, slots=True)
class Placed:
    """What was ordered; `fresh` is False when the same form had ordered it before."""

    generations: list[Generation]
    fresh: bool


@transaction.atomic
def place_once(*, customer: Customer, wish: Wish, now: datetime) -> Placed:
    """
    Order what was wished, once for each form.

    :raises PriceChanged: it costs more than was agreed.
    :raises OrderError, ledger.InsufficientFunds: as `orders.place` does.
    """
    record, fresh = IdempotencyRecord.objects.get_or_create(
        workspace_id=customer.workspace.pk,
        scope=SCOPE,
        key=wish.key,
        defaults={"fingerprint": wish.key[-32:], "status": 202},
    )
    if not fresh:
        return Placed(_ordered_before(customer, record.reference), fresh=False)
    placed = orders.place(
        customer=customer,
        spec=wish.spec,
        now=now,
        count=wish.count,
        extras=wish.extras,
    )
    _keep_the_word(wish, placed[0].quoted)
    record.reference = _reference(placed)
    record.save(update_fields=["reference"])
    return Placed(placed, fresh=True)


def _keep_the_word(wish: Wish, price: int) -> None:
    if wish.agreed is not None and price > wish.agreed:
        raise PriceChanged(
            f"A clip like this costs ${money.usd(price)}, more than the button said. "
            "The button is right now: press it again if you agree."
        )


def _reference(placed: list[Generation]) -> str:
    first = placed[0]
    return ids.public("bat", first.batch) if first.batch else first.public_id


def _ordered_before(customer: Customer, reference: str) -> list[Generation]:
    """Also what was deleted meanwhile: the answer stays the same."""
    mine = Generation.objects.filter(workspace_id=customer.workspace.pk)
    if batch := ids.private("bat", reference):
        return list(mine.filter(batch=batch).order_by("id"))
    return list(mine.filter(id__in=[ids.private("gen", reference)]))
