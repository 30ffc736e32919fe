"""
What a new key may be: never wider than whoever makes it.

A member grants what their role allows, a key what it is itself. Where a wish names nothing, the
key gets what its maker has, and of scopes the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts import addresses, rates
from accounts.models import SCOPE_FOR, Act, APIKey, Membership, Scope
from accounts.moments import moment

USUAL = (Scope.READ, Scope.GENERATE)
#: As many addresses and networks a key may name.
MOST_NETWORKS = 50


class TooWide(Exception):
    """The wish asks for more than its maker has: field -> what would be allowed."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {said}" for field, said in faults.items()))
        self.faults = faults


class NeedsSecondFactor(Exception):
    """Where real things are sold, a password alone makes no key."""

    def __init__(self) -> None:
        super().__init__(
            "Who makes an API key needs a second factor here: set one up on the website, "
            "under “Passkeys and second step”. Then make the key."
        )


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a key: a member, and the key of theirs that asks, if it is not they themselves."""

    member: Membership
    key: APIKey | None = None

    @property
    def scopes(self) -> list[str]:
        of_role = {SCOPE_FOR[act] for act in Act if self.member.may(act)}
        own = of_role if self.key is None else of_role & set(self.key.scopes)
        return [scope for scope in Scope.values if scope in own]

    @property
    def rates(self) -> dict[str, int]:
        return rates.allowed(self.key or APIKey())

    @property
    def lacks_second_factor(self) -> bool:
        """Whoever holds the key that asks is asked for no less than on the website."""
        return settings.KEYS_NEED_MFA and not is_mfa_enabled(self.member.user)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a key is to be; `rates` are columns of `Paced`, `allowed_addresses` networks."""

    name: str
    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    allowed_addresses: Sequence[str] = ()
    rates: Mapping[str, int] = field(default_factory=dict)


def faults(wish: Wish, maker: Maker, *, now: datetime) -> dict[str, str]:
    """By field, what would be allowed; nothing where the wish can be granted."""
    found = [*_in_scopes(wish, maker), *_in_expiry(wish, maker, now)]
    return dict([*found, *_in_addresses(wish, maker), *_in_rates(wish, maker)])


def granted(wish: Wish, maker: Maker) -> dict[str, Any]:
    """What `keys.create` is told, with what the maker hands on."""
    asked = wish.scopes or USUAL
    own = maker.key
    handed_on = {name: getattr(own, name) for name in maker.rates} if own else {}
    return {
        "maker": maker.member,
        "parent": own,
        "name": wish.name,
        "scopes": [scope for scope in maker.scopes if scope in asked],
        "expires_at": wish.expires_at or (own and own.expires_at),
        "allowed_addresses": wish.allowed_addresses or (own.allowed_addresses if own else []),
        "rates": {**handed_on, **wish.rates},
    }


def _in_scopes(wish: Wish, maker: Maker) -> Iterator[tuple[str, str]]:
    if (set(wish.scopes) - set(maker.scopes)) or not set(wish.scopes or USUAL) & set(maker.scopes):
        yield "scopes", f"You may grant {', '.join(maker.scopes) or 'none'}."


def _in_expiry(wish: Wish, maker: Maker, now: datetime) -> Iterator[tuple[str, str]]:
    latest = maker.key.expires_at if maker.key else None
    if wish.expires_at and wish.expires_at <= now:
        yield "expires_at", "Give a moment that is still to come."
    elif wish.expires_at and latest and wish.expires_at > latest:
        yield "expires_at", f"At the latest {moment(latest)}, when the key that makes it expires."


def _in_addresses(wish: Wish, maker: Maker) -> Iterator[tuple[str, str]]:
    own = maker.key.allowed_addresses if maker.key else []
    if own and not all(addresses.within(one, own) for one in wish.allowed_addresses):
        yield "allowed_addresses", f"Only what lies in {', '.join(own)}."


def _in_rates(wish: Wish, maker: Maker) -> Iterator[tuple[str, str]]:
    for name, most in wish.rates.items():
        if most > maker.rates[name]:
            yield f"rate_limits.{name}", f"At most {maker.rates[name]}."
