"""The registered companies, each with its examples and ready to be asked."""

from __future__ import annotations

from generations.providers import create
from generations.providers.base import Provider
from tests.generations.providers import (
    examples_cloudflare,
    examples_minimax,
    examples_pixazo,
    examples_runware,
    examples_toapis,
)
from tests.generations.providers.examples import KEY, Examples

COMPANIES: dict[str, Examples] = {
    "cloudflare": examples_cloudflare.EXAMPLES,
    "minimax": examples_minimax.EXAMPLES,
    "pixazo": examples_pixazo.EXAMPLES,
    "runware": examples_runware.EXAMPLES,
    "toapis": examples_toapis.EXAMPLES,
}


def adapters() -> list[tuple[Provider, Examples]]:
    return [
        (create(name, base_url=examples.base_url, api_key=KEY, options=examples.options), examples)
        for name, examples in COMPANIES.items()
    ]
