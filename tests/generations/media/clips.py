"""Makes small, real clips, and takes boxes apart and together again."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

#: Made once with libsvtav1, which turns the whole process to real-time priority where root runs it:
#: nothing else on the machine would get its turn.
AV1 = Path(__file__).with_name("av1.mp4")
FASTEST = {
    "libvpx": {"deadline": "realtime"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
}


def make_clip(
    path: Path,
    *,
    container: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (64, 64),
    seconds: float = 2,
    rate: int = 25,
    audio: bool = False,
    **muxer: str,
) -> Path:
    """A clip of moving noise. `muxer` holds options such as movflags="+faststart"."""
    out = av.open(str(path), "w", format=container, options=muxer)
    with out:
        video = out.add_stream(codec, rate=rate, options=FASTEST.get(codec, {}))
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        sound = _sound_stream(out, container) if audio else None
        for frame in _frames(size, round(seconds * rate)):
            out.mux(video.encode(frame))
        out.mux(video.encode())
        if sound:
            _silence(out, sound, seconds)
    return path


def make_sound(path: Path, *, container: str = "mp4", seconds: float = 2) -> Path:
    """A file with a sound track and no pictures."""
    with av.open(str(path), "w", format=container) as out:
        _silence(out, _sound_stream(out, container), seconds)
    return path


def box(kind: bytes, contents: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(contents), kind) + contents


def big_box(kind: bytes, contents: bytes = b"") -> bytes:
    """The same with its size in 64 bits."""
    return struct.pack(">I4sQ", 1, kind, 16 + len(contents)) + contents


def endless_box(kind: bytes, contents: bytes = b"") -> bytes:
    """The same with a size that means "to the end of the file"."""
    return struct.pack(">I4s", 0, kind) + contents


def boxes_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """An honest file's boxes: kind and contents."""
    found, at = [], 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + length]))
        at += length
    return found


def _frames(size: tuple[int, int], count: int) -> list[av.VideoFrame]:
    width, height = size
    noise = Image.effect_noise((width // 4 + 16, height // 4 + 16), 90).convert("RGB")
    field = noise.resize((width + 64, height + 64))
    crops = ((at % 64, at % 64, at % 64 + width, at % 64 + height) for at in range(count))
    return [av.VideoFrame.from_image(field.crop(crop)) for crop in crops]


def _sound_stream(out, container):
    sound = out.add_stream("libopus" if container == "webm" else "aac", rate=48_000)
    sound.layout = "mono"
    return sound


def _silence(out, sound, seconds):
    layout = {"format": sound.format.name, "layout": "mono", "samples": 960}
    for number in range(int(seconds * 50)):
        frame = av.AudioFrame(**layout)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))
