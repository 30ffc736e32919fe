"""The price table in memory: what is in force at a moment, and what is scheduled after it."""

from __future__ import annotations

import hashlib
from bisect import bisect_right, insort_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from billing.models import Rate

Key = tuple[str, str]


class Table:
    """Rates by provider and SKU, each list in the order in which they come into force."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[Key, list[Rate]] = defaultdict(list)
        for rate in sorted(rates, key=lambda rate: (rate.valid_from, rate.pk)):
            self._rates[rate.provider, rate.sku].append(rate)

    @classmethod
    def load(cls, *, now: datetime) -> Table:
        """What is in force now and what is scheduled; the past is left out."""
        return cls([*Rate.objects.current(now), *Rate.objects.filter(valid_from__gt=now)])

    @property
    def keys(self) -> list[Key]:
        return sorted(self._rates)

    def fingerprint(self, *, now: datetime) -> str:
        """Differs as soon as another rate is in force or scheduled."""
        ids = [f"{rate.pk}" for key in self.keys if (rate := self.at(key, now))]
        later = [f"{rate.pk}" for key in self.keys for rate in self.after(key, now)]
        return hashlib.sha256(f"{','.join(ids)};{','.join(later)}".encode()).hexdigest()

    def at(self, key: Key, moment: datetime) -> Rate | None:
        """The rate in force then."""
        found = bisect_right(self._rates.get(key, []), moment, key=_begins)
        return self._rates[key][found - 1] if found else None

    def after(self, key: Key, moment: datetime) -> list[Rate]:
        """What comes into force later, the next one first."""
        rates = self._rates.get(key, [])
        return rates[bisect_right(rates, moment, key=_begins) :]

    def add(self, rate: Rate) -> None:
        insort_right(self._rates[rate.provider, rate.sku], rate, key=_begins)


def _begins(rate: Rate) -> datetime:
    return rate.valid_from
