"""Getting the clip: over the API with a key, and by signed links without one."""

from __future__ import annotations

import asyncio
import io
import warnings
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.utils import timezone
from PIL import Image

from generations import links, serving
from generations.models import Clip, Generation
from tests.api.tools import API, WORDS, failed, finished, problem, submitted, the_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(api, film) -> Generation:
    api.post("/generations", WORDS)
    return finished(the_only(), film)


def link_to(clip: Generation, kind: str = "clip", *, ago: timedelta = timedelta()) -> str:
    return links.link(clip.pk, kind, now=timezone.now() - ago).url


@pytest.fixture(params=["content", "link"])
def get(request, api, clip):
    """The file by both ways."""
    if request.param == "content":
        return lambda **headers: api.get(f"/generations/{clip.public_id}/content", **headers)
    link = api.get(f"/generations/{clip.public_id}").json()["clip"]["url"]
    return lambda **headers: api.open(link, **headers)


def test_the_whole_file_comes_with_what_a_browser_must_know(get, clip, film):
    response = get()

    assert response.status_code == 200
    assert response.body == film
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(film))
    assert response["Content-Disposition"] == f'inline; filename="{clip.public_id}.mp4"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private")
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{clip.clip.sha256}"'


@pytest.mark.parametrize(
    ("asked", "part", "said"),
    [
        ("bytes=0-9", slice(0, 10), "bytes 0-9/{}"),
        ("bytes=10-", slice(10, None), "bytes 10-{last}/{}"),
        ("bytes=-7", slice(-7, None), "bytes {size7}-{last}/{}"),
        ("bytes=5-99999999", slice(5, None), "bytes 5-{last}/{}"),
    ],
)
def test_a_range_is_answered_with_that_part(get, film, asked, part, said):
    response = get(Range=asked)

    size = len(film)
    assert response.status_code == 206
    assert response.body == film[part]
    assert response["Content-Length"] == str(len(film[part]))
    assert response["Content-Range"] == said.format(size, last=size - 1, size7=size - 7)


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "items=0-1", "bytes=9-2", "bytes=x"])
def test_a_range_that_makes_no_sense_is_the_whole_file(get, film, asked):
    response = get(Range=asked)

    assert (response.status_code, response.body) == (200, film)


def test_a_range_beyond_the_file_is_told_its_size(get, film):
    response = get(Range=f"bytes={len(film)}-")

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(film)}"


def test_a_range_of_another_file_is_the_whole_one(get, clip, film):
    assert get(Range="bytes=0-1", If_Range='"other"').status_code == 200
    assert get(Range="bytes=0-1", If_Range=f'"{clip.clip.sha256}"').status_code == 206


def test_who_has_it_is_told_so(get, clip):
    for known in [f'"{clip.clip.sha256}"', f'W/"{clip.clip.sha256}"', '"x", "{}"', "*"]:
        response = get(If_None_Match=known.replace("{}", clip.clip.sha256))
        assert (response.status_code, response.body) == (304, b"")
    assert get(If_None_Match='"x"').status_code == 200


def test_head_tells_everything_but_the_bytes(api, clip, film):
    for response in (
        api.head(f"/generations/{clip.public_id}/content", Range="bytes=0-1"),
        api.client.head(urlsplit(link_to(clip)).path),
    ):
        assert (response.status_code, response.content) == (200, b"")
        assert response["Content-Length"] == str(len(film))
        assert response["Content-Type"] == "video/mp4"


def test_a_download_has_a_name_to_be_saved_under(api, clip):
    response = api.get(f"/generations/{clip.public_id}/content?download=1", Accept="video/mp4")

    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{clip.public_id}.mp4"'


def test_the_poster_is_made_when_first_asked_for(api, clip):
    assert clip.clip.poster_name == ""

    response = api.get(f"/generations/{clip.public_id}/poster", Accept="image/*")

    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(response.body)).size == (128, 72)
    link = api.get(f"/generations/{clip.public_id}").json()["clip"]["poster_url"]
    assert api.open(link).body == response.body
    assert Clip.objects.get().poster_name.endswith(".jpg")


def test_a_clip_of_which_no_picture_can_be_drawn_has_no_poster(api):
    api.post("/generations", WORDS)
    one = finished(the_only(), b"\0" * 100)

    problem(api.get(f"/generations/{one.public_id}/poster"), 404, "not_found")


def test_what_is_not_finished_has_no_file_yet(api):
    id = api.post("/generations", WORDS).json()["id"]
    problem(api.get(f"/generations/{id}/content"), 409, "not_finished")
    submitted(the_only())
    problem(api.get(f"/generations/{id}/poster"), 409, "not_finished")


def test_what_failed_or_was_canceled_has_no_file(api):
    api.post("/generations", WORDS)
    problem(api.get(f"/generations/{failed(the_only()).public_id}/content"), 404, "not_found")
    id = api.post("/generations", WORDS).json()["id"]
    api.post(f"/generations/{id}/cancel")
    problem(api.get(f"/generations/{id}/content"), 404, "not_found")


def test_a_file_the_storage_has_lost_is_a_dependency_that_does_not_answer(api, clip, settings):
    (settings.MEDIA_ROOT / clip.clip.name).unlink()

    response = api.get(f"/generations/{clip.public_id}/content")

    problem(response, 503, "unavailable")
    assert response["Retry-After"]
    assert api.open(link_to(clip)).status_code == 503


def test_a_link_opens_without_a_key_until_it_expires(stranger, api, clip):
    assert stranger.open(link_to(clip)).status_code == 200
    assert stranger.open(link_to(clip, ago=timedelta(minutes=55))).status_code == 200

    expired = stranger.open(link_to(clip, ago=timedelta(days=1)))

    assert expired.status_code == 410
    assert b"expired" in expired.content


def test_a_forged_link_leads_nowhere(stranger, clip):
    link = link_to(clip)
    mistyped = link[:-1] + ("a" if link[-1] != "a" else "b")

    for forged in (mistyped, link.replace(".clip.", ".poster."), "/files/x", "/files/a:b"):
        assert stranger.open(forged).status_code == 404
    assert stranger.client.post(urlsplit(link).path).status_code == 405


def test_a_file_streams_without_a_warning_under_asgi(clip, film):
    token = link_to(clip).rpartition("/")[2]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"range", b"bytes=2-")]}

    async def read(response) -> bytes:
        return b"".join([piece async for piece in response])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = serving.file(ASGIRequest(scope, io.BytesIO()), token)
        assert (response.status_code, response.is_async) == (206, True)
        assert asyncio.run(read(response)) == film[2:]


def s3_at(address: str) -> dict[str, Any]:
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "clips",
            "endpoint_url": address,
            "access_key": "test",
            "secret_key": "test",
            "region_name": "us-east-1",
            "addressing_style": "path",
            "signature_version": "s3v4",
        },
    }


def test_files_in_s3_are_reached_by_a_link_to_where_browsers_reach_it(api, clip, settings):
    inside, outside = s3_at("http://storage.internal:7070"), s3_at("https://files.example")
    settings.STORAGES = settings.STORAGES | {"default": inside, "links": outside}

    response = API(text=api.key).get(f"/generations/{clip.public_id}/content?download=1")

    assert response.status_code == 302
    assert response["Location"].startswith(f"https://files.example/clips/{clip.clip.name}?")
    assert "X-Amz-Signature=" in response["Location"]
    assert "attachment" in response["Location"]
    assert "no-store" in response["Cache-Control"]


def test_a_poster_of_a_clip_that_cannot_be_read_is_a_503_on_both_ways(api, clip):
    default_storage.delete(clip.clip.name)

    refused = api.get(f"/generations/{clip.public_id}/poster")

    problem(refused, 503, "unavailable")
    assert refused["Retry-After"]
    assert api.open(link_to(clip, "poster")).status_code == 503
