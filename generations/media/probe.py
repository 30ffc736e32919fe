"""What is really in a clip, and a poster of it: decoded in a child that can harm nobody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from generations.media import boxes, limited

#: What browsers play, in our words; `child.py` asks FFmpeg again.
CODECS = frozenset({"av1", "h264", "hevc", "vp8", "vp9"})

MEMORY = 1536 * limited.MIB
POSTER_BYTES = 4 * limited.MIB


class NotAVideo(Exception):
    """
    The file is not a clip we deliver. `code` is stable: `wrong_type`, `malformed` (cut
    short, above all), `damaged`, `not_a_clip`, `not_allowed`, `too_heavy` or `wrong_duration`;
    `reason` says it in plain words.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"The file is not the clip that was ordered: {reason}.")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Probe:
    """A clip's facts. Without a full decode they are what the file claims."""

    width: int
    height: int
    duration_ms: int
    codec: str
    pixel_format: str  # "" where nothing was decoded
    fps: float  # 0.0 where the file does not say
    frames: int | None
    has_audio: bool
    notes: tuple[str, ...] = ()  # oddities that are no reason to refuse it


@dataclass(frozen=True, slots=True)
class Poster:
    """A JPEG that was written."""

    width: int
    height: int
    bytes: int


def probe(
    path: Path, *, expected_format: str, full_decode: bool = True, timeout: float = 300.0
) -> Probe:
    """
    The facts of an mp4, mov or webm file. A full decode costs about 0.3 s for six seconds of
    768p; without it only the file's frame is walked, which costs nothing and finds less.

    :raises NotAVideo: if it is none, is cut short, or (fully decoded) is damaged anywhere.
    """
    claims = _walk(path, expected_format)
    if not full_decode:
        return _claimed(claims)
    facts, _ = _ask("probe", path, expected_format, timeout=timeout)
    _compare(claims.duration_ms, cast(int, facts["duration_ms"]))
    return Probe(
        width=cast(int, facts["width"]),
        height=cast(int, facts["height"]),
        duration_ms=cast(int, facts["duration_ms"]),
        codec=cast(str, facts["codec"]),
        pixel_format=cast(str, facts["pixel_format"]),
        fps=cast(float, facts["fps"]),
        frames=cast(int, facts["frames"]),
        has_audio=cast(bool, facts["has_audio"]),
    )


def poster(
    path: Path,
    *,
    into: BinaryIO | Path,
    at_seconds: float = 0.0,
    max_width: int = 640,
    timeout: float = 60.0,
    patiently: bool = False,
) -> Poster:
    """
    A JPEG of the frame shown at that moment, never wider than the clip.

    :param patiently: let other processes go first, with ten times the `timeout`.

    :raises NotAVideo: if the file cannot be read up to there.
    """
    arguments = {"at_seconds": at_seconds, "max_width": max_width}
    timeout = timeout * 10 if patiently else timeout
    facts, jpeg = _ask(
        "poster", path, format_of(path), timeout=timeout, patiently=patiently, **arguments
    )
    if isinstance(into, Path):
        into.write_bytes(jpeg)
    else:
        into.write(jpeg)
    return Poster(cast(int, facts["width"]), cast(int, facts["height"]), len(jpeg))


def format_of(path: Path) -> str:
    """`mp4`, `mov` or `webm`, by what the file begins with. :raises NotAVideo: if none."""
    with path.open("rb") as file:
        found = boxes.sniff(file.read(boxes.SNIFF_BYTES))
    if found is None:
        raise NotAVideo("wrong_type", "it is not an mp4, mov or webm file")
    return found


def _walk(path: Path, expected_format: str) -> boxes.Facts:
    found = format_of(path)
    if found != expected_format:
        raise NotAVideo("wrong_type", f"it is {found}, not {expected_format}")
    with path.open("rb") as file:
        try:
            facts = boxes.walk(file, size=path.stat().st_size, container=found)
        except boxes.Malformed as error:
            raise NotAVideo("malformed", str(error)) from error
    if facts.codec not in CODECS:
        raise NotAVideo("not_allowed", "its pictures are coded in a way that we do not deliver")
    return facts


def _claimed(facts: boxes.Facts) -> Probe:
    if facts.duration_ms is None:
        raise NotAVideo("not_a_clip", "it does not say how long it lasts")
    return Probe(
        width=facts.width,
        height=facts.height,
        duration_ms=facts.duration_ms,
        codec=facts.codec,
        pixel_format="",
        fps=round((facts.frames or 0) * 1000 / facts.duration_ms, 3),
        frames=facts.frames,
        has_audio=facts.has_audio,
    )


def _compare(claimed_ms: int | None, found_ms: int) -> None:
    """A player believes the index, so the index must not promise what is not there."""
    if claimed_ms is not None and abs(claimed_ms - found_ms) > 1000:
        lasts = f"it says that it lasts {claimed_ms / 1000:g} s and lasts {found_ms / 1000:g} s"
        raise NotAVideo("wrong_duration", lasts)


def _ask(
    verb: str,
    path: Path,
    container: str,
    *,
    timeout: float,
    patiently: bool = False,
    **arguments: float,
) -> tuple[dict[str, object], bytes]:
    limits = limited.Limits(
        cpu_seconds=_cpu_seconds(path.stat().st_size),
        wall_seconds=timeout,
        memory=MEMORY,
        output=POSTER_BYTES if verb == "poster" else 0,
        patiently=patiently,
    )
    order = {"path": str(path.resolve()), "container": container, **arguments}
    try:
        return limited.run(verb, order, limits=limits)
    except limited.ChildRefused as error:
        raise NotAVideo(error.code, error.reason) from error
    except limited.ChildStopped as error:
        raise NotAVideo("too_heavy", str(error)) from error


def _cpu_seconds(size: int) -> int:
    """Ten seconds of 1080p take 0.8 s, the densest file 0.12 s a MiB; machines may be slower."""
    return 30 + size // (2 * limited.MIB)
