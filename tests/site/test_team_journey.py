"""
A team in a real browser: invited by letter, signed up, held to a limit, removed; and then nothing
of theirs opens any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from billing import tasks
from generations.models import Generation
from tests.site.chromium import CHROMIUM, a_browser
from tests.team.conftest import LINK, PASSWORD, confirmed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]

CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.MULTILINE)
KEY = re.compile(r"rly_live_[0-9A-Za-z_]{60}")


def beside(call: Callable[[], Any]) -> Any:
    """The browser's own thread may not ask the database."""

    def called() -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(called).result()


def person(browser: Browser, site: str) -> Page:
    return browser.new_context(base_url=site).new_page()


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/studio")


def invite(page: Page, email: str) -> str:
    """As an admin, so that they may make keys; returns where the letter leads."""
    page.get_by_role("link", name="Team").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Role").select_option("admin")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"The invitation is on its way to {email}.")).to_be_visible()
    beside(tasks.work)
    return LINK.findall(mail.outbox[-1].body)[0]


def sign_up_from(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("E-mail")).to_have_value("dora@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("heading", name="Enter the code").wait_for()
    page.get_by_label("Code").fill(CODE.search(mail.outbox[-1].body)[0])
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/studio")


def limit(page: Page, dollars: str) -> None:
    page.goto("/team")
    page.get_by_role("link", name="dora@example.org").click()
    page.get_by_label("In a month, in USD").fill(dollars)
    page.get_by_role("button", name="Save the limits").click()
    expect(page.get_by_text(f"${dollars} left")).to_be_visible()


def order(page: Page, prompt: str) -> None:
    page.goto("/studio")
    page.get_by_label("What happens in the clip?").fill(prompt)
    page.locator("#order-button").click()


def make_a_key(page: Page) -> str:
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("Render server")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="It is me").click()
    expect(page.get_by_text("rly_live_").first).to_be_visible()
    return KEY.search(page.content())[0]


def remove(page: Page) -> None:
    page.get_by_text("Remove dora@example.org…").click()
    page.get_by_role("button", name="Remove them").click()
    expect(page.get_by_text("their keys open nothing")).to_be_visible()


def test_invited_signed_up_held_to_a_limit_and_removed(live_server, alice):
    alice.user.set_password(PASSWORD)
    alice.user.save()
    confirmed(alice.user)
    with a_browser() as browser:
        owner, dora = person(browser, live_server.url), person(browser, live_server.url)
        log_in(owner, alice.user.email)
        sign_up_from(dora, invite(owner, "dora@example.org"))
        expect(dora.locator("#balance")).to_contain_text("$10.00")

        limit(owner, "0.50")
        order(dora, "A lighthouse in the fog")
        expect(dora.locator(".card")).to_have_count(1)
        order(dora, "Another one")
        expect(dora.get_by_text("0.22 of that is left")).to_be_visible()

        bearer = {"Authorization": f"Bearer {make_a_key(dora)}"}
        assert dora.request.get("/api/v1/me", headers=bearer).ok
        remove(owner)
        assert dora.request.get("/api/v1/me", headers=bearer).status == 401
        dora.goto("/library")
        expect(dora.get_by_text("A lighthouse in the fog")).to_have_count(0)
    assert Generation.objects.get().workspace == alice.workspace
