"""The frame of webm: EBML elements, each an id, a size and its contents (RFC 8794, RFC 9559)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generations.media.facts import Facts, Malformed

MAGIC = b"\x1a\x45\xdf\xa3"

EBML = 0x1A45DFA3
DOC_TYPE = 0x4282
SEGMENT = 0x18538067
INFO = 0x1549A966
TIMESTAMP_SCALE = 0x2AD7B1
DURATION = 0x4489
TRACKS = 0x1654AE6B
TRACK_ENTRY = 0xAE
TRACK_TYPE = 0x83
CODEC_ID = 0x86
VIDEO = 0xE0
PIXEL_WIDTH = 0xB0
PIXEL_HEIGHT = 0xBA
CLUSTER = 0x1F43B675

#: What a segment may hold: SeekHead, Info, Tracks, Cluster, Cues, Chapters, Tags, Attachments,
#: and the two that may stand anywhere, Void and CRC-32.
IN_SEGMENT = frozenset(
    {0x114D9B74, INFO, TRACKS, CLUSTER, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0x1941A469, 0xEC, 0xBF}
)
#: What a cluster may hold. A cluster of unknown size has no end, so these then stand beside it.
IN_CLUSTER = frozenset({0xE7, 0xA7, 0xAB, 0xA0, 0xA3})

MAX_ELEMENTS = 100_000
MAX_HEADER = 4 * 1024 * 1024

VIDEO_TRACK, AUDIO_TRACK = 1, 2
CODECS = {
    b"V_AV1": "av1",
    b"V_MPEG4/ISO/AVC": "h264",
    b"V_MPEGH/ISO/HEVC": "hevc",
    b"V_VP8": "vp8",
    b"V_VP9": "vp9",
}


def doc_type(head: bytes) -> bytes:
    """The kind of EBML document that begins with `head`, such as `webm`; empty if unclear."""
    try:
        header = _element(head, 0, len(head))
        return _value(head[header.start : header.stop], DOC_TYPE).rstrip(b"\0")
    except Malformed:
        return b""


def walk(file: BinaryIO, size: int) -> Facts:
    """:raises Malformed: if elements do not fill the file exactly, or parts are missing."""
    header = _read(file, 0, size)
    if header.id != EBML:
        raise Malformed("it does not begin with its type")
    segment = _read(file, header.stop, size)
    if segment.id != SEGMENT:
        raise Malformed("it has no segment")
    if segment.stop != size:
        raise Malformed("something follows its end")

    parts = list(_parts(file, segment))
    if not any(part.id == CLUSTER for part in parts):
        raise Malformed("it has no pictures (cluster)")
    return _facts(_contents(file, parts, INFO), _contents(file, parts, TRACKS))


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    start: int  # of the contents
    stop: int
    endless: bool = False  # the size is unknown: a stream that was written without looking back


def _read(file: BinaryIO, at: int, end: int) -> _Element:
    file.seek(at)
    head = file.read(12)
    element = _element(head, 0, end - at)
    return _Element(element.id, at + element.start, at + element.stop, element.endless)


def _parts(file: BinaryIO, segment: _Element) -> Iterator[_Element]:
    """What stands in the segment; a cluster of unknown size is entered, not skipped."""
    at, legal = segment.start, IN_SEGMENT
    for _ in range(MAX_ELEMENTS):
        if at == segment.stop:
            return
        part = _read(file, at, segment.stop)
        if part.id not in legal:
            raise Malformed("it contains something that does not belong there")
        if part.endless and part.id != CLUSTER:
            raise Malformed("one of its parts has no size")
        if part.endless:
            legal = IN_SEGMENT | IN_CLUSTER
        yield part
        at = part.start if part.endless else part.stop
    raise Malformed("it has too many parts")


def _contents(file: BinaryIO, parts: list[_Element], wanted: int) -> bytes:
    found = [part for part in parts if part.id == wanted]
    if len(found) != 1:
        raise Malformed("it has not exactly one of each index")
    if found[0].stop - found[0].start > MAX_HEADER:
        raise Malformed("its index is too large")
    file.seek(found[0].start)
    return file.read(found[0].stop - found[0].start)


def _facts(info: bytes, tracks: bytes) -> Facts:
    entries = [tracks[entry.start : entry.stop] for entry in _children(tracks, TRACK_ENTRY)]
    videos = [entry for entry in entries if _number(entry, TRACK_TYPE) == VIDEO_TRACK]
    if len(videos) != 1:
        raise Malformed(f"it has {len(videos)} video tracks instead of one")
    picture = _value(videos[0], VIDEO)
    width, height = _number(picture, PIXEL_WIDTH), _number(picture, PIXEL_HEIGHT)
    if not width or not height:
        raise Malformed("its pictures have no size")
    return Facts(
        width=width,
        height=height,
        duration_ms=_duration(info),
        codec=CODECS.get(_value(videos[0], CODEC_ID).rstrip(b"\0"), "unknown"),
        frames=None,
        has_audio=any(_number(entry, TRACK_TYPE) == AUDIO_TRACK for entry in entries),
    )


def _duration(info: bytes) -> int | None:
    scale = _number(info, TIMESTAMP_SCALE) or 1_000_000  # nanoseconds to a tick
    value = _value(info, DURATION)
    if not value:
        return None
    ticks: float = struct.unpack(">f" if len(value) == 4 else ">d", value)[0]
    if not 0 < ticks < 1e15:  # also false for what is not a number
        raise Malformed("its duration makes no sense")
    return round(ticks * scale / 1_000_000)


def _number(parent: bytes, wanted: int) -> int:
    value = _value(parent, wanted)
    if len(value) > 8:
        raise Malformed("one of its numbers is too long")
    return int.from_bytes(value, "big")


def _value(parent: bytes, wanted: int) -> bytes:
    """The contents of the first such child; empty if there is none."""
    for child in _children(parent, wanted):
        return parent[child.start : child.stop]
    return b""


def _children(parent: bytes, wanted: int) -> Iterator[_Element]:
    at = 0
    for _ in range(MAX_ELEMENTS):
        if at == len(parent):
            return
        child = _element(parent, at, len(parent))
        if child.id == wanted:
            yield child
        at = child.stop
    raise Malformed("its index has too many parts")


def _element(data: bytes, at: int, end: int) -> _Element:
    """The element at `at`, which must end at or before `end`."""
    id_length = _length(data, at, 4)
    size_at = at + id_length
    size_length = _length(data, size_at, 8)
    start = size_at + size_length
    if start > len(data):
        raise Malformed("it ends in the middle of an element")
    size = int.from_bytes(data[size_at:start], "big") & ((1 << 7 * size_length) - 1)
    endless = size == (1 << 7 * size_length) - 1
    stop = end if endless else start + size
    if stop > end:
        raise Malformed("it is cut short: one of its parts goes beyond the end")
    return _Element(int.from_bytes(data[at:size_at], "big"), start, stop, endless)


def _length(data: bytes, at: int, longest: int) -> int:
    """How many bytes a variable-length number has: one more than the zeros it begins with."""
    if at >= len(data):
        raise Malformed("it ends in the middle of an element")
    length = 9 - data[at].bit_length()
    if length > longest:
        raise Malformed("it contains something that is not an element")
    return length
