"""A wire without a network: answers an adapter's requests in order, and keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx

from generations.providers.base import Exchange

T = TypeVar("T")

REPLIES = Path(__file__).parent / "replies"


@dataclass(frozen=True)
class Reply:
    """One answer of a provider."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, content=self.body, request=request)


@dataclass
class Talk(Generic[T]):
    """What an exchange asked for, and what it ended with: a result or an error."""

    requests: list[httpx.Request]
    result: T | None = None
    error: Exception | None = None

    @property
    def value(self) -> T:
        """Its result; raises its error."""
        if self.error:
            raise self.error
        assert self.result is not None
        return self.result


def talk(exchange: Exchange[T], *replies: Reply) -> Talk[T]:
    """Let an adapter speak with these answers. One request more than there are is a fault."""
    heard: Talk[T] = Talk(requests=[])
    left = list(replies)
    try:
        request = next(exchange)
        while True:
            heard.requests.append(request)
            request = exchange.send(left.pop(0).response(request))
    except StopIteration as end:
        heard.result = end.value
    except Exception as error:
        heard.error = error
    assert not isinstance(heard.error, IndexError), "the adapter asked more than was answered"
    return heard


def says(document: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body, status, names)


def document(provider: str, name: str) -> Any:
    return json.loads(recorded(provider, name).body)


def recorded(provider: str, name: str, status: int = 200) -> Reply:
    return Reply((REPLIES / provider / f"{name}.json").read_bytes(), status)


def every_recorded(provider: str) -> list[Reply]:
    files: Sequence[Path] = sorted((REPLIES / provider).glob("*.json"))
    return [Reply(file.read_bytes()) for file in files]
