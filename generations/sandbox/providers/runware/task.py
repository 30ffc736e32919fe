"""
What Runware accepts as a `videoInference` task: seed 002, field by field.

`check` names the first thing wrong with a task, in Runware's manner: `unknownParameter`,
`missing…`, `invalid…`, `unsupported…` (the families of providers.md 2.6; where the exact word is
not documented it follows the family).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generations.sandbox.fields import (
    Field,
    array,
    boolean,
    integer,
    mapping,
    misfit,
    number,
    one_of,
    text,
)
from generations.sandbox.loopback import is_here, is_web_address

Task = Mapping[str, Any]

FAST = "minimax:4@2"
MODELS = ("minimax:4@1", FAST)
SIZES = {(1366, 768): (6, 10), (1920, 1080): (6,)}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a task."""

    code: str
    parameter: str | list[str]
    message: str


def _webhook(value: Any) -> bool:
    return is_web_address(value) and is_here(value)


def is_uuid(value: Any) -> bool:
    """A version 4 UUID in its usual form."""
    try:
        return str(uuid.UUID(value, version=4)) == str(value).lower()
    except (AttributeError, TypeError, ValueError):
        return False


_LOCAL = "must be a URI (in the sandbox: on this machine)"

FIELDS = (
    Field("taskType", one_of("videoInference"), "must be videoInference", required=True),
    Field("taskUUID", is_uuid, "must be a UUID v4", required=True),
    Field("model", one_of(*MODELS), f"must be one of {', '.join(MODELS)}", required=True),
    Field("positivePrompt", text(2, 2000), "must be a string between 2 and 2000 characters"),
    Field("width", integer(1), "must be an integer"),
    Field("height", integer(1), "must be an integer"),
    Field("duration", number, "must be a number"),
    Field("fps", one_of(25), "must be 25"),
    Field("outputType", one_of("URL"), "must be URL"),
    Field("outputFormat", one_of("MP4", "WEBM", "MOV"), "must be one of MP4, WEBM, MOV"),
    Field("outputQuality", integer(20, 99), "must be an integer between 20 and 99"),
    Field("deliveryMethod", one_of("async"), "must be async"),
    Field("numberResults", integer(1, 4), "must be an integer between 1 and 4"),
    Field("includeCost", boolean, "must be a boolean"),
    Field("ttl", integer(60), "must be an integer of at least 60"),
    Field("webhookURL", _webhook, _LOCAL),
    Field("uploadEndpoint", _webhook, _LOCAL),
    Field("safety", mapping, "must be an object"),
    Field("safety.checkContent", boolean, "must be a boolean"),
    Field("safety.mode", one_of("none", "fast", "full"), "must be one of none, fast, full"),
    Field("inputs", mapping, "must be an object"),
    Field("inputs.frameImages", array, "must be an array"),
    Field("providerSettings", mapping, "must be an object"),
    Field("providerSettings.minimax", mapping, "must be an object"),
    Field("providerSettings.minimax.promptOptimizer", boolean, "must be a boolean"),
)


def check(task: Task) -> Wrong | None:
    """The first thing wrong with a task; its image is looked at later."""
    return _fields(task) or _dimensions(task) or _duration(task) or _frame(task)


def frame_image(task: Task) -> str | None:
    """The first frame as it was given; the task has been checked."""
    frames = task.get("inputs", {}).get("frameImages") or []
    if not frames:
        return None
    return frames[0] if isinstance(frames[0], str) else str(frames[0]["image"])


def size(task: Task) -> tuple[int, int]:
    """Width and height; without them the smaller pair (nothing documents a default)."""
    return task.get("width", 1366), task.get("height", 768)


def _fields(task: Task) -> Wrong | None:
    found = misfit(task, FIELDS)
    if found is None:
        return None
    if found.kind == "unknown":
        return Wrong("unknownParameter", found.name, f"Unknown parameter '{found.name}'.")
    word = _word(found.name)
    if found.kind == "missing":
        return Wrong(f"missing{word}", found.name, f"Missing '{found.name}'.")
    return Wrong(f"invalid{word}", found.name, f"Invalid '{found.name}': it {found.rule}.")


def _dimensions(task: Task) -> Wrong | None:
    both = ["width", "height"]
    if ("width" in task) != ("height" in task):
        return Wrong("missingDimensionParameters", both, "width and height must be used together.")
    if size(task) not in SIZES:
        return Wrong("unsupportedDimensions", both, "Supported are 1366x768 and 1920x1080.")
    return None


def _duration(task: Task) -> Wrong | None:
    allowed = SIZES[size(task)]
    if task.get("duration", 6) in allowed:
        return None
    words = " or ".join(str(seconds) for seconds in allowed)
    message = f"duration must be {words} at {'x'.join(map(str, size(task)))}."
    return Wrong("unsupportedDuration", "duration", message)


def _frame(task: Task) -> Wrong | None:
    name = "inputs.frameImages"
    frames = task.get("inputs", {}).get("frameImages")
    if frames is None:
        if task["model"] == FAST:
            return Wrong("missingFrameImages", name, f"{FAST} needs a first frame.")
        if "positivePrompt" not in task:
            return Wrong("missingPositivePrompt", "positivePrompt", "Nothing says what to render.")
        return None
    if len(frames) != 1:
        return Wrong("invalidFrameImages", name, "Exactly one image is supported.")
    return _frame_form(frames[0])


def _frame_form(frame: Any) -> Wrong | None:
    """Either an image, or an image with the position it belongs to."""
    name = "inputs.frameImages"
    if isinstance(frame, str):
        return None if frame else Wrong("invalidFrameImages", name, "The image is empty.")
    if not isinstance(frame, Mapping):
        return Wrong("invalidFrameImages", name, "An image must be a string or an object.")
    for key in frame:
        if key not in ("image", "frame"):
            return Wrong("unknownParameter", f"{name}.{key}", f"Unknown parameter '{name}.{key}'.")
    if not isinstance(frame.get("image"), str) or not frame["image"]:
        return Wrong("missingImage", f"{name}.image", "An image is required.")
    if "frame" in frame and not one_of("first", 0)(frame["frame"]):
        return Wrong("invalidFrame", f"{name}.frame", "Only the first frame is supported.")
    return None


def _word(path: str) -> str:
    """`providerSettings.minimax.promptOptimizer` as it appears in a code: `PromptOptimizer`."""
    name = path.rsplit(".", 1)[-1]
    return name[0].upper() + name[1:]
