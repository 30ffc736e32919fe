"""
What Cloudflare accepts as an order: the schemas of seeds 000 and 001, and providers.md 1.2.

The schema says nothing of what the model itself refuses (10 s at 1080P, neither prompt nor image):
that fails upstream, and is told in an answer with HTTP 200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generations.sandbox.faults import Refusal
from generations.sandbox.fields import Field, Misfit, boolean, mapping, misfit, one_of, text
from generations.sandbox.loopback import is_web_address
from generations.sandbox.prices import LIST_PRICES
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.single import Order, Refused, Wanted

STANDARD, FAST = "minimax/hailuo-2.3", "minimax/hailuo-2.3-fast"

#: A first frame of 20 MB in base64.
LONGEST_IMAGE = 28_000_000

_NUMBERS = one_of(6, 10, 6.0, 10.0)

FIELDS = (
    Field("model", text(1, 200), "must be a string", required=True),
    Field("input", mapping, "must be an object", required=True),
    Field("input.prompt", text(0, 2000), "must be a string of at most 2000 characters"),
    Field("input.first_frame_image", text(1, 100_000_000), "must be a string"),
    Field("input.prompt_optimizer", boolean, "must be a boolean"),
    Field("input.fast_pretreatment", boolean, "must be a boolean"),
    Field("input.duration", _NUMBERS, "must be the number 6 or 10"),
    Field("input.resolution", one_of("768P", "1080P"), "must be 768P or 1080P"),
)

#: Seed 001 has it; what becomes of it is not documented, so nobody is called.
CALLBACK = Field("input.callback_url", text(0, 4096), "must be a string")

#: Marked as required although they have defaults, which the seeds' own examples rely on.
DEFAULTED = {
    "input.prompt_optimizer",
    "input.fast_pretreatment",
    "input.duration",
    "input.resolution",
}


def prompt_of(body: Body) -> str:
    """The prompt of an order that may be wrong in every way."""
    sent = body.get("input")
    prompt = sent.get("prompt") if isinstance(sent, dict) else None
    return prompt if isinstance(prompt, str) else ""


def wanted(order: Order) -> Wanted:
    """What an order asks for. Raises Refused with the first thing that is wrong with it."""
    body = order.body
    if isinstance(body.get("model"), str) and body["model"] not in (STANDARD, FAST):
        raise Refused(Refusal("unknown_model", 400, message=f"No such model {body['model']}"))
    fast = body.get("model") == FAST
    if found := misfit(body, _fields(fast=fast, strict="strict-schema" in order.knobs)):
        raise Refused(_complaint(found))
    sent = body["input"]
    image, side = _image(sent), int(sent.get("resolution", "768P")[:-1])
    seconds = int(sent.get("duration", 6))
    price = LIST_PRICES.get((fast, side, seconds))
    if price is None:
        raise upstream("invalid params, 1080P supports a duration of 6 seconds only")
    if not image and not sent.get("prompt"):
        raise upstream("invalid params, prompt is required")
    return Wanted(seconds, side, price, image)


def upstream(message: str) -> Refused:
    """Refused by the model itself, behind the gateway."""
    return Refused(Refusal("upstream", 200, message=message))


def _fields(*, fast: bool, strict: bool) -> list[Field]:
    fields = [*FIELDS, CALLBACK] if fast else list(FIELDS)
    always = {"input.first_frame_image"} if fast else set()
    needed = always | DEFAULTED if strict else always
    return [replace(field, required=field.required or field.name in needed) for field in fields]


def _complaint(found: Misfit) -> Refusal:
    name = found.name.removeprefix("input.")
    if found.kind == "missing":
        return Refusal("incomplete", 400, message=f"Required value missing: {name}")
    rule = "Unrecognized key" if found.kind == "unknown" else found.rule
    return Refusal("invalid", 400, message=f"Invalid value at {name}: {rule}")


def _image(sent: Any) -> str | None:
    image: str | None = sent.get("first_frame_image")
    if image is None:
        return None
    if len(image) > LONGEST_IMAGE:
        raise Refused(Refusal("too_large", 413))
    if not is_web_address(image) and not image.startswith("data:image/"):
        raise Refused(Refusal("bad_base64", 400))
    return image
