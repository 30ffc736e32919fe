"""One client that listens: what it has been told, and what it is to be told next."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Iterable

from accounts.streams.holders import Holder
from accounts.streams.reading import Mark, Told, whole

#: A client that is so many events behind is let go; it comes back with `Last-Event-ID`.
MOST_WAITING = 1000


class Stream:
    """
    :param holder: who listens.
    :param mark: behind this it is told everything.
    :param joined: a place of now: what comes behind it will be offered.
    :param subject: it hears of this only; of nothing in particular, and it hears everything.
    :param until: types of events that are the last ones.
    :param show: how an event looks on the wire.
    """

    __slots__ = (
        "_alarm",
        "_waiting",
        "ended",
        "holder",
        "joined",
        "mark",
        "show",
        "subject",
        "until",
        "workspace_id",
    )

    def __init__(
        self,
        *,
        workspace_id: uuid.UUID,
        holder: Holder,
        mark: Mark,
        joined: Mark,
        subject: str = "",
        until: Collection[str] = (),
        show: Callable[[Told], bytes] = whole,
    ) -> None:
        self.workspace_id, self.holder = workspace_id, holder
        self.mark, self.joined = mark, joined
        self.subject, self.until, self.show = subject, until, show
        self.ended = False
        self._waiting: list[Told] = []
        self._alarm: asyncio.Future[None] | None = None

    def offer(self, told: Iterable[Told]) -> None:
        """What has just happened; it is kept until its client has taken all before."""
        self._waiting += [one for one in told if self._is_news(one)]
        if len(self._waiting) > MOST_WAITING:
            self.end()
        elif self._waiting:
            self._wake()

    def take(self, told: Iterable[Told]) -> bytes:
        """What of this its client has not had, as it is sent."""
        news = []
        for one in told:
            if not self.ended and self._is_news(one):
                self.mark, self.ended = one.mark, one.type in self.until
                news.append(self.show(one))
        return b"".join(news)

    async def next(self, *, within: float) -> bytes:
        """What came meanwhile; nothing when the time is over or the stream ends."""
        if not self._waiting and not self.ended:
            await self._sleep(within)
        waiting, self._waiting = self._waiting, []
        return self.take(waiting)

    def end(self) -> None:
        """Nobody is there any more, or nobody may be."""
        self.ended = True
        self._waiting = []
        self._wake()

    def _is_news(self, one: Told) -> bool:
        return one.mark > self.mark and self.subject in ("", one.subject)

    async def _sleep(self, seconds: float) -> None:
        """A future and a timer: a tenth of what a task would take."""
        loop = asyncio.get_running_loop()
        self._alarm = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._alarm
        finally:
            timer.cancel()
            self._alarm = None

    def _wake(self) -> None:
        if self._alarm and not self._alarm.done():
            self._alarm.set_result(None)
