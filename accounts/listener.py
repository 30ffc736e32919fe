"""
Hearing what any process publishes: one connection of Redis and one thread for all who wait here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.events import CHANNEL

logger = logging.getLogger(__name__)

#: Is told each message; None means that some may have been missed: look for yourself.
Call = Callable[[str | None], object]

#: Seconds between two tries to reach Redis; everybody looks for themselves as often.
TRY_EVERY = 1.0


class Listener:
    """
    Calls whoever is interested, in a thread that starts with the first of them.

    Nobody may rely on it: a message that was never published is never heard. It only makes sure
    that everybody looks when Redis was away, and as long as it is.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._calls: frozenset[Call] = frozenset()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def calling(self, call: Call) -> Iterator[None]:
        """Meanwhile `call` is told everything, in the listener's thread: it must be quick."""
        with self._lock:
            self._calls |= {call}
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._calls -= {call}

    def _listen(self) -> None:
        while True:
            try:
                self._hear()
            except (RedisError, OSError):
                logger.warning("Redis is away: everybody looks for themselves.", exc_info=False)
                self._tell(None)
                time.sleep(TRY_EVERY)

    def _hear(self) -> None:
        with _client() as client, client.pubsub() as channel:
            channel.subscribe(self._channel)
            while True:
                message = channel.get_message(timeout=5)
                if message is not None:  # the first says that from now on nothing is missed
                    said = message["type"] == "message"
                    self._tell(message["data"].decode(errors="replace") if said else None)

    def _tell(self, said: str | None) -> None:
        for call in self._calls:
            call(said)


def _client() -> Redis:
    """One that says at once when it is cut off."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=3,
        health_check_interval=10,
        retry=Retry(NoBackoff(), 0),
    )


listener = Listener(CHANNEL)
