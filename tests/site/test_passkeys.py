"""Passkeys in a real browser, with a key that the browser plays (CDP's virtual authenticator)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.site.chromium import CHROMIUM
from tests.site.proving import PASSWORD, with_password
from tests.site.test_browser import a_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def a_page_with_a_key(site: str) -> Iterator[Page]:
    with a_page(site) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        yield page


@pytest.fixture
def dora(alice):
    return with_password(alice.user)


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/studio")


def add_a_passkey(page: Page, name: str) -> None:
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    prove(page)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(lambda address: "webauthn/add" not in address)


def prove(page: Page) -> None:
    """Where the page asks for it."""
    page.get_by_role("main").get_by_role("heading", level=1).wait_for()
    if page.get_by_role("heading", name="Is it you?").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="It is me").click()


def log_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda address: "logout" not in address)


def test_a_passkey_signs_in_without_a_password(live_server, dora):
    with a_page_with_a_key(live_server.url) as page:
        log_in(page, dora.email)
        add_a_passkey(page, "My laptop")
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.goto("/accounts/2fa/")
        expect(page.locator(".things strong")).to_have_text("My laptop")
        log_out(page)

        page.goto("/accounts/login/?next=/wallet")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"{live_server.url}/wallet")

        page.goto("/accounts/2fa/")
        page.get_by_role("link", name="Rename My laptop").click()
        page.wait_for_url(lambda address: not address.endswith("/2fa/"))
        prove(page)
        page.get_by_label("Name").fill("The old laptop")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".things strong")).to_have_text("The old laptop")


def test_the_passkey_is_also_the_second_step_and_the_proof(live_server, dora):
    with a_page_with_a_key(live_server.url) as page:
        log_in(page, dora.email)
        add_a_passkey(page, "My laptop")
        log_out(page)

        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(dora.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/studio")

        page.goto("/accounts/2fa/recovery-codes/generate/")
        page.get_by_role("link", name="Use a passkey").click()
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="Make new recovery codes?")).to_be_visible()


def test_a_device_that_has_a_passkey_already_says_so(live_server, dora):
    with a_page_with_a_key(live_server.url) as page:
        log_in(page, dora.email)
        add_a_passkey(page, "My laptop")
        page.goto("/accounts/2fa/webauthn/add/")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("alert")).to_contain_text("has a passkey for your account already")


def test_under_a_number_the_page_says_why_there_are_no_passkeys(live_server):
    with a_page(live_server.url.replace("localhost", "127.0.0.1")) as page:
        page.goto("/accounts/login/")
        expect(page.get_by_role("button", name="Use a passkey")).to_be_disabled()
        expect(page.get_by_text("http://localhost:")).to_be_visible()


def test_axe_finds_nothing_serious_on_the_pages_of_an_account(live_server, dora):
    with a_page_with_a_key(live_server.url) as page:
        page.goto("/accounts/login/")
        _look(page)
        log_in(page, dora.email)
        add_a_passkey(page, "My laptop")
        _look(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for address in ADDRESSES:
                page.goto(address)
                _look(page)


ADDRESSES = [
    "/account",
    "/account/letters",
    "/account/data",
    "/account/delete",
    "/workspace/retention",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/3rdparty/",
]


def _look(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    said = [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in serious]
    assert said == [], page.url
