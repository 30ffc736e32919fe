"""A developer at a real browser: makes a key, adds an endpoint, pings it, sends one again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.webhooks import loop
from tests.site.chromium import CHROMIUM, a_browser
from tests.webhooks.receiver import receiving, says

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]

PASSWORD = "rain on a tin roof"


def deliver() -> None:
    """As the worker does; beside, as the browser's own thread may not ask the database."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(loop.run).result()


def nothing_serious(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in serious]


def test_from_a_key_to_a_delivery_that_is_sent_again(live_server, settings, alice):
    alice.user.set_password(PASSWORD)
    alice.user.save()
    alice.user.emailaddress_set.create(email=alice.user.email, verified=True, primary=True)
    with receiving() as receiver, a_browser() as browser:
        settings.OUTBOUND_ALLOW = [receiver.pair]
        page = browser.new_page(base_url=live_server.url)
        complaints: list[str] = []
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        page.goto("/accounts/login/?next=/keys")
        page.get_by_label("E-mail").fill(alice.user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Name").fill("Render server")
        page.get_by_role("button", name="Make a key").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="It is me").click()
        expect(page.locator("#new-key")).to_contain_text("rly_live_")

        page.get_by_role("link", name="Webhooks", exact=True).click()
        page.get_by_label("Address").fill(receiver.url())
        page.get_by_role("button", name="Add the endpoint").click()
        secret = page.locator("#secret").text_content() or ""

        page.get_by_role("button", name="Send a ping").click()
        expect(page.locator("#outcome")).to_contain_text("on its way")
        deliver()
        expect(page.locator("#outcome")).to_contain_text("It answered 200")
        assert receiver.posts[0].verified(secret)["type"] == "ping"
        assert nothing_serious(page) == []

        page.get_by_role("link", name=receiver.url()).click()
        line = page.locator("#log tbody tr")
        expect(line).to_contain_text("delivered")
        receiver.answer = says(503)
        line.get_by_role("button", name="Send again").click()
        expect(line).to_contain_text("on its way")
        deliver()
        expect(line).to_contain_text("503")
        expect(line).to_contain_text("not delivered")
        assert len({post.id for post in receiver.posts}) == 1
        assert nothing_serious(page) == []

        page.get_by_role("button", name="Send a ping").click()
        expect(page.locator("#outcome")).to_contain_text("on its way")
        deliver()
        expect(page.locator("#outcome")).to_contain_text("It answered 503")
        expect(line).to_have_count(2)
        expect(page.locator("#facts")).to_contain_text("on, but failing")
        assert complaints == []
