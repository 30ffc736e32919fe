"""The stream of news for pages: who may listen, what they hear, and what pages make of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Response, expect

from accounts import events
from accounts.models import Membership
from tests.api.listening import SOON, Ear, Process, told
from tests.site import lives
from tests.site.chromium import CHROMIUM, a_browser
from tests.site.conftest import browser_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def process(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("live") / "log", DEBUG="1").start()
    yield process
    process.stop()
    assert "Traceback" not in process.log


def cookie(browser: Client) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def ask(process: Process, browser: Client, **headers: str) -> httpx.Response:
    """For what is not a stream."""
    cookies = {settings.SESSION_COOKIE_NAME: cookie(browser)} if browser.cookies else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(base_url=process.url, cookies=cookies, timeout=SOON) as client:
        return client.get("/live", headers=named)


@contextmanager
def listening(process: Process, browser: Client, last: str = "") -> Iterator[Ear]:
    headers = {"Last-Event-ID": last} if last else {}
    cookies = {settings.SESSION_COOKIE_NAME: cookie(browser)}
    with (
        httpx.Client(base_url=process.url, cookies=cookies, timeout=SOON) as client,
        client.stream("GET", "/live", headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        ear = Ear(response)
        assert "retry" in ear.frame()
        yield ear


def news(ear: Ear) -> str:
    """What the next event is about; nothing when the stream is over."""
    while (frame := ear.frame()) and "data" not in frame:
        assert set(frame) <= {"", "retry"}
    return frame.get("data", "")


def tell(member: Membership, type: str = "wallet.topped_up") -> None:
    events.tell(workspace_id=member.workspace_id, type=type)


# What is heard


def test_the_stream_names_what_has_changed_in_this_workspace_only(process, browser, alice, charlie):
    order = lives.ordered(alice)

    with listening(process, browser) as ear:
        head = ear.response.headers
        tell(charlie)
        lives.failed(order)
        tell(alice)
        heard = [news(ear) for _ in range(3)]
        ear.silence()

    assert heard == [order.reference, order.reference, "wallet.topped_up"]
    assert head["Content-Type"] == "text/event-stream"
    assert head["Cache-Control"] == "no-cache"


def test_who_comes_back_hears_what_was_missed(process, browser, alice):
    tell(alice, "wallet.low")
    tell(alice)

    with listening(process, browser, last=told()[0]) as ear:
        assert news(ear) == "wallet.topped_up"
    with listening(process, browser, last="nonsense") as ear:
        ear.silence(1)


# Who may


def test_nobody_listens_without_a_session_or_from_another_site(process, browser):
    assert ask(process, Client()).status_code == 403
    assert ask(process, browser, Sec_Fetch_Site="cross-site").status_code == 403
    assert ask(process, browser, Sec_Fetch_Site="same-site").status_code == 403


def suspend(member: Membership) -> None:
    member.workspace.suspended_at = timezone.now()
    member.workspace.save()


def lock_out(member: Membership) -> None:
    member.user.is_active = False
    member.user.save()


def remove(member: Membership) -> None:
    member.delete()


@pytest.mark.parametrize("end", [suspend, lock_out, remove])
def test_who_may_no_longer_read_is_heard_no_longer(process, bob, end):
    browser = browser_of(bob)
    with listening(process, browser) as ear:
        end(bob)
        assert news(ear) == ""
    assert ask(process, browser).status_code == 403


def test_a_session_that_ends_takes_its_stream_along(process, alice):
    browser, another = browser_of(alice), browser_of(alice)
    before = cookie(browser)
    with listening(process, browser) as ear, listening(process, another) as other:
        browser.logout()
        assert news(ear) == ""
        tell(alice)
        assert news(other) == "wallet.topped_up"
        assert before != cookie(another)


def test_a_new_password_ends_the_streams_of_before(process, browser, alice):
    with listening(process, browser) as ear:
        alice.user.set_password("rain on a tin roof")
        alice.user.save()
        assert news(ear) == ""


def test_one_browser_has_a_few_streams_and_takes_none_from_another(process, browser, alice):
    with ExitStack() as stack:
        for _ in range(settings.STREAMS_PER_SESSION):
            stack.enter_context(listening(process, browser))
        response = ask(process, browser)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "10")
        stack.enter_context(listening(process, browser_of(alice)))


def test_a_process_that_cannot_stream_says_that_there_is_nothing_to_wait_for(browser):
    answer = browser.get("/live")
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_header_asks_for_its_balance(browser, alice):
    page = browser.get("/wallet/balance").content.decode()
    assert "$10.00" in page
    assert 'hx-trigger="news"' in page


# Pages

in_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium is installed here"),
]


def beside(act, *arguments):
    """The browser's own thread may not ask the database."""

    def done():
        try:
            return act(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(done).result()


@contextmanager
def signed_in(url: str, browser: Client) -> Iterator[BrowserContext]:
    with a_browser() as chromium:
        context = chromium.new_context(base_url=url)
        session = {"name": settings.SESSION_COOKIE_NAME, "value": cookie(browser), "url": url}
        context.add_cookies([session])
        yield context


def opened(context: BrowserContext, path: str, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path)
    return page


def is_live(response: Response) -> bool:
    return response.url.endswith("/live")


class TestInChromium:
    pytestmark = in_chromium

    def test_tabs_share_a_stream_and_poll_again_when_it_ends(self, process, browser, alice):
        first, second = lives.ordered(alice), lives.ordered(alice)
        complaints: list[str] = []
        with signed_in(process.url, browser) as context:
            streams: list[int] = []
            context.on("response", lambda got: is_live(got) and streams.append(got.status))
            with context.expect_event("response", is_live):
                tabs = [opened(context, "/studio", complaints)]
            tabs += [opened(context, "/studio", complaints)]
            tabs += [opened(context, f"/clips/{first.public_id}", complaints)]
            tabs[0].wait_for_timeout(2500)  # the polls of before the stream are over
            polls: list[str] = []
            context.on("request", lambda sent: "seen=" in sent.url and polls.append(sent.url))
            tabs[0].wait_for_timeout(4500)  # two polls would be due
            assert polls == []

            beside(lives.failed, first)
            for tab in tabs:
                expect(tab.locator(".status").last).to_contain_text("failed")
            expect(tabs[0].locator("#balance")).to_contain_text("$9.72")
            assert streams == [200]

            with context.expect_event("response", is_live):
                tabs.pop(0).close()  # the one that listened for all: another does

            beside(suspend, alice)
            with context.expect_event("request", lambda sent: str(second.public_id) in sent.url):
                pass  # polling is back
            beside(lives.failed, second)
            expect(tabs[0].locator(".status").first).to_contain_text("failed")
            expect(tabs[0].locator("#balance")).to_contain_text("$10.00")
        assert [said for said in complaints if "403" not in said] == []

    def test_a_site_without_streams_is_polled(self, live_server, browser, alice):
        order = lives.ordered(alice)
        complaints: list[str] = []
        with signed_in(live_server.url, browser) as context:
            page = opened(context, "/studio", complaints)
            beside(lives.failed, order)
            expect(page.locator(".status")).to_contain_text("failed")
        assert complaints == []
