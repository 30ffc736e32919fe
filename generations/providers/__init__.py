"""The companies that render clips: one file each, one line each."""

from __future__ import annotations

from generations.providers.base import Provider
from generations.providers.runware import Runware

REGISTRY: dict[str, type[Provider]] = {
    "runware": Runware,
}


def create(name: str, *, base_url: str, api_key: str) -> Provider:
    """One company's adapter, ready to be asked. Raises KeyError for an unknown name."""
    return REGISTRY[name](base_url=base_url, api_key=api_key)
