"""The Library in a real browser: it goes on by itself, and by a link where there are no scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.site import lives
from tests.site.chromium import CHROMIUM
from tests.site.test_access import pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]

MANY = 60


@pytest.fixture
def long_library(alice) -> None:
    for number in range(MANY):
        lives.failed(lives.ordered(alice, prompt=f"Scene {number}"))


def prompts(page: Page) -> list[str]:
    return page.locator(".contact__prompt").all_inner_texts()


def test_the_library_goes_on_to_its_end_while_one_scrolls(live_server, browser, long_library):
    for page in pages(browser, live_server.url):
        page.goto("/library")
        at_once = len(prompts(page))
        assert at_once < MANY

        for shown in range(2 * at_once, MANY + at_once, at_once):
            page.mouse.wheel(0, 20_000)
            expect(page.locator(".contact__prompt")).to_have_count(min(shown, MANY))

        assert prompts(page) == [f"Scene {number}" for number in reversed(range(MANY))]
        expect(page.get_by_role("link", name="Show older clips")).to_have_count(0)


def test_without_scripts_a_link_leads_to_older_clips(live_server, browser, long_library):
    for page in pages(browser, live_server.url, java_script_enabled=False):
        page.goto("/library")
        seen = prompts(page)
        page.get_by_role("link", name="Show older clips").click()
        assert not set(seen) & set(prompts(page))
