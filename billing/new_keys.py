"""New API keys: within what their maker may, with the spend limits they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from accounts import grants, key_letters, keys
from accounts.audit import Actor
from accounts.grants import Maker, NeedsSecondFactor, TooWide, Wish
from accounts.keys import NewKey
from accounts.models import APIKey
from billing import limits, money, spending
from billing.models import SpendLimit


@transaction.atomic
def make(
    wish: Wish, *, maker: Maker, spend_limits: Mapping[str, int], by: Actor, now: datetime
) -> NewKey:
    """
    A key as wished. `spend_limits`: micro-dollars by window.

    :raises NeedsSecondFactor: if its maker has none where one is needed.
    :raises TooWide: naming every field that asks for more than the maker has.
    :raises KeyRefused: if the key that makes it was revoked a moment ago.
    """
    if maker.lacks_second_factor:
        raise NeedsSecondFactor
    if faults := grants.faults(wish, maker, now=now) | dict(_too_much(spend_limits, maker)):
        raise TooWide(faults)
    new = keys.create(**grants.granted(wish, maker), by=by)
    for window, amount in spend_limits.items():
        spending.set_limit(
            new.key.workspace, subject=_subject(new.key), window=window, amount=amount
        )
    key_letters.tell(new.key, by, new=True)
    return new


def limits_of(keys: Iterable[APIKey]) -> dict[APIKey, dict[str, int]]:
    """Their own spend limits, by window."""
    subjects = {_subject(key): key for key in keys}
    found: dict[APIKey, dict[str, int]] = {key: {} for key in subjects.values()}
    workspaces = {key.workspace_id for key in subjects.values()}
    for limit in SpendLimit.objects.filter(workspace__in=workspaces, subject__in=subjects):
        found[subjects[limit.subject]][limit.window] = limit.amount
    return found


def _too_much(spend_limits: Mapping[str, int], maker: Maker) -> Iterator[tuple[str, str]]:
    """A key without a limit of its own is still held by those of its maker."""
    if maker.key is None:
        return
    for limit in limits.of(limits.spender_with(maker.key)).order_by("-amount"):
        if spend_limits.get(limit.window, 0) > limit.amount:
            yield f"spend_limits.{limit.window}", f"At most {money.usd(limit.amount)}."


def _subject(key: APIKey) -> str:
    return f"key:{key.public_id}"
