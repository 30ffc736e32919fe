"""The book of events: every change is entered with its object, and owed to whoever listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from billing.sandbox.clock import Clock
from billing.sandbox.deliveries import Deliveries
from billing.sandbox.kinds import Thing
from billing.sandbox.shapes import event as events
from billing.sandbox.shelf import Shelf

#: What happens on hosted pages and in the dashboard has no API request.
NO_REQUEST: Thing = {"id": None, "idempotency_key": None}


class Events:
    def __init__(self, shelf: Shelf, clock: Clock, deliveries: Deliveries) -> None:
        self._shelf = shelf
        self._clock = clock
        self._deliveries = deliveries
        self._request = NO_REQUEST

    @contextmanager
    def during(self, request_id: str, key: str | None) -> Iterator[None]:
        """What is recorded in here was caused by this API request."""
        self._request = {"id": request_id, "idempotency_key": key}
        try:
            yield
        finally:
            self._request = NO_REQUEST

    def record(self, type: str, thing: Thing, before: Thing | None = None) -> Thing:
        """Enter one event and owe it to all who want it, in the transaction of its cause."""
        listeners = self._deliveries.listeners(type)
        event = events.new(self._clock.now(), type, thing, before, self._request, len(listeners))
        self._shelf.put(event)
        for listener in listeners:
            self._deliveries.owe(event, listener)
        return event
