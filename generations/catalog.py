"""What we sell: models, modes, sizes, camera directives. Pure data (providers.md 0.2)."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_TO_VIDEO = "text-to-video"
IMAGE_TO_VIDEO = "image-to-video"

#: resolution -> pixels of a text-to-video clip
PIXELS = {"768P": (1366, 768), "1080P": (1920, 1080)}
DURATIONS = (6, 10)
#: 1080P with 10 s does not exist
SIZES = (("768P", 6), ("768P", 10), ("1080P", 6))

OUTPUT_FORMATS = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
POLICIES = ("cheapest", "fastest", "most_reliable")

PROMPT_LENGTH = 2000
MAX_COUNT = 10

CAMERA_DIRECTIVES = (
    "Truck left",
    "Truck right",
    "Pan left",
    "Pan right",
    "Push in",
    "Pull out",
    "Pedestal up",
    "Pedestal down",
    "Tilt up",
    "Tilt down",
    "Zoom in",
    "Zoom out",
    "Shake",
    "Tracking shot",
    "Static shot",
)


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    label: str
    modes: tuple[str, ...]
    summary: str


MODELS = {
    model.name: model
    for model in [
        Model(
            "hailuo-2.3",
            "Hailuo 2.3",
            (TEXT_TO_VIDEO, IMAGE_TO_VIDEO),
            "MiniMax Hailuo 2.3: cinematic clips from words or from a first frame.",
        ),
        Model(
            "hailuo-2.3-fast",
            "Hailuo 2.3 Fast",
            (IMAGE_TO_VIDEO,),
            "MiniMax Hailuo 2.3-Fast: quicker and cheaper, always from a first frame.",
        ),
    ]
}


def sku(*, model: str, mode: str, resolution: str, duration: int) -> str:
    """The exact thing priced."""
    return f"{model}/{mode}/{resolution}/{duration}"


def skus() -> list[str]:
    """Everything that could be sold."""
    return [
        sku(model=model.name, mode=mode, resolution=resolution, duration=duration)
        for model in MODELS.values()
        for mode in model.modes
        for resolution, duration in SIZES
    ]
