"""The walk through a file's frame: whole files pass, cut and padded ones do not."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.media.boxes import Facts, Malformed, sniff, walk
from tests.generations.media.clips import AV1, big_box, box, boxes_of, endless_box, make_clip

NAMES = ("mp4", "mp4-index-last", "mov", "webm", "webm-vp8", "webm-live")


def look(data: bytes, container: str = "mp4") -> Facts:
    return walk(io.BytesIO(data), size=len(data), container=container)


def container_of(name: str) -> str:
    return name.partition("-")[0]


@pytest.fixture(scope="module")
def mp4(clips) -> dict[bytes, bytes]:
    return dict(boxes_of(clips["mp4"].read_bytes()))


def built(*parts: bytes) -> bytes:
    return b"".join(parts)


# Types


@pytest.mark.parametrize("name", NAMES)
def test_each_type_is_told_by_its_own_first_bytes(clips, name):
    assert sniff(clips[name].read_bytes()[:4096]) == container_of(name)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0\0\0\x18ftyp",
        b"<!DOCTYPE html><html>",
        b'{"error": "expired"}',
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0AVI LIST",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"#EXTM3U\n#EXT-X-VERSION:3\n",
        b"\0\0\1\xba\x44",
        b"\x1a\x45\xdf\xa3\x80",
        b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
        box(b"ftyp", b"avif\0\0\0\0avifmif1miafMA1Biso8"),
        box(b"ftyp", b"heic\0\0\0\0mif1heicmp41"),
        box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom"),
        box(b"ftyp", b"3gp4\0\0\0\x003gp4"),
        b" " + box(b"ftyp", b"isom\0\0\0\0isom"),
    ],
)
def test_what_is_no_clip_has_no_type(head):
    assert sniff(head) is None


@given(st.binary(max_size=200))
def test_any_first_bytes_can_be_looked_at(head):
    assert sniff(head) in (None, "mp4", "mov", "webm")
    assert sniff(b"\x1a\x45\xdf\xa3" + head) in (None, "webm")


# Whole files


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_says_what_it_holds(clips, name):
    facts = look(clips[name].read_bytes(), container_of(name))

    assert (facts.width, facts.height) == (64, 64)
    assert facts.codec == {"webm": "vp9", "webm-vp8": "vp8", "webm-live": "vp8"}.get(name, "h264")
    assert facts.has_audio == (name in ("mp4", "webm"))
    assert facts.duration_ms == (None if name == "webm-live" else pytest.approx(2000, abs=50))
    assert facts.frames == (None if container_of(name) == "webm" else 50)


@pytest.mark.parametrize(("codec", "ours"), [("libx265", "hevc"), ("mpeg4", "unknown")])
def test_the_codec_has_our_name(tmp_path, codec, ours):
    clip = make_clip(tmp_path / "clip.mp4", codec=codec, seconds=0.4)

    assert look(clip.read_bytes()).codec == ours
    assert look(AV1.read_bytes()).codec == "av1"


def test_a_file_in_fragments_says_no_length(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", movflags="frag_keyframe+empty_moov")

    assert look(clip.read_bytes()).duration_ms is None


def test_sizes_may_be_written_in_64_bits_or_left_open_at_the_end(mp4):
    head, index, pictures = mp4[b"ftyp"], mp4[b"moov"], mp4[b"mdat"]
    plain = look(built(box(b"ftyp", head), box(b"moov", index), box(b"mdat", pictures)))

    for data in (
        built(big_box(b"ftyp", head), big_box(b"moov", index), big_box(b"mdat", pictures)),
        built(box(b"ftyp", head), box(b"free"), box(b"moov", index), endless_box(b"mdat", b"x")),
    ):
        assert look(data) == plain


# Broken files


@pytest.mark.parametrize("name", NAMES[:5])
@pytest.mark.parametrize("percent", range(0, 100, 5))
def test_a_file_cut_anywhere_is_noticed(clips, name, percent):
    data = clips[name].read_bytes()

    with pytest.raises(Malformed):
        look(data[: len(data) * percent // 100], container_of(name))


@pytest.mark.parametrize("name", NAMES[:5])
@pytest.mark.parametrize(
    "tail", [b"\0", b"\0" * 8, b"\0" * 5000, b"<html>", b"PK\x03\x04 and more"]
)
def test_a_file_with_something_behind_it_is_noticed(clips, name, tail):
    with pytest.raises(Malformed):
        look(clips[name].read_bytes() + tail, container_of(name))


@pytest.mark.parametrize("cut", [1, 2, 7, 8, 9, 100])
@pytest.mark.parametrize("name", NAMES[:5])
def test_a_few_missing_bytes_are_noticed(clips, name, cut):
    with pytest.raises(Malformed):
        look(clips[name].read_bytes()[:-cut], container_of(name))


def _broken(mp4: dict[bytes, bytes]) -> dict[str, bytes]:
    head, index, pictures = box(b"ftyp", mp4[b"ftyp"]), mp4[b"moov"], box(b"mdat", mp4[b"mdat"])
    whole_index = box(b"moov", index)
    movie = dict(boxes_of(index))
    return {
        "nothing": b"",
        "no index": head + pictures,
        "two indexes": head + whole_index + whole_index + pictures,
        "two types": head + head + whole_index + pictures,
        "no pictures": head + whole_index,
        "type not first": whole_index + head + pictures,
        "empty index": head + box(b"moov") + pictures,
        "index with an open size": head + pictures + endless_box(b"moov", index),
        "open size in the middle": head + endless_box(b"mdat") + whole_index,
        "size smaller than a header": head
        + whole_index
        + pictures
        + struct.pack(">I4s", 7, b"free"),
        "64 bits smaller than a header": head + whole_index + struct.pack(">I4sQ", 1, b"mdat", 15),
        "64 bits beyond everything": head
        + whole_index
        + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1),
        "a size beyond the end": head + whole_index + struct.pack(">I4s", 2**32 - 1, b"mdat"),
        "no box at all": head + whole_index + pictures + b"\0\0\0\x08\xff\xfe\xfd\xfc",
        "many boxes": head + whole_index + pictures + box(b"free") * 20_000,
        "only a header of an index": head + box(b"moov", box(b"mvhd", movie[b"mvhd"])) + pictures,
        "no header of the index": head + box(b"moov", box(b"trak", movie[b"trak"])) + pictures,
        "a short header": head
        + box(b"moov", box(b"mvhd", b"\0" * 4) + box(b"trak", movie[b"trak"]))
        + pictures,
        "no ticks in a second": head
        + box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", movie[b"trak"]))
        + pictures,
        "two video tracks": head
        + box(b"moov", index + box(b"trak", _video_track(index)))
        + pictures,
        "an index of many boxes": head + box(b"moov", box(b"free") * 20_000) + pictures,
        "a huge index": head + box(b"moov", bytes(9 << 20)) + pictures,
    }


def _video_track(index: bytes) -> bytes:
    return next(track for kind, track in boxes_of(index) if kind == b"trak" and b"vide" in track)


def test_files_that_are_built_wrong_are_noticed(mp4):
    assert [fault for fault, data in _broken(mp4).items() if passes(data)] == []


def passes(data: bytes) -> bool:
    try:
        look(data)
    except Malformed:
        return False
    return True


# Any bytes


def mutated(data: bytes, changes: list[tuple[float, int]], cut: float) -> bytes:
    """Some bytes replaced, by relative place, and perhaps the end missing."""
    broken = bytearray(data)
    for place, value in changes:
        broken[int(place * (len(broken) - 1))] = value
    return bytes(broken[: int(len(broken) * cut)])


CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1), st.sampled_from([0, 1, 7, 8, 0x7F, 0x80, 0xFF]) | st.integers(0, 255)
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def frames(clips) -> list[tuple[bytes, str]]:
    """Files small enough that a change often hits their frame: the pictures are taken out."""
    mp4 = [(k, c if k != b"mdat" else b"") for k, c in boxes_of(clips["mp4"].read_bytes())]
    webm = clips["webm-vp8"].read_bytes()
    return [(b"".join(box(k, c) for k, c in mp4), "mp4"), (webm[:600], "webm"), (webm, "webm")]


@settings(max_examples=400, deadline=None)
@given(which=st.integers(0, 2), changes=CHANGES, cut=st.sampled_from([1.0, 1.0, 0.9, 0.5]))
def test_a_changed_file_is_walked_or_refused_and_nothing_else(frames, which, changes, cut):
    data, container = frames[which]
    try:
        facts = look(mutated(data, changes, cut), container)
    except Malformed:
        return
    assert facts.width > 0
    assert facts.height > 0
    assert facts.duration_ms is None or facts.duration_ms > 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["mp4", "mov", "webm"]))
def test_any_bytes_are_walked_or_refused(data, container):
    for start in (b"", box(b"ftyp", b"isom"), b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff"):
        try:
            look(start + data, container)
        except Malformed:
            continue
