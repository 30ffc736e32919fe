"""
How often somebody may ask: the generic cell rate algorithm, in one script that Redis runs.

A limit lets `burst` requests through at once and then one every `interval`. All limits of a
request are asked in one round trip, in Redis' own time and one request after the other: however
many come at once, not one too many passes, and where one limit refuses, none is used up. The site
and the workers are not limited; whatever door takes a key calls `admit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from accounts.models import APIKey, Paced
from accounts.redis_client import client

MINUTE = 60_000_000  # microseconds, as everything here
KINDS = ("paid", "other")
#: All keys of a workspace together may ask this many times as often as one of them.
WORKSPACE = 5

#: KEYS: buckets. ARGV: how many are asked for, then interval and burst of each bucket. A bucket
#: holds the moment at which it will be full again. Answers which one refuses (0: none), for how
#: long, and how much of each is used up.
SCRIPT = """
local clock = redis.call('TIME')
local now, asked = clock[1] * 1000000 + clock[2], tonumber(ARGV[1])
local used, after, refuses, wait = {}, {}, 0, 0
for i, bucket in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local full = math.max(tonumber(redis.call('GET', bucket) or now), now)
  used[i], after[i] = full - now, full - now + asked * interval
  local missing = after[i] - burst * interval
  if asked > 0 and missing > wait then refuses, wait = i, missing end
end
if refuses == 0 and asked > 0 then
  used = after
  for i, bucket in ipairs(KEYS) do
    redis.call('SET', bucket, string.format('%.0f', now + used[i]), 'PX', math.ceil(used[i] / 1000))
  end
end
return {refuses, wait, unpack(used)}
"""


class Away(Exception):
    """Redis does not answer, and what costs money is not let through uncounted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute, `burst` of them at once; clients know it by its name."""

    name: str
    bucket: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        return math.ceil(MINUTE / self.per_minute) if self.per_minute else MINUTE

    @property
    def most(self) -> int:
        """How many at once; none where there is none in a minute."""
        return self.burst if self.per_minute else 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided. `used` is empty where Redis could not be asked."""

    limits: Sequence[Limit]
    used: Sequence[int] = ()
    refused_by: Limit | None = None
    #: Whole seconds until it is worth asking again.
    retry_after: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        policy = [
            f'"{one.name}";q={one.per_minute};w=60;reelay-burst={one.most}' for one in self.limits
        ]
        left = [
            f'"{one.name}";r={max(0, one.most - math.ceil(used / one.interval))}'
            f";t={math.ceil(used / 1_000_000)}"
            for one, used in zip(self.limits, self.used, strict=False)
        ]
        headers = {"RateLimit-Policy": ", ".join(policy)}
        return headers | ({"RateLimit": ", ".join(left)} if left else {})


def admit(key: APIKey, *, paid: bool) -> Verdict:
    """
    Let one request of a key through, or not.

    :param paid: whether it may cost the customer money.
    :raises Away: if Redis does not answer and the request is a paid one; others pass.
    """
    limits = limits_of(key, "paid" if paid else "other")
    try:
        return _asked(limits)
    except (RedisError, OSError):
        if paid:
            raise Away from None
        return Verdict(limits)


def failed(address: str | None, *, counts: bool) -> Verdict:
    """Somebody without a key that opens. `counts`: unless that was plain without looking it up."""
    most = settings.API_FAILED_PER_MINUTE
    limits = [Limit("address", f"rate:{{{address}}}", most, most)]
    try:
        return _asked(limits, count=int(counts))
    except (RedisError, OSError):
        return Verdict(limits)


def visitor(address: str | None, *, act: str, per_minute: int) -> Verdict:
    """Somebody without an account does something that others will have to read."""
    limits = [Limit(act, f"rate:{{{address}}}:{act}", per_minute, per_minute)]
    try:
        return _asked(limits)
    except (RedisError, OSError):
        return Verdict(limits)


def limits_of(key: APIKey, kind: str) -> list[Limit]:
    """What a request of this kind goes through; one tag keeps them together in a cluster."""
    tag = f"rate:{{{key.workspace_id.hex}}}:{kind}"
    rows = [
        ("key", f"{tag}:{key.pk.hex}", allowed(key)),
        ("workspace", tag, allowed(key.workspace, times=WORKSPACE)),
    ]
    return [
        Limit(f"{name} {kind}", bucket, may[f"{kind}_per_minute"], may[f"{kind}_burst"])
        for name, bucket, may in rows
    ]


def allowed(row: Paced, *, times: int = 1) -> dict[str, int]:
    """What a key or a workspace may do, by column: its own figures, and else the usual ones."""
    may: dict[str, int] = {}
    for kind in KINDS:
        most, burst = getattr(row, f"{kind}_per_minute"), getattr(row, f"{kind}_burst")
        usual = getattr(settings, f"API_{kind.upper()}_PER_MINUTE") * times
        at_once = getattr(settings, f"API_{kind.upper()}_BURST") * times
        most = usual if most is None else most
        # A slow one that says nothing about bursts does not get the bursts of a fast one.
        may[f"{kind}_per_minute"] = most
        may[f"{kind}_burst"] = max(1, min(at_once, most)) if burst is None else burst
    return may


def _asked(limits: Sequence[Limit], *, count: int = 1) -> Verdict:
    figures = [figure for one in limits for figure in (one.interval, one.most)]
    script = _script(settings.REDIS_URL)
    refuses, wait, *used = script(keys=[one.bucket for one in limits], args=[count, *figures])
    if not refuses:
        return Verdict(limits, used)
    return Verdict(limits, used, limits[refuses - 1], math.ceil(wait / 1_000_000))


@cache
def _script(url: str) -> Any:
    """Sent once; from then on Redis knows it by its digest."""
    return client().register_script(SCRIPT)
