"""A first frame is judged by the rules, and what leaves is made anew from its pixels."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from generations.media.images import MAX_BYTES, ImageRefused, judge_image, parse_data_uri


def picture(width=400, height=320, mode="RGB", color=None) -> Image.Image:
    return Image.new(mode, (width, height), color or 0)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def refusal(data: bytes) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        judge_image(data)
    assert str(caught.value) == caught.value.message
    return caught.value


def opened(judged) -> Image.Image:
    image = Image.open(io.BytesIO(judged.content))
    image.load()
    return image


def png_chunk(kind: bytes, contents: bytes) -> bytes:
    checksum = zlib.crc32(kind + contents)
    return struct.pack(">I", len(contents)) + kind + contents + struct.pack(">I", checksum)


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that promise a giant."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", pixels), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


# What is taken


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_jpeg_of_ours(kind):
    data = encoded(picture(color=(200, 30, 40)), kind)

    judged = judge_image(data)

    image = opened(judged)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 320))
    assert (judged.content_type, judged.width, judged.height) == ("image/jpeg", 400, 320)
    assert judged.sha256 == hashlib.sha256(judged.content).hexdigest()
    assert near(image.getpixel((200, 160)), (200, 30, 40))


def near(found, wanted, within=6) -> bool:
    return all(abs(a - b) <= within for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((300, 400), "image_too_small"),
        ((301, 400), None),
        ((400, 300), "image_too_small"),
        ((1, 1), "image_too_small"),
        ((301, 752), None),
        ((301, 753), "image_too_wide"),
        ((400, 1000), None),
        ((1000, 400), None),
        ((400, 1001), "image_too_wide"),
        ((1001, 400), "image_too_wide"),
        ((5000, 5000), None),
        ((5001, 5000), "image_too_large"),
    ],
)
def test_the_rules_hold_to_the_last_pixel(size, code):
    data = encoded(picture(*size, mode="L"))

    if code is None:
        assert (judge_image(data).width, judge_image(data).height) == size
    else:
        refused = refusal(data)
        assert refused.code == code
        assert f"{size[0]}x{size[1]}" in refused.message


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_set_upright(orientation):
    """A red corner stands where a viewer would show it."""
    upright = picture(400, 320, color=(0, 0, 255))
    ImageDraw.Draw(upright).rectangle((0, 0, 100, 100), fill=(255, 0, 0))
    lying = upright.transpose(UNTURN[orientation]) if orientation in UNTURN else upright
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = opened(judge_image(encoded(lying, "JPEG", exif=exif, quality=95)))

    assert image.size == (400, 320)
    assert near(image.getpixel((50, 50)), (255, 0, 0), within=12)
    assert near(image.getpixel((350, 270)), (0, 0, 255), within=12)


UNTURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (picture(mode="1", color=1), "PNG", (255, 255, 255)),
        (picture(mode="L", color=100), "PNG", (100, 100, 100)),
        (picture(mode="I;16", color=0x6400), "PNG", (100, 100, 100)),
        (picture(mode="LA", color=(0, 128)), "PNG", (127, 127, 127)),
        (picture(mode="RGBA", color=(0, 0, 0, 0)), "PNG", (255, 255, 255)),
        (picture(mode="RGBA", color=(255, 0, 0, 128)), "PNG", (255, 127, 127)),
        (picture(mode="RGBA", color=(0, 200, 0, 255)), "WEBP", (0, 200, 0)),
        (picture(mode="RGB", color=(10, 200, 30)).convert("P"), "PNG", (0, 204, 0)),
        (picture(mode="CMYK", color=(255, 0, 0, 0)), "JPEG", (0, 255, 255)),
        (picture(mode="L", color=77), "JPEG", (77, 77, 77)),
    ],
)
def test_every_kind_of_pixel_becomes_plain_colour_on_white(image, kind, expected):
    judged = judge_image(encoded(image, kind))

    assert near(opened(judged).getpixel((200, 160)), expected)


def test_see_through_colours_of_a_palette_become_white():
    image = picture(mode="P", color=3)
    image.putpalette([9] * 768)

    judged = judge_image(encoded(image, transparency=3))

    assert near(opened(judged).getpixel((1, 1)), (255, 255, 255))


def test_colours_are_translated_from_their_own_profile():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = picture(color=(200, 100, 50))

    for profile in (srgb, lab, b"not a profile", b"x" * 2_000_000):
        judged = judge_image(encoded(image, "JPEG", icc_profile=profile, quality=95))
        assert near(opened(judged).getpixel((5, 5)), (200, 100, 50))


def test_a_photo_with_a_second_picture_behind_it_is_taken():
    """Phones append a depth or brightness map to their JPEGs."""
    data = encoded(picture(color=(9, 9, 9)), "MPO", save_all=True, append_images=[picture(50, 50)])
    assert data.startswith(b"\xff\xd8\xff")

    assert judge_image(data).width == 400


def test_noise_that_cannot_be_kept_at_full_quality_still_fits():
    noise = Image.merge("RGB", [Image.effect_noise((2800, 2800), 200) for _ in range(3)])
    data = encoded(noise, "JPEG", quality=60)

    judged = judge_image(data)

    assert len(data) < MAX_BYTES
    assert len(judged.content) < MAX_BYTES
    assert judged.width == 2800


# What is refused


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"RIFF\0\0\0\0WAVE",
        encoded(picture(), "GIF"),
        encoded(picture(), "TIFF"),
        encoded(picture(), "BMP"),
        encoded(picture(), "AVIF"),
        encoded(picture(), "JPEG2000"),
    ],
)
def test_other_kinds_of_file_are_not_supported(data):
    assert refusal(data).code == "image_not_supported"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("percent", [1, 5, 20, 50, 90, 99])
def test_a_cut_image_is_broken(kind, percent):
    noise = Image.effect_noise((400, 320), 90)
    data = encoded(noise, kind)

    assert refusal(data[: len(data) * percent // 100]).code in (
        "image_broken",
        "image_not_supported",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0" + b"\0" * 5000,
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 5000,
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"RIFF\x10\0\0\0WEBPVP8X" + b"\0" * 500,
        png_that_says(400, 400),
        png_that_says(0, 400),
    ],
)
def test_a_mere_beginning_is_broken(data):
    assert refusal(data).code == "image_broken"


@pytest.mark.parametrize("size", [(9_000, 9_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_what_it_says(size):
    refused = refusal(png_that_says(*size))

    assert refused.code == "image_too_large"
    assert "25 megapixels" in refused.message


def test_a_real_bomb_is_refused_before_it_is_unpacked():
    assert refusal(encoded(picture(9_000, 9_000, mode="1"))).code == "image_too_large"


@pytest.mark.parametrize(
    ("side", "code"),
    [
        (5_001, "image_too_large"),
        (8_000, "image_too_large"),
        (16_383, "image_broken"),  # its reader wants 2 GiB before it says how large it is
    ],
)
def test_a_giant_webp_is_refused_by_what_it_says(side, code):
    data = bytearray(encoded(picture(), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9  # 14 bits of width, 14 of height, each less one
    data[at : at + 4] = (side - 1 | (side - 1) << 14).to_bytes(4, "little")

    assert refusal(bytes(data)).code == code


def test_a_compressed_text_that_would_fill_the_memory_is_refused():
    text = PngImagePlugin.PngInfo()
    text.add_itxt("comment", "a" * (80 << 20), zip=True)

    assert refusal(encoded(picture(), pnginfo=text)).code == "image_broken"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_refused(kind):
    frames = [picture(color=(n, 0, 0)) for n in (0, 100, 200)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)

    assert refusal(data).code == "image_animated"


def test_a_file_of_twenty_mebibytes_is_too_large_and_one_byte_less_is_not():
    data = encoded(picture(), "JPEG")

    assert refusal(data + bytes(MAX_BYTES - len(data))).code == "image_too_large"
    assert judge_image(data + bytes(MAX_BYTES - len(data) - 1)).width == 400


# What does not survive


def test_nothing_hidden_survives():
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: "SECRET date"})
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", "SECRET text")
    xmp = b"<x:xmpmeta>SECRET</x:xmpmeta>"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    for data in (
        encoded(picture(), "JPEG", exif=exif, icc_profile=srgb, comment=b"SECRET", xmp=xmp),
        encoded(picture(), "PNG", exif=exif, icc_profile=srgb, pnginfo=text),
        encoded(picture(), "WEBP", exif=exif, icc_profile=srgb, xmp=xmp),
    ):
        assert b"SECRET" in data
        judged = judge_image(data)
        image = opened(judged)

        assert b"SECRET" not in judged.content
        assert b"Exif" not in judged.content
        assert b"ICC_PROFILE" not in judged.content
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert len(image.getexif()) == 0


@pytest.mark.parametrize(
    "tail",
    [
        b"<html><script>alert('SECRET')</script></html>",
        b"PK\x03\x04SECRET",
        b"%PDF-1.7 SECRET",
        b"<?php SECRET ?>",
        b"*/=alert('SECRET')/*",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_second_document_in_the_same_file_is_left_behind(kind, tail):
    data = encoded(picture(color=(1, 2, 3)), kind) + tail

    judged = judge_image(data)

    assert b"SECRET" not in judged.content
    assert judged.content.endswith(b"\xff\xd9")


def test_photos_with_broken_exif_are_taken_as_they_lie():
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff\x01\x12")

    assert judge_image(data).width == 400


@pytest.mark.long
@pytest.mark.parametrize("seed", range(250))
def test_a_changed_image_is_made_anew_or_refused(seed):
    """reliability.md E3: 5,000 changed files."""
    chance = random.Random(seed)
    noise = Image.effect_noise((400, 320), 90).convert("RGB")
    for _ in range(20):
        broken = bytearray(encoded(noise, chance.choice(["JPEG", "PNG", "WEBP"])))
        for _ in range(chance.choice([1, 5, 50])):
            place = chance.randrange(chance.choice([64, 1024, len(broken)]))
            broken[place] = chance.randrange(256)
        try:
            judged = judge_image(bytes(broken))
        except ImageRefused:
            continue
        assert opened(judged).format == "JPEG"


# Data URIs


def test_a_data_uri_gives_its_bytes():
    data = encoded(picture(), "PNG")
    text = base64.b64encode(data).decode()

    assert parse_data_uri(f"data:image/png;base64,{text}") == data
    assert parse_data_uri(f"DATA:IMAGE/PNG;BASE64,{text}") == data


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "image_not_supported"),
        ("iVBORw0KGgo=", "image_not_supported"),
        ("data:,hello", "image_not_supported"),
        ("data:image/png,abc", "image_not_supported"),
        ("data:text/html;base64,PGI+", "image_not_supported"),
        ("data:image/png;charset=x;base64,AAAA", "image_not_supported"),
        ("data:image/png;base64 ,AAAA", "image_not_supported"),
        (" data:image/png;base64,AAAA", "image_not_supported"),
        ("data:image/" + "x" * 5000 + ";base64,AAAA", "image_not_supported"),
        ("data:image/png;base64,AAA", "image_broken"),
        ("data:image/png;base64,AAA=A", "image_broken"),
        ("data:image/png;base64,AA==AA==", "image_broken"),
        ("data:image/png;base64,=AAA", "image_broken"),
        ("data:image/png;base64,AA A", "image_broken"),
        ("data:image/png;base64,AAAA\n", "image_broken"),
        ("data:image/png;base64,AA-_", "image_broken"),
        ("data:image/png;base64,AA%2B", "image_broken"),
        ("data:image/png;base64,ÄÄÄÄ", "image_broken"),
        ("data:image/png;base64,\ud800AAA", "image_broken"),
    ],
)
def test_a_data_uri_is_read_strictly(text, code):
    with pytest.raises(ImageRefused) as caught:
        parse_data_uri(text)

    assert caught.value.code == code


def test_a_data_uri_that_is_too_long_is_not_even_decoded():
    fits = "A" * ((MAX_BYTES + 2) // 3 * 4)

    assert len(parse_data_uri(f"data:image/png;base64,{fits}")) >= MAX_BYTES
    with pytest.raises(ImageRefused) as caught:
        parse_data_uri(f"data:image/png;base64,{fits}????")

    assert caught.value.code == "image_too_large"
