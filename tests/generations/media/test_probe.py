"""What is really in a clip, and whether it is the one that was ordered."""

from __future__ import annotations

import io
import random
import time

import pytest
from PIL import Image

from generations.media.judge import judge_clip
from generations.media.probe import NotAVideo, poster, probe
from tests.generations.media.clips import AV1, box, boxes_of, make_clip, make_sound


@pytest.fixture(scope="session")
def ordered(tmp_path_factory):
    """Six seconds of 768p, as a provider would send it."""
    path = tmp_path_factory.mktemp("ordered") / "clip.mp4"
    return make_clip(path, size=(1366, 768), seconds=6, movflags="+faststart")


def written(tmp_path, content: bytes):
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def refusal(path, expected_format="mp4", **options) -> str:
    with pytest.raises(NotAVideo) as caught:
        probe(path, expected_format=expected_format, **options)
    assert caught.value.reason in str(caught.value)
    return caught.value.code


# Good clips


def test_a_real_clip_is_decoded_to_its_last_frame(ordered):
    started = time.monotonic()
    facts = probe(ordered, expected_format="mp4")

    assert (facts.width, facts.height, facts.duration_ms) == (1366, 768, 6000)
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert (facts.frames, facts.fps, facts.has_audio) == (150, 25.0, False)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("mp4", "h264"),
        ("mp4-index-last", "h264"),
        ("mov", "h264"),
        ("webm", "vp9"),
        ("webm-vp8", "vp8"),
        ("webm-live", "vp8"),
    ],
)
def test_every_format_we_deliver_can_be_probed(clips, name, codec):
    facts = probe(clips[name], expected_format=name.partition("-")[0])

    assert (facts.codec, facts.width, facts.height) == (codec, 64, 64)
    assert facts.frames == 50
    assert facts.duration_ms == pytest.approx(2000, abs=50)
    assert facts.has_audio == (name in ("mp4", "webm"))


def test_newer_codecs_are_decoded_too(tmp_path):
    hevc = make_clip(tmp_path / "clip.mp4", codec="libx265", seconds=1)

    assert probe(hevc, expected_format="mp4").codec == "hevc"
    assert probe(AV1, expected_format="mp4").codec == "av1"


def test_a_fragmented_file_lasts_as_long_as_its_pictures(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", movflags="frag_keyframe+empty_moov")

    assert probe(clip, expected_format="mp4").duration_ms == 2000
    assert refusal(clip, full_decode=False) == "not_a_clip"


def test_the_cheap_look_agrees_with_the_thorough_one_and_starts_no_process(clips):
    thorough = probe(clips["mp4"], expected_format="mp4")
    started = time.monotonic()
    cheap = [probe(clips["mp4"], expected_format="mp4", full_decode=False) for _ in range(20)]

    assert (time.monotonic() - started) / 20 < 0.02
    assert {(c.width, c.height, c.duration_ms, c.codec, c.fps, c.frames) for c in cheap} == {
        (thorough.width, thorough.height, 2000, thorough.codec, thorough.fps, thorough.frames)
    }


# Files that are no clips


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"<!DOCTYPE html><title>403</title>",
        b'{"error": {"code": "expired"}}',
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\0\0\1\xba" + b"\0" * 200,
    ],
)
def test_other_files_are_refused_by_their_first_bytes(tmp_path, content):
    assert refusal(written(tmp_path, content)) == "wrong_type"


def test_a_photo_is_no_clip_whatever_it_is_called(tmp_path):
    path = tmp_path / "clip.mp4"
    Image.new("RGB", (64, 64)).save(path, "JPEG")

    assert refusal(path) == "wrong_type"


@pytest.mark.parametrize("container", ["matroska", "avi", "mpegts"])
def test_other_containers_are_refused(tmp_path, container):
    assert refusal(make_clip(tmp_path / "clip.mp4", container=container)) == "wrong_type"


def test_another_format_than_the_ordered_one_is_refused(clips):
    assert refusal(clips["mov"], "mp4") == "wrong_type"
    assert refusal(clips["mp4"], "mov") == "wrong_type"
    assert refusal(clips["webm"], "mp4") == "wrong_type"


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_sound_alone_is_no_clip(tmp_path, container):
    path = make_sound(tmp_path / "sound", container=container)

    assert refusal(path, container) in ("malformed", "not_a_clip")


@pytest.mark.parametrize("full_decode", [True, False])
def test_a_codec_that_we_do_not_deliver_is_refused(tmp_path, clips, full_decode):
    unknown = clips["mp4"].read_bytes().replace(b"avc1\0\0\0\0", b"what\0\0\0\0")

    for clip in (make_clip(tmp_path / "a", codec="mpeg4"), written(tmp_path, unknown)):
        assert refusal(clip, full_decode=full_decode) == "not_allowed"


def test_a_codec_that_is_not_what_it_is_called_is_refused(tmp_path, clips):
    data = clips["mp4"].read_bytes()

    assert refusal(written(tmp_path, data.replace(b"avc1\0\0\0\0", b"av01\0\0\0\0"))) == "damaged"


def test_a_script_dressed_as_a_clip_is_not_followed(tmp_path, clips):
    """With a type in front it passes the first look, and no further."""
    script = box(b"ftyp", b"isom\0\0\0\0isom") + b"ffconcat version 1.0\nfile '/etc/passwd'\n"

    assert refusal(written(tmp_path, script)) == "malformed"


def test_pictures_that_are_said_to_lie_in_another_file_are_not_looked_for_there(tmp_path, clips):
    data = clips["mp4"].read_bytes()
    in_this_file, elsewhere = b"\0\0\0\x0curl \0\0\0\x01", b"\0\0\0\x0curl \0\0\0\x00"
    assert in_this_file in data

    facts = probe(written(tmp_path, data.replace(in_this_file, elsewhere)), expected_format="mp4")

    assert facts.frames == 50


# Damaged clips


@pytest.mark.parametrize("percent", range(5, 100, 5))
@pytest.mark.parametrize("full_decode", [True, False])
def test_a_clip_cut_anywhere_is_refused(tmp_path, ordered, percent, full_decode):
    data = ordered.read_bytes()
    path = written(tmp_path, data[: len(data) * percent // 100])

    assert refusal(path, full_decode=full_decode) == "malformed"


@pytest.mark.parametrize("seed", range(5))
def test_flipped_bytes_in_the_pictures_are_found_by_decoding(tmp_path, ordered, seed):
    path = written(tmp_path, flipped(ordered.read_bytes(), seed, 60))

    probe(path, expected_format="mp4", full_decode=False)  # the frame is whole
    assert refusal(path) == "damaged"


def flipped(data: bytes, seed: int, count: int) -> bytes:
    """Some bytes of the pictures changed; the index in front stays as it is."""
    chance, broken = random.Random(seed), bytearray(data)
    pictures = len(data) - len(dict(boxes_of(data))[b"mdat"])
    for _ in range(count):
        broken[chance.randrange(pictures, len(data))] ^= chance.randrange(1, 256)
    return bytes(broken)


def test_pictures_replaced_by_zeros_are_found_by_decoding(tmp_path, ordered):
    data = ordered.read_bytes()
    middle = len(data) // 2
    path = written(tmp_path, data[:middle] + bytes(20_000) + data[middle + 20_000 :])

    assert refusal(path) == "damaged"


def test_a_clip_that_takes_too_long_is_given_up(ordered):
    assert refusal(ordered, timeout=0.05) == "too_heavy"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200))
def test_a_changed_file_never_costs_more_than_its_child(tmp_path, clips, seed):
    """reliability.md E4: 2,000 files with changes anywhere, index included."""
    chance = random.Random(seed)
    for _ in range(10):
        name = chance.choice(["mp4", "mp4-index-last", "mov", "webm", "webm-vp8"])
        broken = bytearray(clips[name].read_bytes())
        for _ in range(chance.choice([1, 3, 20, 100])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path = written(tmp_path, bytes(broken))
        try:
            facts = judge_clip(path, expected_format=name.partition("-")[0], expected_duration=2)
        except NotAVideo:
            continue
        assert abs(facts.duration_ms - 2000) <= 1000


# Posters


def test_a_poster_is_a_small_picture_of_its_moment(tmp_path, ordered):
    path = tmp_path / "poster.jpg"

    made = poster(ordered, into=path, at_seconds=1.5, max_width=640)

    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 360))
        picture.load()
    assert (made.width, made.height, made.bytes) == (640, 360, path.stat().st_size)


@pytest.mark.parametrize("name", ["mp4", "mov", "webm", "webm-live"])
@pytest.mark.parametrize("at_seconds", [0.0, 1.0, 99.0])
def test_a_poster_is_never_larger_than_its_clip_and_always_there(clips, name, at_seconds):
    into = io.BytesIO()

    made = poster(clips[name], into=into, at_seconds=at_seconds)

    assert (made.width, made.height) == (64, 64)
    assert into.getvalue().startswith(b"\xff\xd8\xff")


def test_two_moments_have_two_posters(ordered):
    first, second = io.BytesIO(), io.BytesIO()

    poster(ordered, into=first, at_seconds=0)
    poster(ordered, into=second, at_seconds=1)

    assert first.getvalue() != second.getvalue()


def test_what_is_no_clip_has_no_poster(tmp_path):
    into = io.BytesIO()

    with pytest.raises(NotAVideo):
        poster(written(tmp_path, b"<html>"), into=into)

    assert into.getvalue() == b""


# The order


@pytest.mark.parametrize("full_decode", [True, False])
def test_the_ordered_clip_may_be_delivered(ordered, full_decode):
    facts = judge_clip(
        ordered,
        expected_format="mp4",
        expected_duration=6,
        expected_size=(1366, 768),
        full_decode=full_decode,
    )

    assert facts.notes == ()
    assert facts.duration_ms == 6000


@pytest.mark.parametrize(
    ("seconds", "taken"), [(0.9, False), (1, True), (2, True), (3, True), (3.2, False)]
)
@pytest.mark.parametrize("full_decode", [True, False])
def test_a_clip_may_last_a_second_more_or_less(tmp_path, seconds, taken, full_decode):
    clip = make_clip(tmp_path / "clip.mp4", seconds=seconds)
    order = {"expected_format": "mp4", "expected_duration": 2, "full_decode": full_decode}

    if taken:
        judge_clip(clip, **order)
    else:
        with pytest.raises(NotAVideo) as caught:
            judge_clip(clip, **order)
        assert caught.value.code == "wrong_duration"


def test_an_index_that_promises_more_than_there_is_is_refused(tmp_path, clips):
    data = bytearray(clips["mp4"].read_bytes())
    at = data.index(b"mvhd") + 4 + 16
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") * 3).to_bytes(4, "big")

    assert refusal(written(tmp_path, bytes(data))) == "wrong_duration"


def test_another_size_is_only_noted(clips):
    facts = judge_clip(
        clips["mp4"], expected_format="mp4", expected_duration=2, expected_size=(1366, 768)
    )

    assert facts.notes == ("The pictures are 64x64 pixels; 1366x768 was ordered.",)
