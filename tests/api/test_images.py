"""First frames: uploads, data URIs and addresses, and what is refused of them."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from accounts import keys
from billing import ledger
from generations.models import Generation, Upload
from tests.api.tools import API, WORDS, a_picture, data_uri, faults, problem, the_only

pytestmark = pytest.mark.django_db

FAST = WORDS | {"model": "hailuo-2.3-fast"}


def a_bomb() -> bytes:
    """A PNG of 90 kB that would be 900 megapixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(3751) * 30_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def an_animation() -> bytes:
    content = io.BytesIO()
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:])
    return content.getvalue()


@pytest.fixture
def nothing_happens(wallet):
    """No money is touched and nothing is stored."""
    before = ledger.balance(wallet)
    yield
    assert ledger.balance(wallet) == before
    assert not Generation.objects.exists()
    assert not Upload.objects.exists()


def test_a_clip_starts_from_an_upload(api, settings):
    response = api.upload(a_picture())

    assert response.status_code == 201
    shown = response.json()
    assert list(shown) == "id object width height bytes content_type sha256 created_at".split()
    assert (shown["width"], shown["height"]) == (640, 400)
    assert (settings.MEDIA_ROOT / Upload.objects.get().name).stat().st_size == shown["bytes"]

    ordered = api.post("/generations", FAST | {"first_frame_image": shown["id"]}).json()
    assert ordered["mode"] == "image-to-video"
    assert ordered["first_frame_image"] == {"upload": shown["id"], "url": None}
    assert ordered["quoted"] == "0.19"


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_clip_starts_from_a_data_uri(api, format):
    uri = data_uri(a_picture(format=format), f"image/{format.lower()}")

    ordered = api.post("/generations", FAST | {"first_frame_image": uri}).json()

    assert ordered["first_frame_image"] == {"upload": Upload.objects.get().public_id, "url": None}
    assert the_only().first_frame is not None


def test_an_address_is_taken_as_it_is_and_fetched_by_a_worker(api):
    url = "https://images.example.org/kite.png?size=large"

    ordered = api.post("/generations", FAST | {"first_frame_image": url}).json()

    assert ordered["first_frame_image"] == {"upload": None, "url": url}
    assert the_only().image_url == url
    assert not Upload.objects.exists()


def test_an_image_of_an_order_that_is_not_taken_is_not_kept(api, wallet, settings):
    ledger.adjust(wallet=wallet, amount=-9_990_000, key="spent", description="", actor="test")

    wish = FAST | {"first_frame_image": data_uri(a_picture())}
    problem(api.post("/generations", wish), 402, "insufficient_funds")

    assert not Upload.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_dry_run_and_a_quote_look_at_the_image_and_keep_nothing(api, nothing_happens):
    good, bad = data_uri(a_picture()), data_uri(a_picture(300, 300))

    for path, more, status in [("/generations", {"dry_run": True}, 200), ("/quotes", {}, 201)]:
        assert api.post(path, FAST | more | {"first_frame_image": good}).status_code == status
        refused = problem(
            api.post(path, FAST | more | {"first_frame_image": bad}), 422, "invalid_request"
        )
        assert faults(refused) == [("first_frame_image", "image_too_small")]


@pytest.mark.parametrize("setting", ["UPLOADS_MAX_BYTES", "UPLOADS_MAX_FILES"])
def test_where_there_is_no_room_for_more_first_frames_none_is_kept(api, charlie, settings, setting):
    first = api.upload(a_picture()).json()
    one = {"UPLOADS_MAX_BYTES": max(first["bytes"], len(a_picture())), "UPLOADS_MAX_FILES": 1}
    setattr(settings, setting, one[setting])

    refused = problem(api.upload(a_picture()), 422, "invalid_request")
    assert faults(refused) == [("file", "storage_full")]
    assert "Delete clips" in refused["detail"]
    wish = FAST | {"first_frame_image": data_uri(a_picture())}
    refused = problem(api.post("/generations", wish), 422, "invalid_request")
    assert faults(refused) == [("first_frame_image", "storage_full")]

    assert Upload.objects.count() == 1
    assert not Generation.objects.exists()
    again = FAST | {"first_frame_image": first["id"]}
    assert api.post("/generations", again).status_code == 202
    theirs = API(text=keys.create(maker=charlie, name="theirs").text)
    assert theirs.upload(a_picture()).status_code == 201


WRONG_IMAGES = {
    "too small": (lambda: a_picture(600, 300), "image_too_small"),
    "too wide": (lambda: a_picture(1000, 390), "image_too_wide"),
    "too tall": (lambda: a_picture(390, 1000), "image_too_wide"),
    "not an image": (lambda: b"GIF89a is not taken" * 30, "image_not_supported"),
    "a page": (lambda: b"<html><script>alert(1)</script></html>", "image_not_supported"),
    "an SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image_not_supported"),
    "broken": (lambda: a_picture(640, 400)[:-40], "image_broken"),
    "a decompression bomb": (a_bomb, "image_too_large"),
    "animated": (an_animation, "image_animated"),
    "20 MiB": (lambda: a_picture() + bytes((20 << 20) - len(a_picture())), "image_too_large"),
}


@pytest.mark.parametrize(("make", "code"), WRONG_IMAGES.values(), ids=WRONG_IMAGES)
def test_an_image_that_breaks_a_rule_is_refused_by_that_rule(api, nothing_happens, make, code):
    content = make()

    body = WORDS | {"first_frame_image": data_uri(content)}
    refused = problem(api.post("/generations", body), 422, "invalid_request")
    assert faults(refused) == [("first_frame_image", code)]

    refused = problem(api.upload(content), 422, "invalid_request")
    assert faults(refused) == [("file", code)]


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64,not base64!",
        "data:image/png,plain",
        "data:text/html;base64,PGI+",
        "data:;base64,",
        "DATA:image/png;base64,",
    ],
)
def test_a_data_uri_that_is_none_is_refused(api, nothing_happens, uri):
    refused = problem(
        api.post("/generations", WORDS | {"first_frame_image": uri}), 422, "invalid_request"
    )

    assert [error["field"] for error in refused["errors"]] == ["first_frame_image"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/kite.png",
        "https://127.0.0.1/kite.png",
        "https://127.1/kite.png",
        "https://2130706433/kite.png",
        "https://0x7f.1/kite.png",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/kite.png",
        "https://[::ffff:127.0.0.1]/kite.png",
        "https://localhost/kite.png",
        "https://printer.local/kite.png",
        "https://metadata.google.internal/",
        "https://user:password@example.org/kite.png",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/ki te.png",
        "ftp://example.org/kite.png",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https:///kite.png",
        "https://example.org:0/kite.png",
        "https://" + "x" * 3000 + ".org/",
    ],
)
@pytest.mark.parametrize("path", ["/generations", "/quotes"])
def test_an_address_that_is_not_public_is_refused(api, nothing_happens, path, url):
    refused = problem(
        api.post(path, WORDS | {"first_frame_image": url}), 422, "image_url_not_allowed"
    )

    assert faults(refused) == [("first_frame_image", "image_url_not_allowed")]


def test_the_price_is_asked_before_an_image_is_opened(api, nothing_happens):
    wish = WORDS | {"max_price": "0.01", "first_frame_image": data_uri(b"no image at all")}

    problem(api.post("/generations", wish), 409, "price_above_max")


UPLOADS = {
    "nothing": ({}, [("file", "required")]),
    "text": ({"file": "not a file"}, [("file", "required")]),
    "another name": ({"image": "x"}, [("image", "unknown")]),
}


@pytest.mark.parametrize(("form", "named"), UPLOADS.values(), ids=UPLOADS)
def test_an_upload_is_one_file_called_file(api, form, named):
    response = api.client.post(
        "/api/v1/uploads", form, headers={"Authorization": f"Bearer {api.key}"}
    )

    assert faults(problem(response, 422, "invalid_request")) == named


def test_an_upload_of_two_files_is_refused(api):
    files = {"file": [io.BytesIO(a_picture()), io.BytesIO(a_picture())]}

    response = api.client.post(
        "/api/v1/uploads", files, headers={"Authorization": f"Bearer {api.key}"}
    )

    assert response.status_code in (400, 422)
    problem(response, response.status_code, "invalid_request")
