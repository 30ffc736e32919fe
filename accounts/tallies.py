"""
Counts of what a process does, added up in Redis over all processes and machines.

Counting costs nothing but memory; once a second what was counted goes to Redis in one message. A
killed process takes its last second with it: these are for watching, the rows are the truth.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from redis.exceptions import RedisError

from accounts.redis_client import client

logger = logging.getLogger(__name__)

KEY = "tallies"
EVERY = 1.0
#: Upper ends of the buckets that times are sorted into, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_counted: Counter[str] = Counter()
_lock = threading.Lock()
_timer: threading.Timer | None = None


def count(name: str, amount: float = 1, **labels: str) -> None:
    """One more of this name with these labels."""
    _add({_field(name, labels): amount})


def timed(name: str, seconds: float, **labels: str) -> None:
    """One more, and how long it took: sorted into the first bucket that holds it."""
    bucket = next((str(end) for end in BUCKETS if seconds <= end), "+Inf")
    _add(
        {
            _field(f"{name}_bucket", {**labels, "le": bucket}): 1,
            _field(f"{name}_sum", labels): seconds,
        }
    )


def flush() -> None:
    """To Redis, now. Where it does not answer, what was counted waits for the next time."""
    global _timer
    with _lock:
        _timer = None
        counted = dict(_counted)
        _counted.clear()
    try:
        if counted:
            _send(counted)
    except (RedisError, OSError):
        with _lock:
            _counted.update(counted)


def read() -> Iterator[tuple[str, dict[str, str], float]]:
    """Everything that was counted anywhere: name, labels, sum."""
    flush()
    for field, value in client().hgetall(KEY).items():
        name, labels = json.loads(field)
        yield name, dict(labels), float(value)


def forget() -> None:
    """For tests."""
    with _lock:
        _counted.clear()
    client().delete(KEY)


def _add(amounts: dict[str, float]) -> None:
    global _timer
    with _lock:
        _counted.update(amounts)
        if _timer is None:
            _timer = threading.Timer(EVERY, flush)
            _timer.daemon = True
            _timer.start()


def _send(counted: Mapping[str, float]) -> None:
    with client().pipeline(transaction=False) as pipe:
        for field, amount in counted.items():
            pipe.hincrbyfloat(KEY, field, amount)
        pipe.execute()


def _field(name: str, labels: dict[str, str]) -> str:
    return json.dumps([name, sorted(labels.items())])
