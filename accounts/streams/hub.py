"""All streams of this process, and the one task that reads for them."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts import ending
from accounts.listener import listener
from accounts.streams import frames, holders, reading
from accounts.streams.holders import Holder
from accounts.streams.reading import Mark, Told
from accounts.streams.stream import Stream

logger = logging.getLogger(__name__)

#: The database does not answer.
AWAY = (InterfaceError, OperationalError)
#: Seconds until it looks again for what is written but may not be told yet.
SOON = 0.02
#: Seconds after which it looks up, whatever happens: it may have been told to stop.
TICK = 1.0
#: Seconds after which it looks into every room: what was published may have been lost.
SWEEP = 10.0


@dataclass(slots=True, eq=False)
class Room:
    """The streams of one workspace, and how far has been read for them."""

    mark: Mark
    streams: set[Stream] = field(default_factory=set)

    def tell(self, told: Sequence[Told]) -> None:
        self.mark = told[-1].mark
        for stream in self.streams:
            stream.offer(told)


class Hub:
    """
    Its methods belong to the event loop's thread, but for `is_full`.

    What is published only says which rooms to look into; one query reads for all of them.
    """

    def __init__(self) -> None:
        self._rooms: dict[uuid.UUID, Room] = {}
        self._woken: set[uuid.UUID] = set()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._swept = self._checked = time.monotonic()

    def is_full(self, workspace_id: uuid.UUID, holder: Holder) -> bool:
        room = self._rooms.get(workspace_id)
        if room is None:
            return False
        streams = tuple(room.streams)  # at once: the event loop may change it meanwhile
        same = [one for one in streams if one.holder.group == holder.group]
        return len(same) >= holder.places

    async def frames(self, stream: Stream) -> AsyncGenerator[bytes, None]:
        """
        Everything one client is sent: what came before it joined, then what comes.

        What is offered while the past is still read waits, and is sent only where it is news.
        """
        if not self._join(stream):
            return
        try:
            yield frames.hello()
            async for past in _past(stream):
                yield past
            while not stream.ended:
                told = await stream.next(within=settings.STREAM_PING)
                if told or not stream.ended:
                    yield told or frames.PING
        finally:
            self._leave(stream)

    def _join(self, stream: Stream) -> bool:
        """False where no place is left: those who asked at the same moment were faster."""
        if ending.told() or self.is_full(stream.workspace_id, stream.holder):
            return False
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        room = self._rooms.setdefault(stream.workspace_id, Room(mark=stream.joined))
        room.streams.add(stream)
        self._wake({stream.workspace_id})
        return True

    def _leave(self, stream: Stream) -> None:
        room = self._rooms[stream.workspace_id]
        room.streams.discard(stream)
        if not room.streams:
            del self._rooms[stream.workspace_id]

    def _wake(self, rooms: Collection[uuid.UUID]) -> None:
        self._woken.update(rooms)
        self._bell.set()

    async def _run(self) -> None:
        """A database that is away costs time only: the rows stay, and so do the marks."""
        loop = asyncio.get_running_loop()
        with listener.calling(lambda said: self._heard(said, loop)):
            while not ending.told():
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        await self._bell.wait()
                self._bell.clear()
                try:
                    await self._look()
                    await self._check_holders()
                except Exception as error:
                    known = isinstance(error, AWAY)
                    logger.warning("Nothing could be read for streams.", exc_info=not known)
                    await asyncio.sleep(TICK)
        self._end(self._streams())

    def _heard(self, said: str | None, loop: asyncio.AbstractEventLoop) -> None:
        """In the listener's thread: most of what is heard is of workspaces nobody listens to."""
        rooms = tuple(self._rooms) if said is None else _named(said)
        if here := [room for room in rooms if room in self._rooms]:
            loop.call_soon_threadsafe(self._wake, here)

    async def _look(self) -> None:
        """Read once for all rooms that were woken."""
        if time.monotonic() > self._swept + SWEEP:
            self._swept = time.monotonic()
            self._woken.update(self._rooms)
        marks = {id: room.mark for id, room in self._rooms.items() if id in self._woken}
        self._woken = set()
        if not marks:
            return
        try:
            self._tell(marks, found := await asyncio.to_thread(reading.after, marks))
        except BaseException:
            self._woken.update(marks)
            raise
        if found.unsettled:
            asyncio.get_running_loop().call_later(SOON, self._wake, found.unsettled)

    def _tell(self, marks: dict[uuid.UUID, Mark], found: reading.Found) -> None:
        """A room that was left and opened again meanwhile has a mark of its own."""
        for id, told in found.told.items():
            room = self._rooms.get(id)
            if room and room.mark == marks[id]:
                room.tell(told)
        if found.more:
            self._wake(found.more)

    async def _check_holders(self) -> None:
        """Whoever may listen no longer hears no more."""
        if time.monotonic() < self._checked + settings.STREAM_CHECK:
            return
        self._checked = time.monotonic()
        streams = self._streams()
        usable = await asyncio.to_thread(holders.usable, {stream.holder for stream in streams})
        self._end([stream for stream in streams if stream.holder not in usable])

    def _streams(self) -> list[Stream]:
        return [stream for room in self._rooms.values() for stream in room.streams]

    def _end(self, streams: Collection[Stream]) -> None:
        for stream in streams:
            stream.end()


async def _past(stream: Stream) -> AsyncIterator[bytes]:
    """From its mark to now, page by page: as fast as its client takes them."""
    id, more = stream.workspace_id, True
    while more and not stream.ended:
        marks = {id: stream.mark}
        found = await asyncio.to_thread(reading.after, marks, subject=stream.subject)
        more = id in found.more
        if told := stream.take(found.told.get(id, ())):
            yield told


def _named(said: str) -> tuple[uuid.UUID, ...]:
    """The workspace that a message is about."""
    try:
        return (uuid.UUID(hex=said.partition(" ")[0]),)
    except ValueError:
        return ()


hub = Hub()
