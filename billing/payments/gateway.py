"""The one door to Stripe: its client, and what its errors mean."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Iterator
from contextlib import contextmanager

import stripe
from django.conf import settings

#: The API that this code was written for, whatever the account's default is.
API_VERSION = "2026-10-28.endive"
TIMEOUT = 20.0  # seconds
RETRIES = 2

MICROS_PER_CENT = 10_000


class PaymentError(Exception):
    """Nothing was paid; the message is for the person who wanted to."""

    code = "invalid_request"


class NotConfigured(PaymentError):
    """There is no Stripe here: only staff can put money into a wallet."""

    code = "payments_not_configured"


class Unreachable(PaymentError):
    """Stripe does not answer, or is in trouble. Whether it did what we asked is not known."""

    code = "payments_unavailable"


class Declined(PaymentError):
    """The bank said no."""

    code = "card_declined"

    def __init__(self, message: str, *, reason: str = "", payment_intent: str = "") -> None:
        super().__init__(message)
        self.reason, self.payment_intent = reason, payment_intent


class Refused(PaymentError):
    """Stripe does not understand us, or does not know what we speak of."""

    code = "payment_refused"


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """:raises NotConfigured: where there is no key."""
    if not is_configured():
        raise NotConfigured("Cards are not set up here. Ask the people who run this site.")
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@contextmanager
def asking() -> Iterator[stripe.StripeClient]:
    """
    The client, for as long as it takes to ask.

    :raises PaymentError: the subclass says what went wrong.
    """
    try:
        yield client()
    except stripe.CardError as error:
        intent = getattr(getattr(error.error, "payment_intent", None), "id", "") or ""
        said = error.user_message or "The bank declined the card."
        reason = getattr(error.error, "decline_code", None) or error.code or ""
        raise Declined(said, reason=reason, payment_intent=intent) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unreachable("The payment service does not answer. Try again soon.") from error
    except stripe.StripeError as error:
        if (error.http_status or 500) >= 500 or error.http_status == 409:
            raise Unreachable("The payment service is in trouble. Try again soon.") from error
        raise Refused(f"The payment service refused: {error.user_message or error}") from error


def cents(amount: int) -> int:
    """Micro-dollars as Stripe counts them. Top-ups are whole cents."""
    whole, rest = divmod(amount, MICROS_PER_CENT)
    if rest:
        raise ValueError(f"{amount} micro-dollars are no whole cents")
    return whole


def micros(amount: int) -> int:
    """Stripe's cents as micro-dollars."""
    return amount * MICROS_PER_CENT


@functools.lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    wire = stripe.HTTPXClient(allow_sync_methods=True, timeout=TIMEOUT)
    atexit.register(wire.close)
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base} if base else {},
        http_client=wire,
        max_network_retries=RETRIES,
    )
