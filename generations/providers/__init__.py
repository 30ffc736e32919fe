"""The companies that render clips: one file each, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from generations.providers.base import Provider
from generations.providers.cloudflare import Cloudflare
from generations.providers.minimax import MiniMax
from generations.providers.pixazo import Pixazo
from generations.providers.runware import Runware
from generations.providers.toapis import ToAPIs

REGISTRY: dict[str, type[Provider]] = {
    "cloudflare": Cloudflare,
    "minimax": MiniMax,
    "pixazo": Pixazo,
    "runware": Runware,
    "toapis": ToAPIs,
}


def create(
    name: str, *, base_url: str, api_key: str, options: Mapping[str, str] | None = None
) -> Provider:
    """One company's adapter, ready to be asked. Raises KeyError for an unknown name."""
    return REGISTRY[name](base_url=base_url, api_key=api_key, options=options)
