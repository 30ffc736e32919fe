"""The pages in a real browser: for everybody, steady while they load, quick to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.audit import Actor
from accounts.team import invitations
from billing import limit_changes, tasks
from generations.models import Share
from tests.factories import a_member, a_user
from tests.site import lives
from tests.site.chromium import CHROMIUM, a_browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]

#: Shifts after the page's own start, as the browser itself measures them.
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 400);
})"""
MOST_SHIFT = 0.02


@pytest.fixture
def addresses(alice) -> dict[str, str]:
    """Every page of ours about clips, their money and the team, with something on each."""
    clip = lives.delivered(lives.ordered(alice, prompt="A paper boat [Push in]"))
    clip.tags = ["calm"]
    clip.save(update_fields=["tags"])
    broken = lives.failed(lives.ordered(alice, prompt="Refused"), said="Not allowed")
    lives.running(lives.ordered(alice, prompt="On its way"), progress=42)
    week = timezone.now() + timedelta(days=7)
    shares = [Share.objects.create(generation=clip, expires_at=week) for _ in range(2)]
    Share.objects.filter(pk=shares[1].pk).update(revoked_at=timezone.now())
    bob = a_member(alice.workspace, user=a_user("bob@example.org", name="Bob"))
    limit = {"month": 5_000_000}
    subject = limit_changes.member_subject(bob.user)
    limit_changes.change(alice.workspace, subject=subject, wanted=limit, by=Actor("test"))
    now = timezone.now()
    invitations.invite(me=alice, email="d@example.org", role="member", by=Actor("test"), now=now)
    tasks.work()
    invitation = re.search(r"/invitations/\S+", mail.outbox[-1].body)[0]
    return {
        "team": "/team",
        "member": f"/team/members/{bob.user.public_id}",
        "workspaces": "/workspaces",
        "invitation": invitation,
        "usage": "/usage",
        "usage-none": "/usage?first=2020-01-01&last=2020-01-31",
        "home": "/",
        "guide": "/docs/order",
        "reference": "/api/docs",
        "studio": f"/studio?remix={clip.public_id}",
        "library": "/library?status=succeeded",
        "library-none": "/library?q=nothing",
        "clip": f"/clips/{clip.public_id}",
        "failed": f"/clips/{broken.public_id}",
        "share": f"/s/{shares[0].token}",
        "share-closed": f"/s/{shares[1].token}",
        "not-found": "/nowhere",
    }


#: Pages that say the same whatever there is.
PLAIN = [
    "/wallet",
    "/wallet/limits",
    "/billing/statements/",
    "/keys",
    "/webhooks",
    "/account",
    "/account/letters",
    "/account/data",
    "/account/delete",
    "/workspace/retention",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/password/set/",
]
DOORS = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]


def pages(browser, site: str, **options) -> Iterator[Page]:
    """A page that is signed in."""
    with a_browser() as chromium:
        context = chromium.new_context(base_url=site, **options)
        session = browser.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        yield context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(live_server, browser, addresses, scheme):
    for page in pages(browser, live_server.url, color_scheme=scheme, reduced_motion="reduce"):
        for name, address in addresses.items():
            assert serious(page, address) == [], (name, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_pages_of_an_account_and_its_doors(
    live_server, browser, scheme
):
    for page in pages(browser, live_server.url, color_scheme=scheme, reduced_motion="reduce"):
        for address in PLAIN:
            assert serious(page, address) == [], (address, scheme)
        page.context.clear_cookies()
        for address in DOORS:
            assert serious(page, address) == [], (address, scheme)


def serious(page: Page, address: str) -> list[tuple[str, list[str]]]:
    """What axe calls serious or critical there, with everything folded open."""
    page.goto(address)
    assert address.partition("?")[0] in page.url, "another page is shown"
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    found = Axe().run(page).response["violations"]
    worst = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in worst]


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_a_page_loads_and_nothing_is_cut_off(
    live_server, browser, addresses, width
):
    for page in pages(browser, live_server.url, viewport={"width": width, "height": 900}):
        for name, address in addresses.items():
            page.goto(address)
            assert page.evaluate(SHIFT) < MOST_SHIFT, (name, width)
            for now in (width, 768):
                page.set_viewport_size({"width": now, "height": 900})
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (name, now)
            page.set_viewport_size({"width": width, "height": 900})


def test_a_keyboard_alone_marks_and_tags(live_server, browser, addresses):
    for page in pages(browser, live_server.url):
        page.goto("/library")
        page.get_by_label("Mark: A paper boat [Push in]").focus()
        page.keyboard.press("Space")
        expect(page.locator("[data-marked-count]")).to_have_text("1 clip marked")
        page.get_by_label("Tags to add").focus()
        page.keyboard.type("sea")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Tagged 1 clip: sea.")).to_be_visible()


def test_the_search_finds_while_it_is_typed_and_the_way_back_works(live_server, browser, addresses):
    for page in pages(browser, live_server.url):
        page.goto("/library")
        page.get_by_label("Search in prompts").press_sequentially("paper")
        expect(page.locator(".contact__frame")).to_have_count(1)
        page.wait_for_url("**/library?q=paper*")
        page.get_by_label("Search in prompts").fill("submarine")
        expect(page.get_by_text("No clip matches that.")).to_be_visible()
        page.get_by_role("link", name="Show all clips").click()
        expect(page.locator(".contact__frame")).to_have_count(3)


def test_an_open_tab_learns_what_another_one_did(live_server, browser, addresses, alice):
    for page in pages(browser, live_server.url):
        page.goto("/studio")
        expect(page.locator(".card")).to_have_count(3)
        other = page.context.new_page()
        other.goto("/studio?prompt=From+the+other+tab")
        other.locator("#order-button").click()
        expect(other.locator(".card")).to_have_count(4)
        expect(page.locator(".card")).to_have_count(4)
        expect(page.locator(".card").first).to_contain_text("From the other tab")


def test_what_was_typed_outlives_a_lost_session(live_server, browser, addresses, alice):
    alice.user.set_password("rain on a tin roof")
    alice.user.save()
    EmailAddress.objects.create(
        user=alice.user, email=alice.user.email, verified=True, primary=True
    )
    browser.force_login(alice.user)
    for page in pages(browser, live_server.url):
        page.goto("/studio")
        page.get_by_label("What happens in the clip?").fill("Half a thought")
        page.locator('[name="duration"][value="10"]').check(force=True)
        expect(page.locator("#order-button")).to_contain_text("$0.56")
        page.context.clear_cookies()
        page.locator("#order-button").click()
        page.get_by_label("E-mail").fill(alice.user.email)
        page.get_by_label("Password").fill("rain on a tin roof")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/studio")
        expect(page.get_by_label("What happens in the clip?")).to_have_value("Half a thought")
        expect(page.locator("#order-button")).to_contain_text("$0.56")
        page.get_by_role("button", name="Start afresh").click()
        expect(page.get_by_label("What happens in the clip?")).to_have_value("")


def test_being_offline_is_said_and_ends(live_server, browser, addresses):
    for page in pages(browser, live_server.url):
        page.goto("/studio")
        page.context.set_offline(True)
        expect(page.locator(".offline")).to_contain_text("You are offline.")
        page.context.set_offline(False)
        expect(page.locator(".offline")).to_have_count(0)
