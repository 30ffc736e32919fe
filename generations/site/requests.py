"""An order as a request of the public API: what the clip page shows to be copied."""

from __future__ import annotations

import json
from typing import Any

from generations.models import Generation

#: What is left out of a request where it is the API's own default.
DEFAULTS: dict[str, Any] = {
    "prompt_optimizer": True,
    "fast_pretreatment": False,
    "watermark": False,
    "output_format": "mp4",
    "output_quality": None,
    "policy": "cheapest",
    "tags": [],
    "metadata": {},
}


def body(generation: Generation) -> str:
    """The JSON that orders the same once more."""
    said: dict[str, Any] = {
        "model": generation.model,
        "prompt": generation.prompt,
        "resolution": generation.resolution,
        "duration": generation.duration,
    }
    if frame := _frame(generation):
        said["first_frame_image"] = frame
    if generation.provider_requested != "auto":
        said["provider"] = generation.provider_requested
    said |= {
        name: getattr(generation, name)
        for name, default in DEFAULTS.items()
        if getattr(generation, name) != default
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _frame(generation: Generation) -> str:
    return generation.first_frame.public_id if generation.first_frame else generation.image_url
