"""Who gets events: the address of the command line, and the endpoints made through the API."""

from __future__ import annotations

from dataclasses import dataclass

from billing.sandbox.shapes import endpoint as endpoints
from billing.sandbox.shelf import Shelf

#: the endpoint of the command line
FIRST = "we_first"


@dataclass(frozen=True)
class Listener:
    id: str
    url: str
    secret: str


class Listeners:
    def __init__(self, shelf: Shelf, url: str, secret: str) -> None:
        self._shelf = shelf
        self._first = Listener(FIRST, url, secret) if url else None

    def of(self, type: str) -> list[Listener]:
        """Everybody who wants events of this type."""
        made = self._shelf.all("webhook_endpoint")
        wanting = [self._made(one["id"], one["url"]) for one in made if endpoints.wants(one, type)]
        return [self._first, *wanting] if self._first else wanting

    def named(self, id: str) -> Listener | None:
        """The listener with this id, if it is still there."""
        if id == FIRST:
            return self._first
        made = self._shelf.find(id)
        return self._made(id, made["url"]) if made else None

    def _made(self, id: str, url: str) -> Listener:
        return Listener(id, url, self._shelf.hidden(id)["secret"])
