"""What the work at hand is about – request, workspace, generation, attempt – for every log line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Lines written in here say these, too; what is added in here is forgotten with them."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def add(**ids: str) -> None:
    """From here to the end of the surrounding `about`, or of the task of an event loop."""
    _about.set({**_about.get(), **ids})


def known() -> Mapping[str, str]:
    return _about.get()
