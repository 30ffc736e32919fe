"""The URL map, walked: what stands in it is what tests go through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

#: Where programs come in.
API = ("api/v1/", "v1/")


@dataclass(frozen=True)
class Route:
    """One line of the map, as it is written there: `api/v1/quotes/<str:id>`."""

    path: str
    view: Callable[..., Any]
    name: str = ""

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)

    @property
    def methods(self) -> set[str]:
        """Of a view of the API: what it answers. Pages do not tell."""
        names = ("get", "post", "put", "patch", "delete")
        kind = getattr(self.view, "cls", None)
        return {name.upper() for name in names if kind and hasattr(kind, name)}

    def at(self, id: str) -> str:
        """An address of it, with this id wherever it asks for one."""
        return "/" + re.sub(r"<[^>]+>", id, self.path)


def routes(prefix: str | tuple[str, ...] = "") -> list[Route]:
    found = _walk(get_resolver().url_patterns, "")
    return [route for route in found if route.path.startswith(prefix)]


def posts() -> list[Route]:
    """Every address of the API that takes a POST."""
    return [route for route in routes(API) if "POST" in route.methods]


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield Route(path, pattern.callback, pattern.name or "")
