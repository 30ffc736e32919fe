"""
What Stripe tells us: verified, filed once, answered fast; processed in any order, any number of
times.

An event is believed only for what it is about. The thing itself is then asked of Stripe.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.crashpoints import crashpoint
from accounts.models import User
from accounts.proposals import NotPossible
from billing.models import Payer, StripeEvent, StripeEventState
from billing.payments import gateway, payers, reversals, top_ups

logger = logging.getLogger(__name__)

TOLERANCE = 300  # seconds a signature may be old
AHEAD = 60  # seconds it may come from the future
MOST_TRIES = 100
LONGEST_WAIT = timedelta(hours=1)
#: Whoever took it up and is killed is relieved after so long.
IN_HAND = timedelta(minutes=1)


class BadEvent(Exception):
    """Not Stripe's, or not meant for us: nothing is filed."""


#: type → what is asked of Stripe when it happened, given the object's id
EFFECTS: dict[str, Callable[[str], str]] = {
    "checkout.session.completed": top_ups.learn_session,
    "checkout.session.expired": top_ups.learn_session,
    "checkout.session.async_payment_succeeded": top_ups.learn_session,
    "checkout.session.async_payment_failed": top_ups.learn_session,
    "payment_intent.succeeded": top_ups.learn_payment,
    "payment_intent.payment_failed": top_ups.learn_payment,
    "charge.refunded": reversals.learn_charge,
    "refund.created": reversals.learn_refund_of,
    "refund.updated": reversals.learn_refund_of,
    "refund.failed": reversals.learn_refund_of,
    "charge.dispute.created": reversals.learn_dispute,
    "charge.dispute.updated": reversals.learn_dispute,
    "charge.dispute.funds_withdrawn": reversals.learn_dispute,
    "charge.dispute.funds_reinstated": reversals.learn_dispute,
    "charge.dispute.closed": reversals.learn_dispute,
}


def _customer_changed(customer: str) -> str:
    payers.learn(customer)
    return "card noted"


#: type → the member of its object that names the customer whose card may have changed
ABOUT_CUSTOMERS = {
    "customer.updated": "id",
    "payment_method.attached": "customer",
    "payment_method.detached": "customer",
    "payment_method.automatically_updated": "customer",
    "payment_method.updated": "customer",
}


def receive(body: bytes, signature: str, *, now: datetime) -> bool:
    """
    File what was posted to us. Returns whether it is new.

    :raises BadEvent: a wrong signature, one too old or from the future, or one for another mode.
    """
    secret = settings.STRIPE_WEBHOOK_SECRET
    if not secret:
        raise BadEvent("Events are not expected here.")
    try:
        signature.encode("ascii")  # the comparison takes nothing else
        stripe.WebhookSignature.verify_header(
            body.decode("utf-8"), signature, secret, tolerance=TOLERANCE
        )
        said = json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError, stripe.SignatureVerificationError) as error:
        raise BadEvent("The signature does not fit.") from error
    if _signed_at(signature) > now.timestamp() + AHEAD:
        raise BadEvent("The signature comes from the future.")
    return file(said)


def file(said: Any) -> bool:
    """
    Write an event down, once. Returns whether it is new.

    :raises BadEvent: when it is no event, or of the other mode (test or live).
    """
    event = _read(said)
    _, new = StripeEvent.objects.get_or_create(pk=event.pk, defaults=_columns(event))
    crashpoint("CP18")
    return new


def process(event: StripeEvent, *, now: datetime) -> None:
    """Ask Stripe about what the event names and do what follows; later again where that fails."""
    try:
        state, note = StripeEventState.PROCESSED, _effect(event)
    except top_ups.NotOurs as problem:
        logger.error("Stripe's event %s is refused: %s", event.pk, problem)
        state, note = StripeEventState.REFUSED, str(problem)
    except gateway.PaymentError as problem:
        _later(event, str(problem), now)
        return
    crashpoint("CP19")
    if note == IGNORED:
        state = StripeEventState.IGNORED
    kept: dict[str, Any] = {"payload": {}} if _is_of_nobody(event) else {}
    StripeEvent.objects.filter(pk=event.pk).update(
        state=state, note=note[:300], processed_at=now, due_at=None, **kept
    )


def process_due(*, limit: int = 50, now: datetime | None = None) -> int:
    """Returns how many were taken up."""
    now = now or timezone.now()
    for event in (due := _taken(limit, now)):
        _tried(event, now)
    return len(due)


def replay(
    event: StripeEvent, *, by: User, reason: str, now: datetime, address: str | None = None
) -> str:
    """
    Process it again, whatever came of it before: what is true is asked of Stripe, so that nothing
    happens twice. To be called outside of any transaction.

    :raises NotPossible: somebody else is at it.
    """
    with transaction.atomic():
        seen = StripeEvent.objects.filter(pk=event.pk, state=event.state, due_at=event.due_at)
        begun = {"state": StripeEventState.RECEIVED, "tries": 0, "due_at": now + IN_HAND}
        if not seen.update(**begun):
            raise NotPossible("It is being processed already. Nothing was changed.")
        audit.record(
            workspace=None,
            by=audit.Actor(by.email, address),
            action="stripe_event.replayed",
            subject=event.pk[:100],
            reason=reason,
        )
    event.refresh_from_db()
    _tried(event, now)
    event.refresh_from_db()
    return f"It is {event.state}: {event.note}."


def _tried(event: StripeEvent, now: datetime) -> None:
    try:
        process(event, now=now)
    except Exception as error:
        logger.exception("Stripe's event %s broke.", event.pk)
        _later(event, f"{type(error).__name__}: {error}", now)


IGNORED = "nothing to do"


def _effect(event: StripeEvent) -> str:
    if effect := EFFECTS.get(event.type):
        return effect(event.object_id)
    if member := ABOUT_CUSTOMERS.get(event.type):
        about = event.payload["data"]["object"].get(member)
        # A card that was taken away no longer says whose it was; what went before does.
        about = about or event.payload["data"].get("previous_attributes", {}).get(member)
        return _customer_changed(about) if isinstance(about, str) else IGNORED
    return IGNORED


def _is_of_nobody(event: StripeEvent) -> bool:
    """It names a customer that was forgotten here: what else it says is not kept."""
    said = event.payload.get("data", {})
    about = said.get("object", {})
    before = said.get("previous_attributes") or {}
    named = [one for one in (about.get("customer"), before.get("customer"), event.object_id) if one]
    customer = next((one for one in named if str(one).startswith("cus_")), None)
    return bool(customer) and not Payer.objects.filter(customer=customer).exists()


@transaction.atomic
def _taken(limit: int, now: datetime) -> list[StripeEvent]:
    """Each is due again in a minute, should whoever took it be killed."""
    rows = StripeEvent.objects.select_for_update(skip_locked=True)
    due = list(
        rows.filter(state=StripeEventState.RECEIVED, due_at__lte=now).order_by("due_at")[:limit]
    )
    StripeEvent.objects.filter(pk__in=[event.pk for event in due]).update(due_at=now + IN_HAND)
    return due


def _later(event: StripeEvent, why: str, now: datetime) -> None:
    tries = event.tries + 1
    wait = min(timedelta(seconds=2.0 ** min(tries, 20)), LONGEST_WAIT)
    given_up = tries >= MOST_TRIES
    StripeEvent.objects.filter(pk=event.pk).update(
        tries=tries,
        note=why[:300],
        due_at=None if given_up else now + wait,
        state=StripeEventState.REFUSED if given_up else StripeEventState.RECEIVED,
    )


def _read(said: Any) -> StripeEvent:
    try:
        about = said["data"]["object"]
        name, type, live = said["id"], said["type"], said["livemode"]
        happened_at = datetime.fromtimestamp(said["created"], UTC)
        texts = [name, type, about.get("id", "")]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise BadEvent("This is no event.") from error
    if not all(_is_a_name(text) for text in texts):
        raise BadEvent("This is no event.")
    if not name or len(type) > 100 or said.get("object") != "event":
        raise BadEvent("This is no event.")
    if live is not settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")):
        raise BadEvent("The event is of the other mode.")
    if said.get("account"):
        raise BadEvent("The event is another account's.")
    return StripeEvent(
        id=name,
        type=type,
        object_id=about.get("id", ""),
        payload=_storable(said),
        happened_at=happened_at,
    )


def _columns(event: StripeEvent) -> dict[str, Any]:
    names = ("type", "object_id", "payload", "happened_at")
    return {name: getattr(event, name) for name in names}


def _is_a_name(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= 255 and text == _written(text)


def _storable(said: Any) -> Any:
    """PostgreSQL's jsonb takes no NUL and no lone surrogate."""
    return json.loads(_written(json.dumps(said, ensure_ascii=False).replace(r"\u0000", r"\ufffd")))


def _written(text: str) -> str:
    """As it can be written down: without halves of characters, and without NUL."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


def _finite(text: str) -> float:
    """Raises ValueError where JSON's numbers end, and so the column's do."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is no number of JSON.")
    return number


def _signed_at(signature: str) -> float:
    """The newest `t=` of a header that has been verified."""
    times = [part[2:] for part in signature.split(",") if part.strip().startswith("t=")]
    return max((float(time) for time in times if time.strip().isdecimal()), default=0.0)
