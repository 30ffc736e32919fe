"""
The only program that decodes what strangers made. Runs alone: `python -I child.py '{…}'`.

It limits itself first, then opens one file, says one line of JSON on standard output (and, after
it, the bytes of a picture), and ends. Whatever goes wrong in here is at most the end of this
process. `limited.py` starts it and reads what it says. Each verb imports its own library: after
the limits are set, and without the time the other one takes to load.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from PIL import Image

Answer = tuple[dict[str, object], bytes]


class Refused(Exception):
    """What we were given is not what it should be: a stable code and a plain reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def main() -> None:
    order = json.loads(sys.argv[1])
    limit(**order["limits"])
    try:
        facts, content = VERBS[order["verb"]](**order["arguments"])
    except Refused as refused:
        facts, content = {"refused": refused.code, "reason": refused.reason}, b""
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def limit(*, cpu_seconds: int, wall_seconds: int, memory: int, output: int, niceness: int) -> None:
    """No way back from here, whatever a decoder can be talked into."""
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    signal.alarm(wall_seconds)  # should the process that waits for us be gone


# Clips

#: Our formats as FFmpeg's readers are called. Given explicitly, so that a playlist or a concat
#: script is never opened as what it is; and no reader may follow a reference out of the file.
OPEN_OPTIONS = {
    "mp4": {"enable_drefs": "0", "use_absolute_path": "0"},
    "mov": {"enable_drefs": "0", "use_absolute_path": "0"},
    "webm": {},
}
CODECS = frozenset({"av1", "h264", "hevc", "vp8", "vp9"})
MAX_SIDE = 4096
MAX_SECONDS = 120
MAX_FRAMES = MAX_SECONDS * 120
MAX_STREAMS = 8


def probe(*, path: str, container: str) -> Answer:
    """Decodes every frame. Facts are those of the decoded pictures, not the file's claims."""
    with _opened(path, container) as clip:
        stream = _video(clip)
        frames, first, last, pixels = 0, None, 0.0, ""
        for frame in _frames(clip, stream):
            frames += 1
            first = frame.time if first is None else first
            last = max(last, (frame.time or 0.0) + _length(frame))
            pixels = frame.format.name
        if not frames:
            raise Refused("damaged", "it has no pictures")
        return {
            "width": stream.width,
            "height": stream.height,
            "duration_ms": round((last - (first or 0.0)) * 1000),
            "codec": stream.codec_context.codec.canonical_name,
            "pixel_format": pixels,
            "fps": float(stream.average_rate or 0),
            "frames": frames,
            "has_audio": bool(clip.streams.audio),
        }, b""


def poster(*, path: str, container: str, at_seconds: float, max_width: int) -> Answer:
    """The frame shown at that moment, or the last one before the end, as a JPEG."""
    with _opened(path, container) as clip:
        chosen = None
        for frame in _frames(clip, _video(clip)):
            chosen = frame
            if (frame.time or 0.0) + _length(frame) > at_seconds:
                break
        if chosen is None:
            raise Refused("damaged", "it has no pictures")
        width = min(max_width, chosen.width)
        height = max(1, round(chosen.height * width / chosen.width))
        picture: Image.Image = chosen.to_image(width=width, height=height)  # type: ignore[no-untyped-call]
        return {"width": width, "height": height}, _jpeg(picture, quality=80)


@contextlib.contextmanager
def _opened(path: str, container: str) -> Iterator[InputContainer]:
    import av

    options = OPEN_OPTIONS[container] | {"protocol_whitelist": "file,fd", "err_detect": "explode"}
    try:
        with av.open(path, format=container, options=options, metadata_errors="replace") as clip:
            yield clip
    except Refused:
        raise
    except Exception as error:  # a broken file leads its reader to errors of any kind
        raise Refused("damaged", f"it cannot be decoded ({type(error).__name__})") from error


def _video(clip: InputContainer) -> VideoStream:
    if len(clip.streams) > MAX_STREAMS:
        raise Refused("not_allowed", f"it has {len(clip.streams)} tracks")
    if len(clip.streams.video) != 1:
        raise Refused("not_a_clip", f"it has {len(clip.streams.video)} video tracks, not one")
    stream = clip.streams.video[0]
    codec = stream.codec_context.codec.canonical_name
    if codec not in CODECS:
        raise Refused("not_allowed", f"its pictures are coded as {codec}")
    if not (0 < stream.width <= MAX_SIDE and 0 < stream.height <= MAX_SIDE):
        raise Refused("not_allowed", f"its pictures are {stream.width}x{stream.height} pixels")
    if (clip.duration or 0) > MAX_SECONDS * 1_000_000:
        raise Refused("not_allowed", f"it lasts longer than {MAX_SECONDS} seconds")
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"err_detect": "explode"}
    return stream


def _frames(clip: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    for number, frame in enumerate(clip.decode(stream)):
        if frame.is_corrupt:
            raise Refused("damaged", f"frame {number} is damaged")
        if number >= MAX_FRAMES or (frame.width, frame.height) != (stream.width, stream.height):
            raise Refused("not_allowed", "it has too many frames or frames of several sizes")
        yield frame


def _length(frame: av.VideoFrame) -> float:
    return float((frame.duration or 0) * (frame.time_base or 0))


# Pictures

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")
#: Phones put a second picture (depth, brightness) behind the JPEG; the first one is the photo.
SEVERAL_BUT_STILL = "MPO"
MAX_PROFILE = 1024 * 1024
QUALITIES = (95, 90, 80, 65, 50)

EXIF_ORIENTATION = 0x0112
TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


def image(
    *, max_pixels: int, min_short_side: int, ratio: tuple[int, int], max_bytes: int
) -> Answer:
    """Judges the picture on standard input by its header, then decodes it and makes it anew."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours is lower, and judged in our words
    try:
        with Image.open(sys.stdin.buffer, formats=IMAGE_FORMATS) as picture:
            _judge(picture, max_pixels, min_short_side, ratio)
            plain = _plain(picture)
        return {"width": plain.width, "height": plain.height}, _small_enough(plain, max_bytes)
    except Refused:
        raise
    except MemoryError as error:
        raise Refused("image_too_large", "The image takes too much memory.") from error
    except Exception as error:  # as above
        reason = "The image is damaged, or not a JPEG, PNG or WebP image."
        raise Refused("image_broken", reason) from error


def _judge(
    picture: Image.Image, max_pixels: int, min_short_side: int, ratio: tuple[int, int]
) -> None:
    """None of these rules minds how the picture is turned, so EXIF need not be read for them."""
    width, height = picture.size
    short, long = sorted(picture.size)
    found = f"this one is {width}x{height}"
    if width * height > max_pixels:
        limit = f"{max_pixels / 1e6:g} megapixels"
        raise Refused("image_too_large", f"The image may have at most {limit}; {found}.")
    if short < min_short_side:
        rule = f"The image's short side must be longer than {min_short_side - 1} pixels"
        raise Refused("image_too_small", f"{rule}; {found}.")
    if long * ratio[0] > short * ratio[1]:
        rule = f"The image's sides must be between {ratio[0]}:{ratio[1]} and {ratio[1]}:{ratio[0]}"
        raise Refused("image_too_wide", f"{rule}; {found}.")
    if getattr(picture, "n_frames", 1) > 1 and picture.format != SEVERAL_BUT_STILL:
        raise Refused("image_animated", "The image must not be animated.")


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, in sRGB, opaque on white."""
    from PIL import Image

    picture.load()
    plain = _upright(picture)
    profile = picture.info.get("icc_profile")
    if plain.mode.startswith("I"):  # 16 bits a pixel; convert() alone would clip them
        plain = plain.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if plain.has_transparency_data:
        see_through = plain.convert("RGBA")
        plain = Image.new("RGB", see_through.size, "white")
        plain.paste(see_through, mask=see_through.getchannel("A"))
    return _in_srgb(plain, profile)


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says; a photo whose EXIF cannot be read is taken as it lies."""
    from PIL import Image

    try:
        orientation = picture.getexif().get(EXIF_ORIENTATION)
    except Exception:  # as above
        return picture
    turn = TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Colours as they were meant: phones write Display P3, printers CMYK."""
    from PIL import ImageCms

    if not isinstance(profile, bytes) or len(profile) > MAX_PROFILE:
        return picture.convert("RGB")
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, meant, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        converted = None  # a broken or unfit profile is no reason to refuse the picture
    return converted or picture.convert("RGB")


def _small_enough(picture: Image.Image, max_bytes: int) -> bytes:
    for quality in QUALITIES:
        content = _jpeg(picture, quality=quality)
        if len(content) <= max_bytes:
            return content
    raise Refused("image_too_large", "The image cannot be made small enough.")


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    """Without EXIF, profile, text or comment: those live in `info`, which is dropped."""
    picture.info = {}
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2)
    return content.getvalue()


VERBS: dict[str, Callable[..., Answer]] = {"image": image, "poster": poster, "probe": probe}

if __name__ == "__main__":
    main()
