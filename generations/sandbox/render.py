"""
Renders one clip: `python -m generations.sandbox.render order.json`.

A process of its own, short-lived and at low priority, so that the server stays small and answers at
once while clips are made. Writes beside the target and renames, so a file is whole or absent.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from generations.sandbox import picture, stage
from generations.sandbox.art.words import seed_of
from generations.sandbox.camera import Path as CameraPath
from generations.sandbox.camera import plain
from generations.sandbox.caption import Caption
from generations.sandbox.clip import Clip
from generations.sandbox.layers import Layer

FPS = 25


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of file is written."""

    container: str
    codec: str
    options: dict[str, str]
    file_options: dict[str, str]


#: Painted pictures that move as a whole need no finer search; this halves the encoder's work.
_X264 = {"preset": "ultrafast", "x264-params": "bframes=2:b-adapt=0"}

FORMATS = {
    "mp4": Format("mp4", "libx264", _X264, {"movflags": "+faststart"}),
    "mov": Format("mov", "libx264", _X264, {"movflags": "+faststart"}),
    "webm": Format("webm", "libvpx", {"deadline": "realtime", "cpu-used": "16"}, {}),
}


def main() -> None:
    os.nice(10)
    order = json.loads(Path(sys.argv[1]).read_text())
    render(Clip(**order["clip"]), Path(order["target"]))


def render(clip: Clip, target: Path) -> None:
    """Write the clip to a file."""
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _encode(clip, str(unfinished))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _encode(clip: Clip, path: str) -> None:
    kind = FORMATS[clip.format]
    size = clip.width, clip.height
    photo = clip.image is not None
    scene = stage.Stage(_layers(clip), size=size, smooth=photo)
    camera = CameraPath(
        clip.prompt,
        seconds=clip.seconds,
        seed=seed_of(clip.prompt, clip.variation),
        photograph=photo,
    )
    caption = Caption(plain(clip.prompt), size=size)
    with av.open(path, "w", format=kind.container, options=kind.file_options) as file:
        options = _options(kind, clip.quality)
        stream = cast(VideoStream, file.add_stream(kind.codec, rate=FPS, options=options))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        # The colours of HD video, BT.709 in the limited range, as the stage's planes are.
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        for number, frame in enumerate(_frames(clip, scene, camera, caption)):
            frame.pts = number
            frame.time_base = Fraction(1, FPS)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def _layers(clip: Clip) -> list[Layer]:
    size = clip.width, clip.height
    if clip.image is None:
        return picture.paint(clip.prompt, size=size, variation=clip.variation)
    with Image.open(clip.image) as image:
        return picture.photograph(image, size=size)


def _frames(
    clip: Clip, scene: stage.Stage, camera: CameraPath, caption: Caption
) -> Iterator[VideoFrame]:
    count = round(clip.seconds * FPS)
    blank = VideoFrame(clip.width, clip.height, "yuv420p")
    planes = [Image.new("L", (plane.line_size, plane.height)) for plane in blank.planes]
    for number in range(count):
        at = number / FPS
        scene.shoot(camera.view(at * count / max(1, count - 1)), at, planes)
        caption.over(planes)
        frame = VideoFrame(clip.width, clip.height, "yuv420p")
        for plane, drawn in zip(frame.planes, planes, strict=True):
            plane.update(drawn.tobytes())
        yield frame


def _options(kind: Format, quality: int) -> dict[str, str]:
    """Runware's 20 to 99 as the codec's own measure; 95, the default, is visually clean."""
    share = (quality - 20) / 79
    if kind.codec == "libx264":
        return {**kind.options, "crf": str(round(38 - 14 * share))}
    return {**kind.options, "b": str(round(600_000 + 3_400_000 * share))}


if __name__ == "__main__":
    main()
