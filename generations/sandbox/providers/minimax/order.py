"""
What MiniMax accepts as an order: providers.md 6.2.

Nothing says what becomes of a parameter it does not know; here it is refused, so that a client
cannot rely on one.
"""

from __future__ import annotations

from typing import Any

from generations.sandbox.fields import Field, boolean, misfit, one_of, text
from generations.sandbox.loopback import is_here, is_web_address
from generations.sandbox.prices import LIST_PRICES
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.single import Order, Wanted, invalid

STANDARD, FAST = "MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Fast"

#: A result address works for nine hours from when it was asked for (providers.md 6.5).
LIFETIME = 9 * 60 * 60


def _is_callback(value: Any) -> bool:
    return is_web_address(value) and is_here(value)


FIELDS = (
    Field("model", one_of(STANDARD, FAST), f"must be {STANDARD} or {FAST}", required=True),
    Field("prompt", text(0, 2000), "must be a string of at most 2000 characters"),
    Field("first_frame_image", text(1, 50_000_000), "must be a URL or a data URL"),
    Field("prompt_optimizer", boolean, "must be a boolean"),
    Field("fast_pretreatment", boolean, "must be a boolean"),
    Field("duration", one_of(6, 10), "must be the integer 6 or 10"),
    Field("resolution", one_of("768P", "1080P"), "must be 768P or 1080P"),
    Field("callback_url", _is_callback, "must be a URL (in the sandbox: on this machine)"),
    Field("aigc_watermark", boolean, "must be a boolean"),
)


def wanted(order: Order) -> Wanted:
    """What an order asks for. Raises Refused with the first thing that is wrong with it."""
    body = order.body
    if found := misfit(body, FIELDS):
        words = {"missing": "is required", "unknown": "is not a known parameter"}
        raise invalid(f"{found.name} {words.get(found.kind, found.rule)}")
    image, side = _image(body), int(body.get("resolution", "768P")[:-1])
    seconds = body.get("duration", 6)
    price = LIST_PRICES.get((body["model"] == FAST, side, seconds))
    if price is None:
        raise invalid("1080P supports a duration of 6 seconds only")
    return Wanted(seconds, side, price, image, body.get("callback_url"), LIFETIME)


def _image(body: Body) -> str | None:
    image: str | None = body.get("first_frame_image")
    if image is None and body["model"] == FAST:
        raise invalid(f"first_frame_image is required for {FAST}")
    if image is None and not body.get("prompt"):
        raise invalid("prompt is required")
    # Base64 alone is refused although it holds an image (providers.md 6.2).
    if image and not is_web_address(image) and not image.startswith("data:image/"):
        raise invalid("first_frame_image must be a URL or begin with data:image/")
    return image
