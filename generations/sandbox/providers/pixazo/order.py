"""
What Pixazo accepts as an order: seed 004 and providers.md 4.2.

(1080P, 10) is excluded neither by its page nor by its price table, so it is accepted here; the
model upstream cannot do it, and the job fails.
"""

from __future__ import annotations

import re
from typing import Any

from generations.sandbox.fields import Field, boolean, misfit, number, one_of, text
from generations.sandbox.loopback import is_here, is_web_address
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.single import Order, Wanted, invalid

#: Micro-dollars by seconds, "All Resolution" (seed 004).
PRICES = {6: 350_000, 10: 600_000}

WEBHOOK = "X-Webhook-URL"

_DATA_URL = re.compile(r"data:image/(?:jpeg|jpg|png|webp);base64,", re.IGNORECASE)


def _seconds(value: Any) -> bool:
    return number(value) and value in PRICES


def _image(value: Any) -> bool:
    return is_web_address(value) or (isinstance(value, str) and bool(_DATA_URL.match(value)))


#: Of the text-to-video form.
FIELDS = (
    Field("prompt", text(1, 2000), "must be a string of at most 2000 characters", required=True),
    Field("duration", _seconds, "must be 6 or 10"),
    Field("resolution", one_of("768P", "1080P"), "must be '768P' or '1080P'"),
    Field("prompt_optimizer", boolean, "must be a boolean"),
    Field("fast_pretreatment", boolean, "must be a boolean"),
    Field("aigc_watermark", boolean, "must be a boolean"),
    # Handed on to MiniMax, which is not played from here: nothing is ever sent to it.
    Field("callback_url", text(1, 4096), "must be a string"),
)

#: Of each form, by the last word of its address.
FORMS = {
    "generate": FIELDS,
    "imageToVideo": (
        *(field for field in FIELDS if field.name != "duration"),
        Field("duration", one_of(6, 10), "must be the integer 6 or 10"),
        Field("first_frame_image", _image, "must be a public URL or a data URL", required=True),
    ),
}


def wanted(order: Order) -> Wanted:
    """What an order asks for. Raises Refused with the first thing that is wrong with it."""
    body = order.body
    if found := misfit(body, FORMS[order.form]):
        words = {"missing": "is required", "unknown": "is not a known parameter"}
        raise invalid(f"{found.name} {words.get(found.kind, found.rule)}")
    seconds = int(body.get("duration", 6))
    return Wanted(
        seconds=seconds,
        side=int(body.get("resolution", "768P")[:-1]),
        price=PRICES[seconds],
        image=body.get("first_frame_image"),
        webhook_url=_webhook(order),
    )


def is_impossible(body: Body) -> bool:
    """Whether the model upstream will refuse what was accepted."""
    return body.get("resolution") == "1080P" and body.get("duration") == 10


def _webhook(order: Order) -> str | None:
    address = order.headers.get(WEBHOOK)
    if address is not None and not (is_web_address(address) and is_here(address)):
        raise invalid(f"{WEBHOOK} must be a URL (in the sandbox: on this machine)")
    return address
