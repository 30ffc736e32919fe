"""A person at a real browser: signs up, gets credit, orders, watches, cancels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from accounts.models import Workspace
from billing import ledger, rates
from generations.models import Generation
from tests.site.chromium import CHROMIUM, a_browser
from tests.site.forms import a_picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]

#: A form that is refused; and what the browser itself cuts off, because the page is left for
#: another or the answer turns out to be a download.
EXPECTED = ("status of 422", ": net::ERR_ABORTED")


@contextmanager
def a_page(site: str) -> Iterator[Page]:
    """A page that may complain of nothing: no script error, no broken policy, no missing file."""
    with a_browser() as browser:
        page = browser.new_page(base_url=site)
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(_said_of(request)))
        yield page
        assert [said for said in complaints if not any(word in said for word in EXPECTED)] == []


def _said_of(request: Request) -> str:
    return f"{request.url}: {request.failure}"


@pytest.fixture
def prices(transactional_db) -> None:
    """A test that commits begins with empty tables."""
    rows = [("runware", "hailuo-2.3/text-to-video/768P/6", 280_000)]
    rows += [("runware", "hailuo-2.3/text-to-video/768P/10", 560_000)]
    rows += [("runware", "hailuo-2.3-fast/image-to-video/768P/6", 190_000)]
    rates.enter(rows, at=timezone.now(), note="for the browser")


def sign_up(page: Page) -> None:
    """Through the form and the letter; then somebody puts five dollars into the wallet."""
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill("dora@example.org")
    page.get_by_label("Password").fill("rain on a tin roof")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("heading", name="Enter the code").wait_for()
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mail.outbox[0].body, re.MULTILINE)[0]
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/studio")
    with ThreadPoolExecutor(1) as beside:  # the browser's own thread may not ask the database
        beside.submit(give_five_dollars).result()
    page.reload()


def give_five_dollars() -> None:
    wallet = Workspace.objects.get().wallet
    ledger.deposit(wallet=wallet, amount=5_000_000, key="test:browser")
    connection.close()


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'[name="{name}"][value="{value}"]').check(force=True)


def test_a_visitor_signs_up_and_orders_without_a_reload(live_server, prices):
    with a_page(live_server.url) as page:
        sign_up(page)
        page.get_by_label("What happens in the clip?").fill("A lighthouse in the fog")
        page.get_by_role("button", name="Push in").click()
        choose(page, "duration", "10")
        expect(page.get_by_role("button", name="Make clip")).to_contain_text("$0.56")
        expect(page.locator('[name="resolution"][value="1080P"]')).to_be_disabled()
        page.locator("#order-button").dblclick()

        card = page.locator(".card")
        expect(card).to_have_count(1)
        page.locator("#order-button").click()  # the late half of a slow double click
        page.wait_for_timeout(400)
        expect(card).to_have_count(1)
        expect(card).to_contain_text("waiting, next in line")
        expect(page.locator("#balance")).to_contain_text("$9.44")
        expect(page.get_by_label("What happens in the clip?")).to_have_value(
            "A lighthouse in the fog [Push in]"
        )

        card.get_by_role("button", name="Cancel").click()
        expect(card).to_contain_text("canceled")
        expect(page.locator("#announcer")).to_contain_text("canceled")
    assert Generation.objects.get().prompt == "A lighthouse in the fog [Push in]"


def test_a_first_frame_is_seen_at_once_and_opens_the_fast_model(live_server, prices):
    with a_page(live_server.url) as page:
        sign_up(page)
        expect(page.locator('[name="model"][value="hailuo-2.3-fast"]')).to_be_disabled()
        picture = {"name": "a.png", "mimeType": "image/png", "buffer": a_picture().getvalue()}
        page.locator("#id_first_frame").set_input_files(picture)
        expect(page.get_by_alt_text("Your first frame")).to_be_visible()
        choose(page, "model", "hailuo-2.3-fast")
        expect(page.locator("#order-button")).to_contain_text("$0.19")
        page.locator("#order-button").click()
        expect(page.get_by_label("What happens in the clip?")).to_be_focused()
        expect(page.get_by_text("Describe the clip in at least 2 characters.")).to_be_visible()

        page.get_by_label("What happens in the clip?").fill("It begins to snow")
        page.locator("#order-button").click()
        expect(page.locator(".card")).to_have_count(1)
    assert Generation.objects.get().first_frame.width == 640


def test_ordering_works_without_scripts(live_server, prices):
    with a_browser() as browser:
        page = browser.new_page(base_url=live_server.url, java_script_enabled=False)
        sign_up(page)
        page.get_by_label("What happens in the clip?").fill("A lighthouse in the fog")
        page.locator("#order-button").click()
        page.wait_for_url("**/clips/gen_*")
        expect(page.locator(".status")).to_contain_text("waiting")
    assert Generation.objects.count() == 1
