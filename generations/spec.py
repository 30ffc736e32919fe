"""A customer's wish, validated and frozen. Pure: no database, no network, no clock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from generations import catalog


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and the rule it breaks."""

    field: str
    code: str
    message: str


class InvalidSpec(Exception):
    """The wish cannot be fulfilled by anybody; `faults` names every reason."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """What is to be made. `has_image` stands for the first frame, which lives elsewhere."""

    model: str
    prompt: str
    has_image: bool = False
    duration: int = 6
    resolution: str = "768P"
    prompt_optimizer: bool = True
    fast_pretreatment: bool = False
    watermark: bool = False
    output_format: str = "mp4"
    output_quality: int | None = None
    provider: str = "auto"
    policy: str = "cheapest"
    max_price: int | None = field(default=None, compare=False)  # micro-dollars a clip

    @property
    def mode(self) -> str:
        return catalog.IMAGE_TO_VIDEO if self.has_image else catalog.TEXT_TO_VIDEO

    @property
    def sku(self) -> str:
        return catalog.sku(
            model=self.model, mode=self.mode, resolution=self.resolution, duration=self.duration
        )

    @property
    def binding(self) -> str:
        """A digest of all that a quote binds: everything but prompt, image and price cap."""
        bound = {k: v for k, v in asdict(self).items() if k not in ("prompt", "max_price")}
        return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()

    def options(self) -> dict[str, Any]:
        """The fields a generation stores as they are."""
        names = (
            "model mode prompt resolution duration prompt_optimizer fast_pretreatment watermark "
            "output_format output_quality policy max_price"
        )
        return {name: getattr(self, name) for name in names.split()}


def checked(spec: ClipSpec, *, providers: frozenset[str], need_prompt: bool = True) -> ClipSpec:
    """
    The same spec, if somebody could make it.

    :param providers: the names that may be asked for beside "auto".
    :raises InvalidSpec: naming every field and rule.
    """
    faults = [
        *_prompt(spec, need_prompt),
        *_choice("model", spec.model, catalog.MODELS),
        *_choice("resolution", spec.resolution, catalog.PIXELS),
        *_choice("duration", spec.duration, catalog.DURATIONS),
        *_choice("output_format", spec.output_format, catalog.OUTPUT_FORMATS),
        *_choice("policy", spec.policy, catalog.POLICIES),
        *_choice("provider", spec.provider, ["auto", *sorted(providers)]),
        *_size(spec),
        *_mode(spec),
        *_quality(spec),
    ]
    if faults:
        raise InvalidSpec(*faults)
    return spec


def _prompt(spec: ClipSpec, needed: bool) -> list[Fault]:
    if "\x00" in spec.prompt:
        return [Fault("prompt", "invalid", "Remove the NUL character.")]
    length = len(spec.prompt.strip())
    if needed and length < 2:
        return [Fault("prompt", "required", "Describe the clip in at least 2 characters.")]
    if len(spec.prompt) > catalog.PROMPT_LENGTH:
        said = f"At most {catalog.PROMPT_LENGTH} characters; this has {len(spec.prompt)}."
        return [Fault("prompt", "max_length", said)]
    return []


def _choice(field: str, value: object, choices: Any) -> list[Fault]:
    if value in choices:
        return []
    known = ", ".join(str(choice) for choice in choices)
    return [Fault(field, "invalid_choice", f"{value!r} is not one of: {known}.")]


def _size(spec: ClipSpec) -> list[Fault]:
    known = spec.resolution in catalog.PIXELS and spec.duration in catalog.DURATIONS
    if not known or (spec.resolution, spec.duration) in catalog.SIZES:
        return []
    said = f"{spec.resolution} clips of {spec.duration} s do not exist: take 768P or 6 s."
    return [Fault("duration", "impossible_combination", said)]


def _mode(spec: ClipSpec) -> list[Fault]:
    model = catalog.MODELS.get(spec.model)
    if model is None or spec.mode in model.modes:
        return []
    said = f"{model.label} always starts from a first frame: give one, or take hailuo-2.3."
    return [Fault("first_frame_image", "required", said)]


def _quality(spec: ClipSpec) -> list[Fault]:
    if spec.output_quality is None or 20 <= spec.output_quality <= 99:
        return []
    return [Fault("output_quality", "out_of_range", "From 20 to 99, or left out.")]
