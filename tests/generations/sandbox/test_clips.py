"""Rendered clips, probed and decoded frame by frame."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from tests.generations.sandbox.pictures import a_data_uri, an_image


def fetched(house, tmp_path, prompt: str, **changes) -> Path:
    address = house.clip(house.submit(prompt, **changes))["videoURL"]
    path = tmp_path / address.rsplit("/", 1)[-1]
    path.write_bytes(house.client.get(address).content)
    return path


def decoded(path: Path) -> tuple[dict[str, object], list[Image.Image]]:
    """What the file says of itself, and a few of its frames; all of them are decoded."""
    with av.open(str(path), options={"err_detect": "explode"}) as file:
        (stream,) = file.streams
        context = stream.codec_context
        frames = [
            frame.to_image() if i % 50 == 0 else None for i, frame in enumerate(file.decode())
        ]
        told = {
            "codec": context.name,
            "pixels": context.pix_fmt,
            "size": (context.width, context.height),
            "fps": float(stream.average_rate),
            "seconds": round(file.duration / av.time_base, 2),
            "frames": len(frames),
        }
    return told, [frame for frame in frames if frame]


H264 = {"codec": "h264", "pixels": "yuv420p", "fps": 25.0}


def test_a_clip_is_h264_of_the_right_size_and_length_and_starts_fast(house, tmp_path):
    path = fetched(house, tmp_path, "Waves [[stock]]")

    told, frames = decoded(path)

    assert told == {**H264, "size": (1366, 768), "seconds": 6.0, "frames": 150}
    assert differs(frames[0], frames[-1]) > 1
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "size", "seconds"),
    [({"duration": 10}, (1366, 768), 10.0), ({"width": 1920, "height": 1080}, (1920, 1080), 6.0)],
)
def test_longer_and_larger_clips_are_right_too(house, tmp_path, changes, size, seconds):
    path = fetched(house, tmp_path, "A kite over the sea at sunset [Push in]", **changes)

    told, _ = decoded(path)

    assert told == {**H264, "size": size, "seconds": seconds, "frames": seconds * 25}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "codec", "magic"), [("MOV", "h264", b"ftypqt"), ("WEBM", "vp8", b"\x1a\x45\xdf\xa3")]
)
def test_other_formats_are_what_they_say(house, tmp_path, kind, codec, magic):
    path = fetched(house, tmp_path, "Waves [[stock, result-duration=2]]", outputFormat=kind)

    told, _ = decoded(path)

    assert path.suffix == f".{kind.lower()}"
    assert magic in path.read_bytes()[:16]
    assert told["codec"] == codec
    assert (told["size"], told["frames"]) == ((1366, 768), 50)
    assert told["seconds"] == pytest.approx(2.0, abs=0.05)


@pytest.mark.slow
def test_a_first_frame_keeps_its_ratio_and_is_the_first_frame(house, tmp_path):
    content = an_image(600, 900)
    frame = {"inputs": {"frameImages": [{"image": a_data_uri(content), "frame": "first"}]}}
    path = fetched(house, tmp_path, "Someone [Push in] [[result-duration=2]]", **frame)

    told, frames = decoded(path)

    assert told["size"] == (768, 1152)
    original = tmp_path / "first.jpg"
    original.write_bytes(content)
    with Image.open(original) as image:
        scaled = image.resize((768, 1152)).crop((0, 0, 768, 900))  # the caption lies below
    assert differs(frames[0].crop((0, 0, 768, 900)), scaled) < 4


@pytest.mark.slow
def test_a_lower_quality_makes_a_smaller_file(house, tmp_path):
    best, worst = (
        fetched(house, tmp_path, "Waves [[stock, result-duration=1]]", outputQuality=quality)
        for quality in (99, 20)
    )

    assert worst.stat().st_size < best.stat().st_size / 2


def test_a_second_order_of_a_prompt_gives_another_picture(house):
    seeds = [house.clip(house.submit("Waves [[stock]]"))["seed"] for _ in range(5)]

    assert len(set(seeds)) == 4
    assert seeds[0] == seeds[4]


def differs(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart on average, 0 to 255."""
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]
