"""
The test cards (docs.stripe.com/testing) and what each one does; no other number is accepted.

…0341 differs from Stripe on purpose: it pays once while the customer is there, so that it can be
saved by paying, and every later charge without the customer fails. Numbers themselves are never
kept: somebody might type a real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Does(Enum):
    PAY = "payment succeeds"
    DECLINE = "declined"
    FAIL_LATER = "pays now, later charges without you fail"
    ASK = "asks you to confirm; fails without you"
    DISPUTE = "pays, then disputed"


@dataclass(frozen=True)
class Decline:
    """Why a bank says no."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Card:
    number: str
    brand: str
    does: Does = Does.PAY
    decline: Decline | None = None
    funding: str = "credit"
    country: str = "US"
    #: the name `pm_card_…` or `pm_card_charge…` by which it can be used without typing it
    alias: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        groups = (4, 6, 5) if len(self.number) == 15 else (4, 4, 4, 4)
        cut, parts = 0, []
        for size in groups:
            parts.append(self.number[cut : cut + size])
            cut += size
        return " ".join(parts)


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
POOR = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
OLD = Decline("expired_card", None, "Your card has expired.")
CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.")
ERROR = Decline(
    "processing_error",
    None,
    "An error occurred while processing your card. Try again in a little bit.",
)
ABSENT = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
REAL = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card."
    " For a list of valid test cards, visit: https://stripe.com/docs/testing.",
)

CARDS = (
    Card("4242424242424242", "visa", alias="pm_card_visa"),
    Card("4000056655665556", "visa", funding="debit", alias="pm_card_visa_debit"),
    Card("5555555555554444", "mastercard", alias="pm_card_mastercard"),
    Card("2223003122003222", "mastercard"),
    Card("5200828282828210", "mastercard", funding="debit", alias="pm_card_mastercard_debit"),
    Card("378282246310005", "amex", alias="pm_card_amex"),
    Card("6011111111111117", "discover", alias="pm_card_discover"),
    Card("3566002020360505", "jcb", alias="pm_card_jcb", country="JP"),
    Card("4000002760000016", "visa", country="DE", alias="pm_card_de"),
    Card("4000008260000000", "visa", country="GB", alias="pm_card_gb"),
    Card("4000000000000002", "visa", Does.DECLINE, GENERIC, alias="pm_card_chargeDeclined"),
    Card("4000000000009995", "visa", Does.DECLINE, POOR,
         alias="pm_card_chargeDeclinedInsufficientFunds"),
    Card("4000000000009987", "visa", Does.DECLINE, LOST, alias="pm_card_chargeDeclinedLostCard"),
    Card("4000000000000069", "visa", Does.DECLINE, OLD, alias="pm_card_chargeDeclinedExpiredCard"),
    Card("4000000000000127", "visa", Does.DECLINE, CVC, alias="pm_card_chargeDeclinedIncorrectCvc"),
    Card("4000000000000119", "visa", Does.DECLINE, ERROR,
         alias="pm_card_chargeDeclinedProcessingError"),
    Card("4000000000000341", "visa", Does.FAIL_LATER, GENERIC, alias="pm_card_chargeCustomerFail"),
    Card("4000002500003155", "visa", Does.ASK, ABSENT, country="IE",
         alias="pm_card_authenticationRequiredOnSetup"),
    Card("4000002760003184", "visa", Does.ASK, ABSENT, country="DE",
         alias="pm_card_authenticationRequired"),
    Card("4000000000000259", "visa", Does.DISPUTE, alias="pm_card_createDispute"),
)  # fmt: skip

#: one click each on the Checkout page
OFFERED = ("4242", "0002", "9995", "0341", "3155", "0259")

_BY_NUMBER = {card.number: card for card in CARDS}
_BY_ALIAS = {card.alias: card for card in CARDS if card.alias}


def by_number(number: str) -> Card | None:
    """The test card with this number, however it is spaced."""
    return _BY_NUMBER.get("".join(c for c in number if c.isdigit()))


def by_alias(alias: str) -> Card | None:
    return _BY_ALIAS.get(alias)


def offered() -> list[Card]:
    return [card for last4 in OFFERED for card in CARDS if card.last4 == last4]


def is_complete(number: str) -> bool:
    """Whether this could be a card's number: long enough, and its check digit is right."""
    digits = [int(c) for c in number if c.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def verdict(card: Card, *, present: bool, confirmed: bool) -> Decline | None:
    """
    Why this card does not pay now; None when it does. `present`: the customer is there;
    `confirmed`: and has confirmed the payment with their bank.
    """
    if card.does is Does.DECLINE:
        return card.decline
    if card.does is Does.FAIL_LATER:
        return None if present else card.decline
    if card.does is Does.ASK:
        return None if present and confirmed else card.decline
    return None
