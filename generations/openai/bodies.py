"""
An order in OpenAI's words, translated into ours.

Only `seconds`, `size` and `input_reference` need it; everything else has the same name in both, or
is ours and may be given as an extra field. What cannot be expressed is refused by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema_serializer

from accounts.api.fields import Strict, Text
from accounts.api.problems import FieldError, Problem
from accounts.api.schema import described
from generations.api.bodies import PROMPT

MODEL, SECONDS, SIZE = "hailuo-2.3", "6", "1366x768"

DURATIONS = {"6": 6, "10": 10}
#: size -> resolution; 1280x720 is what OpenAI's clients know as the smaller landscape
LANDSCAPE = {
    "1366x768": "768P",
    "768P": "768P",
    "1280x720": "768P",
    "1920x1080": "1080P",
    "1080P": "1080P",
}
#: These exist only as the shape of a first frame, which the clip keeps.
PORTRAIT = {"768x1366": "768P", "720x1280": "768P", "1080x1920": "1080P"}

#: The first frame by their name or by ours, and the kinds of references they know.
IMAGES = ("input_reference", "first_frame_image")
REFERENCES = {"file_id", "image_url"}
#: Words of OpenAI's that are not ours.
THEIRS = {"input_reference", "seconds", "size"}
#: Fields of our own order that are said otherwise here, or not at all.
NOT_HERE = {
    "count": "One order is one video.",
    "dry_run": "Ask POST /api/v1/quotes for a price.",
    "duration": "Here it is `seconds`.",
    "resolution": "Here it is `size`.",
}


@dataclass(frozen=True, slots=True)
class Translated:
    """The body of our own POST /generations, and the first frame where it came as a file."""

    order: dict[str, Any]
    frame: bytes | None = field(default=None, repr=False)

    @property
    def canonical(self) -> dict[str, Any]:
        """What two requests for the same thing have in common."""
        digest = None if self.frame is None else hashlib.sha256(self.frame).hexdigest()
        return self.order | {"frame": digest}


@extend_schema_serializer(component_name="VideoRemix")
class Remix(Strict):
    """A clip like another, from other words."""

    prompt = described(PROMPT, {"allow_blank": True}, Text)


def translated(body: Mapping[str, Any]) -> Translated:
    """The order in our words. Raises a Problem naming every parameter of theirs that is wrong."""
    faults: list[FieldError] = [
        FieldError(name, "unknown", said) for name, said in NOT_HERE.items() if name in body
    ]
    frame, image = _image(body, faults)
    has_frame = frame is not None or image is not None
    order = {name: value for name, value in body.items() if name not in THEIRS} | {
        "model": _given(body, "model", MODEL),
        "duration": _duration(_given(body, "seconds", SECONDS), faults),
        "resolution": _resolution(_given(body, "size", SIZE), faults, has_frame=has_frame),
        "first_frame_image": image,
    }
    if faults:
        raise Problem("invalid_request", errors=faults)
    return Translated(order, frame)


def _given(body: Mapping[str, Any], name: str, default: str) -> Any:
    value = body.get(name)
    return default if value is None else value


def _duration(value: Any, faults: list[FieldError]) -> int | None:
    whole = isinstance(value, str | int) and not isinstance(value, bool)
    found = DURATIONS.get(str(value)) if whole else None
    if found is None:
        faults.append(FieldError("seconds", "invalid_value", "Give 6 or 10."))
    return found


def _resolution(value: Any, faults: list[FieldError], *, has_frame: bool) -> str | None:
    text = value if isinstance(value, str) else ""
    found = LANDSCAPE.get(text) or (PORTRAIT.get(text) if has_frame else None)
    if found is None:
        faults.append(FieldError("size", "invalid_value", _sizes(text)))
    return found


def _sizes(text: str) -> str:
    if text in PORTRAIT:
        return "A portrait clip starts from a portrait first frame: give it as input_reference."
    return f"Give one of: {', '.join(LANDSCAPE)}."


def _image(body: Mapping[str, Any], faults: list[FieldError]) -> tuple[bytes | None, str | None]:
    """A file's bytes, or the text that names an image: an address, a data URI, an `upl_…`."""
    given = [value for name in IMAGES if (value := body.get(name)) is not None]
    if len(given) > 1:
        faults.append(FieldError("input_reference", "repeated", "Give one first frame."))
    value = given[0] if given else None
    if isinstance(value, UploadedFile):
        return value.read(), None
    text = _referred(value) if isinstance(value, dict) else value
    if text is None or isinstance(text, str):
        return None, text
    said = "Send a file, or an object with either image_url or file_id."
    faults.append(FieldError("input_reference", "invalid_value", said))
    return None, None


def _referred(value: dict[str, Any]) -> Any:
    """The one that is given; False where it is not one."""
    given = [text for text in value.values() if text is not None]
    return given[0] if len(given) == 1 and value.keys() <= REFERENCES else False
