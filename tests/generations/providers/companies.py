"""The registered companies, each with its examples and ready to be asked."""

from __future__ import annotations

from generations.providers import create
from generations.providers.base import Provider
from tests.generations.providers import examples_runware
from tests.generations.providers.examples import KEY, Examples

COMPANIES: dict[str, Examples] = {
    "runware": examples_runware.EXAMPLES,
}


def adapters() -> list[tuple[Provider, Examples]]:
    return [
        (create(name, base_url=examples.base_url, api_key=KEY), examples)
        for name, examples in COMPANIES.items()
    ]
