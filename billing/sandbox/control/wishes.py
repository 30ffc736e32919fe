"""What the control endpoint is asked, read with its types. Every reader raises HTTPBadRequest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from billing.sandbox.kinds import Thing


@dataclass(frozen=True)
class Wish:
    id: str
    values: Thing

    def text(self, name: str, otherwise: str) -> str:
        value = self.values.get(name, otherwise)
        if not isinstance(value, str):
            raise bad(f"{name} must be a text")
        return value

    def choice(self, name: str, among: Sequence[str], otherwise: str = "") -> str:
        value = self.text(name, otherwise)
        if value not in among:
            raise bad(f"{name} must be one of {', '.join(among)}")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise bad(f"{name} must be a list of texts")
        return value

    def cents(self, name: str) -> int | None:
        return self.integer(name, 0) if name in self.values else None

    def integer(self, name: str, otherwise: int) -> int:
        value = self.values.get(name, otherwise)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise bad(f"{name} must be a whole number")
        return value

    def number(self, name: str, otherwise: float) -> float:
        value = self.values.get(name, otherwise)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise bad(f"{name} must be a number")
        return float(value)

    def truth(self, name: str, otherwise: bool = False) -> bool:
        value = self.values.get(name, otherwise)
        if not isinstance(value, bool):
            raise bad(f"{name} must be true or false")
        return value


def bad(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")
