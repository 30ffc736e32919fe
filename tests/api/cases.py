"""
Requests that Schemathesis makes up from the description, brought to where something is: most of
those that are well-formed name things that exist and say what could be meant.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import assume
from schemathesis import GenerationMode

from accounts import keys
from accounts.models import Membership, Role
from tests.api.stock import Stock
from tests.factories import a_member

#: So many in ten of those that could be about something are.
REAL = 8
#: Seconds; nobody waits longer for an answer, whatever was asked.
AT_ONCE = 5.0

ID = re.compile("[a-z]{3}_[0-9a-f]{32}")
#: What stands before an id in an address.
KINDS = {
    "api-keys": "key",
    "generations": "generation",
    "quotes": "quote",
    "top-ups": "top-up",
    "videos": "generation",
    "webhook-deliveries": "delivery",
    "webhook-endpoints": "endpoint",
}

Chosen = Callable[[Stock, Random], Any]


def thing(kind: str) -> Chosen:
    return lambda stock, _: stock.some(kind)


def word(*words: Any) -> Chosen:
    return lambda _, chance: chance.choice(words)


#: Fields and query parameters whose meaning no schema tells. None: mostly left out.
MEANT: dict[str, Chosen | None] = {
    "after": thing("generation"),
    "allowed_addresses": word([], ["203.0.113.0/24"], ["127.0.0.0/8", "2001:db8::/32"]),
    "amount": word("5", "25.00", "2000.00"),
    "batch": thing("batch"),
    "cursor": None,
    "duration": word(6, 6, 10),
    "endpoint": thing("endpoint"),
    "event": thing("event"),
    "expires_at": thing("moment"),
    "first_frame_image": thing("upload"),
    "input_reference": thing("upload"),
    "input_reference[file_id]": None,
    "input_reference[image_url]": None,
    "max_price": word("0.28", "1.00", "100"),
    "model": word("hailuo-2.3"),
    "output_format": word("mp4"),
    "output_quality": None,
    "prompt": word("A red kite over a harbour. [Pan left]", "猫", "Ein Fuchs im Schnee"),
    "provider": word("auto", "auto", "runware"),
    "quote": thing("quote"),
    "rate_limits": None,
    "resolution": word("768P", "768P", "1080P"),
    "seconds": word("6", "10"),
    "since": None,
    "size": word("1366x768", "1280x720", "1920x1080"),
    "spend_limits": None,
    "status": word("queued", "running", "succeeded", "failed", "canceled"),
    "url": word("https://hooks.example/a", "https://hooks.example/b"),
    "watermark": None,
    "webhook_url": word("https://hooks.example/order"),
}


class Sender:
    """Sends cases with the keys of three roles, and judges what comes back."""

    def __init__(self, owner: Membership, stock: Stock, chance: Random) -> None:
        self.stock, self.chance, self.sent = stock, chance, Counter[int]()
        others = [a_member(owner.workspace, role) for role in (Role.MEMBER, Role.BILLING)]
        self.keys = [stock.key_text] * 4
        self.keys += [keys.create(maker=one, name="Sender").text for one in others]
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
        # Streams have no end, and WSGI has no streams.
        self.schema = schema.exclude(path_regex="/events$")
        # The key is a good one.
        self.schema.config.generation.update(with_security_parameters=False)
        # Orders that nobody sells are well-formed, and refused: as described, so not a fault.
        self.schema.config.checks.positive_data_acceptance.enabled = False

    def send(self, case: Any) -> None:
        """Raises where an answer is not as described, breaks, or takes too long."""
        headers = self.prepare(case)
        response, took = timed(lambda: case.call(headers=headers))
        case.validate_response(response, headers=headers)
        self.count(case, response, took)

    def prepare(self, case: Any, key: str = "") -> dict[str, str]:
        """The headers to send it with, now that it is about something."""
        assume(can_be_said(case))
        made_real(case, self.stock, self.chance)
        return {"Authorization": f"Bearer {key or self.chance.choice(self.keys)}"}

    def count(self, case: Any, response: Any, took: float) -> None:
        self.sent[response.status_code] += 1
        assert took < AT_ONCE or waits(case), f"{case.formatted_path}: {took:.1f} s"

    @property
    def told(self) -> str:
        return ", ".join(f"{count} × {status}" for status, count in sorted(self.sent.items()))


def chained(sender: Sender) -> Any:
    """A machine that follows links; what it sends in one chain is sent with one key."""

    class Chain(sender.schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.key = sender.chance.choice(sender.keys)
            self.took = 0.0

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": sender.prepare(case, self.key)}

        def call(self, case: Any, **options: Any) -> Any:
            response, self.took = timed(lambda: super(Chain, self).call(case, **options))
            return response

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            """With the headers by their name: they are taken for made up otherwise."""
            case.validate_response(response, headers=options["headers"], recorder=self.recorder)
            sender.count(case, response, self.took)

    return Chain


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return act(), time.monotonic() - began


def can_be_said(case: Any) -> bool:
    """
    A form knows no null. An empty text is sent by werkzeug's test client without the line break
    that ends it, and so is not there; `tests/openai/test_refusals.py` sends some that are.
    """
    is_form = case.media_type == "multipart/form-data" and isinstance(case.body, dict)
    return not (is_form and any(value in (None, "") for value in case.body.values()))


def waits(case: Any) -> bool:
    """Somebody asked it to."""
    return any(name.lower() == "prefer" for name in case.headers or {})


def made_real(case: Any, stock: Stock, chance: Random) -> None:
    """Names what is there and, in a request that is to be well-formed, means something."""
    path = case.operation.path
    for name, id in (case.path_parameters or {}).items():
        if not ID.fullmatch(str(id)) and chance.randrange(10) < REAL:
            case.path_parameters[name] = _named(path, stock)
    if case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE:
        for part in (case.query, case.body):
            if isinstance(part, dict):
                _mean(part, path, stock, chance)


def _named(path: str, stock: Stock) -> str:
    kind = next((KINDS[part] for part in reversed(path.split("/")) if part in KINDS), "")
    return stock.some(kind) if kind else "hailuo-2.3"


def _mean(part: dict[str, Any], path: str, stock: Stock, chance: Random) -> None:
    for name in [name for name in part if name in MEANT]:
        if path.endswith("deliveries") and name == "state":
            continue
        if chance.randrange(10) < REAL:
            choose = MEANT[name]
            if choose is None:
                del part[name]
            else:
                part[name] = choose(stock, chance)
