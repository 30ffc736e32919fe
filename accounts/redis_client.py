"""The one client of Redis in a process: Django's cache makes another for every word."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.retry import Retry

#: After a restart every connection that was kept is a dead one: what it was to carry is sent again.
#: A Redis that does not answer in time is not asked again.
AGAIN = Retry(ConstantBackoff(0.05), 2, (Disconnected, ConnectionError, BlockingIOError))
#: As many as there are threads that ask at once; without it a crowd is refused from 100 on.
MOST = 1000


def client() -> Redis:
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=3, socket_connect_timeout=1, retry=AGAIN, max_connections=MOST
    )
