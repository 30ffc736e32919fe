"""First frames of ToAPIs: uploaded, then named (providers.md 3.1, 3.4)."""

from __future__ import annotations

import av
import pytest

from tests.generations.sandbox.house_single import ToAPIs
from tests.generations.sandbox.pictures import an_image


@pytest.fixture
def toapis(house):
    return ToAPIs(house)


def test_an_upload_gets_an_address_that_anybody_can_fetch(toapis):
    picture = an_image()

    answer = toapis.upload(picture)

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert answer.json() == {"success": True, "message": "", "data": data}
    assert data["id"].startswith("upload_")
    assert (data["mime_type"], data["size"]) == ("image/jpeg", len(picture))
    fetched = toapis.house.client.get(data["url"])
    assert (fetched.content, fetched.headers["Content-Type"]) == (picture, "image/jpeg")


def test_an_uploaded_picture_becomes_the_first_frame(toapis):
    url = toapis.upload(an_image(400, 640)).json()["data"]["url"]

    task = toapis.submit("Waves [[slow=0]]", image_urls=[url], model="MiniMax-Hailuo-2.3-Fast")

    path = toapis.house.state / "tall.mp4"
    path.write_bytes(toapis.house.client.get(toapis.address(toapis.ended(task))).content)
    with av.open(str(path)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (768, 1228)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_four_kinds_may_be_uploaded(toapis, kind):
    answer = toapis.upload(an_image(kind=kind), f"picture.{kind.lower()}")

    assert answer.json()["data"]["mime_type"] == f"image/{kind.lower()}"


def test_the_purpose_may_be_named(toapis):
    assert toapis.upload(an_image(), data={"purpose": "generation"}).status_code == 200


def test_a_gif_is_no_first_frame(toapis):
    url = toapis.upload(an_image(kind="GIF")).json()["data"]["url"]

    answer = toapis.post(toapis.an_order(image_urls=[url]))

    assert (answer.status_code, toapis.refusal(answer)) == (400, "invalid_request")


def test_an_uploaded_picture_must_still_fit_the_rules(toapis):
    url = toapis.upload(an_image(700, 300)).json()["data"]["url"]

    answer = toapis.post(toapis.an_order(image_urls=[url]))

    assert "short side" in answer.json()["error"]["message"]


TEN = 10 * 1024 * 1024


@pytest.mark.parametrize(("size", "status"), [(TEN, 200), (TEN + 1, 400)])
def test_ten_megabytes_are_the_most(toapis, size, status):
    picture = an_image()

    answer = toapis.upload(picture + bytes(size - len(picture)))

    assert answer.status_code == status
    assert answer.json()["success"] is (status == 200)
    if status == 400:
        assert "too large" in answer.json()["message"]


@pytest.mark.parametrize("content", [b"", b"no image", an_image()[:3000]])
def test_what_is_no_picture_is_refused(toapis, content):
    answer = toapis.upload(content)

    assert answer.status_code == 400
    assert answer.json().keys() == {"success", "message"}
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"file": "x"}},
        {"files": {"image": ("a.jpg", b"x")}},
        {"files": {"purpose": (None, "generation")}},
        {"content": b"broken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"broken", "headers": {"Content-Type": "multipart/form-data"}},
    ],
)
def test_a_body_without_a_file_is_refused(toapis, body):
    headers = {**toapis.auth, **body.pop("headers", {})}

    answer = toapis.house.client.post("/toapis/v1/uploads/images", headers=headers, **body)

    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_an_upload_needs_a_key(toapis):
    files = {"file": ("a.jpg", an_image())}

    answer = toapis.house.client.post("/toapis/v1/uploads/images", files=files)

    assert (answer.status_code, toapis.refusal(answer)) == (401, "authentication_error")


def test_uploads_can_be_made_to_fail_in_both_forms(toapis):
    toapis.set(times=1, upload_false=True)
    refused = toapis.upload(an_image())
    toapis.set(times=1, upload_false=200)
    lying = toapis.upload(an_image())
    toapis.set(times=1, upload_error=429)
    limited = toapis.upload(an_image())
    toapis.set(times=1, upload_error=502)
    page = toapis.upload(an_image())

    assert (refused.status_code, refused.json()["success"]) == (400, False)
    assert (lying.status_code, lying.json()["success"]) == (200, False)
    assert (limited.status_code, toapis.refusal(limited)) == (429, "rate_limit_exceeded")
    assert (page.status_code, page.text[:9]) == (502, "<!DOCTYPE")
    assert toapis.upload(an_image()).status_code == 200


@pytest.mark.parametrize("name", ["none.jpg", "1_0123456789.jpg", "..%2fsandbox.sqlite3"])
def test_only_uploads_are_served(toapis, name):
    assert toapis.house.client.get(f"/toapis/uploads/{name}").status_code == 404
