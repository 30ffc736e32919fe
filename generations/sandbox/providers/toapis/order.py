"""
What ToAPIs accepts as an order: seed 003 and providers.md 3.2.

Two forms are known. The newer has `resolution` and `image_urls` at the top; the older has a lower
case `resolution` in `metadata`, and `first_frame_image` (there or at the top: nothing says which).
"""

from __future__ import annotations

from typing import Any

from generations.sandbox.fields import Field, array, boolean, mapping, misfit, one_of, text
from generations.sandbox.loopback import is_web_address
from generations.sandbox.prices import LIST_PRICES
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.single import Order, Wanted, invalid

STANDARD, FAST = "MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Fast"

#: Assumed: ToAPIs publishes no price for Hailuo (providers.md 0.4), so it is taken to pass on
#: those of MiniMax.
ASSUMED_PRICES = LIST_PRICES

#: Result addresses work for 24 hours (providers.md 3.5).
LIFETIME = 24 * 60 * 60

_IMAGE = text(1, 50_000_000)

FIELDS = (
    Field("model", one_of(STANDARD, FAST), f"must be {STANDARD} or {FAST}", required=True),
    Field("prompt", text(1, 2000), "must be a string of at most 2000 characters", required=True),
    Field("duration", one_of(6, 10), "must be the integer 6 or 10"),
    Field("resolution", one_of("768P", "1080P"), "must be 768P or 1080P"),
    Field("image_urls", array, "must be an array"),
    Field("first_frame_image", _IMAGE, "must be an address"),
    Field("metadata", mapping, "must be an object"),
    Field("metadata.prompt_optimizer", boolean, "must be a boolean"),
    Field("metadata.fast_pretreatment", boolean, "must be a boolean"),
    Field("metadata.watermark", boolean, "must be a boolean"),
    Field("metadata.resolution", one_of("768p", "1080p"), "must be 768p or 1080p"),
    Field("metadata.first_frame_image", _IMAGE, "must be an address"),
)


def wanted(order: Order) -> Wanted:
    """What an order asks for. Raises Refused with the first thing that is wrong with it."""
    body = order.body
    if found := misfit(body, FIELDS):
        words = {"missing": "is required", "unknown": "is not a known parameter"}
        raise invalid(f"{found.name} {words.get(found.kind, found.rule)}")
    image = _image(body)
    if image is None and body["model"] == FAST:
        raise invalid(f"image_urls is required for {FAST}")
    side, seconds = _side(body), body.get("duration", 6)
    price = ASSUMED_PRICES.get((body["model"] == FAST, side, seconds))
    if price is None:
        raise invalid("1080P supports a duration of 6 seconds only")
    return Wanted(seconds, side, price, image=image, ttl=LIFETIME)


def _side(body: Body) -> int:
    resolution = _only("resolution", body.get("resolution"), _metadata(body).get("resolution"))
    return int((resolution or "768P")[:-1])


def _image(body: Body) -> str | None:
    urls = body.get("image_urls")
    if urls is not None and (len(urls) != 1 or not isinstance(urls[0], str)):
        raise invalid("image_urls must hold exactly 1 image, as a string")
    old = (body.get("first_frame_image"), _metadata(body).get("first_frame_image"))
    image: str | None = _only("the first frame", urls[0] if urls else None, *old)
    if image is not None and not is_web_address(image):
        message = "images must be public URLs; base64 is not supported, use POST /v1/uploads/images"
        raise invalid(message)
    return image


def _metadata(body: Body) -> Body:
    metadata: Body = body.get("metadata", {})
    return metadata


def _only(what: str, *values: Any) -> Any:
    """The one of these that was given; both forms at once contradict each other."""
    given = [value for value in values if value is not None]
    if len(given) > 1:
        raise invalid(f"{what} was given more than once")
    return given[0] if given else None
