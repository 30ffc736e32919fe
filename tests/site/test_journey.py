"""
The whole way in a real browser and a whole Reelay: a picture becomes a clip, which is watched,
downloaded, shared and deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Site
from tests.site.chromium import CHROMIUM
from tests.site.forms import a_picture
from tests.site.test_browser import a_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path / "var").start()
    yield site
    site.stop()


def sign_in(page: Page, site: Site) -> None:
    demo = json.loads((site.var / "demo.json").read_text())
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(demo["email"])
    page.get_by_label("Password").fill(demo["password"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/studio")


def fill_in(page: Page) -> None:
    """Three moves, in two brackets, and a picture so wide that it has to be cut."""
    page.get_by_label("What happens in the clip?").fill("The boat leaves the harbour")
    page.get_by_role("button", name="Push in").click()
    page.get_by_role("button", name="Tilt up").click()
    page.get_by_role("button", name="Then…").click()
    page.get_by_role("button", name="Shake").click()
    expect(page.locator(".moves__step")).to_have_text(["Push in + Tilt up", "Shake"])

    picture = {"name": "a.png", "mimeType": "image/png", "buffer": a_picture(2000, 500).getvalue()}
    page.locator("#id_first_frame").set_input_files(picture)
    expect(page.locator("[data-drop-problem]")).to_contain_text("so it is cut")
    page.locator('[name="model"][value="hailuo-2.3-fast"]').check(force=True)
    expect(page.locator("#order-button")).to_contain_text("$0.19")


def copied_request(page: Page) -> dict[str, object]:
    page.get_by_text("The same over the API").click()
    said = page.locator("#as-code").inner_text()
    return dict(json.loads(said.partition("-d '")[2].removesuffix("'")))


def point_at_it_in_the_library(page: Page) -> None:
    """Pointing at a clip, or reaching it by keyboard, plays it; who wants no motion is spared."""
    page.goto("/library")
    clip, playing = page.locator(".contact__frame > a"), page.locator("video[data-playing]")
    clip.hover()
    expect(playing).to_be_visible()
    page.get_by_role("heading", name="Library").hover()
    expect(playing).to_have_count(0)
    clip.focus()
    expect(playing).to_be_visible()

    page.emulate_media(reduced_motion="reduce")
    page.reload()
    clip.hover()
    page.wait_for_timeout(500)  # longer than it takes to start
    expect(page.locator("video")).to_have_count(0)
    page.emulate_media(reduced_motion="no-preference")


def test_a_picture_becomes_a_clip_that_is_watched_shared_and_deleted(site):
    with a_page(site.url) as page:
        sign_in(page, site)
        fill_in(page)
        asked = copied_request(page)
        assert asked["model"] == "hailuo-2.3-fast"
        assert asked["prompt"] == "The boat leaves the harbour [Push in, Tilt up] [Shake]"
        page.locator("#order-button").click()

        card = page.locator(".card").first
        expect(card.locator("video")).to_be_visible(timeout=120_000)
        card.get_by_role("link", name="The boat leaves the harbour").click()
        page.wait_for_url("**/clips/gen_*")
        watched = "document.querySelector('video').play().then(() => true)"
        assert page.evaluate(watched)
        expect(page.get_by_text("charged for the delivered clip")).to_be_visible()

        with page.expect_download() as download:
            page.get_by_role("link", name="Download MP4").click()
        assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"

        clip = page.url.partition("#")[0]
        point_at_it_in_the_library(page)
        page.goto(clip)
        page.get_by_role("button", name="Make a link").click()
        shared = page.locator("#share .links__address a").get_attribute("href")
        page.goto(shared)
        expect(page.get_by_role("heading", level=1)).to_contain_text("The boat leaves")

        page.goto(clip)
        page.get_by_text("Delete this clip").click()
        page.get_by_role("button", name="Delete for good").click()
        page.wait_for_url("**/library")
        expect(page.get_by_text("The clip is deleted.")).to_be_visible()
        assert page.request.get(shared).status == 404
    site.audit()
