"""The live card: it polls while something can change, and says what changed."""

from __future__ import annotations

import html
import re

import pytest

from billing import ledger
from generations import orders
from generations.models import Generation
from tests.site import lives
from tests.site.forms import HTMX

pytestmark = pytest.mark.usefixtures("audited")


def card(browser, generation: Generation, seen: str = ""):
    return browser.get(f"/generations/{generation.public_id}/card", {"seen": seen})


def test_an_unfinished_card_asks_again_every_two_seconds(browser, alice):
    order = lives.ordered(alice)
    page = card(browser, order).content.decode()
    assert 'hx-trigger="every 2s, news"' in page
    assert "waiting, next in line" in page
    assert "Cancel, and get $0.28 back" in page


@pytest.mark.parametrize("end", [lives.delivered, lives.failed])
def test_a_final_card_asks_no_more(browser, alice, end):
    page = card(browser, end(lives.ordered(alice))).content.decode()
    assert "every 2s" not in page


def test_a_canceled_card_asks_no_more(browser, alice):
    order = lives.ordered(alice)
    orders.cancel(generation=order)
    assert "every 2s" not in card(browser, order).content.decode()


def test_nothing_new_is_answered_with_nothing(browser, alice):
    order = lives.ordered(alice)
    assert card(browser, order, seen="queued..1").status_code == 204
    lives.running(order)
    page = card(browser, order, seen="queued..1")
    assert page.status_code == 200
    assert "rendering" in page.content.decode()


def test_the_providers_progress_is_shown(browser, alice):
    order = lives.ordered(alice)
    lives.running(order, progress=42)
    page = card(browser, order).content.decode()
    assert 'value="42"' in page
    assert "data-elapsed" in page


def test_a_delivered_card_plays_in_place(browser, alice):
    page = card(browser, lives.delivered(lives.ordered(alice))).content.decode()
    assert '<video class="frame__picture" controls' in page
    assert 'src="/files/' in page


def test_a_failed_card_says_why_and_that_nothing_was_charged(browser, alice):
    page = card(browser, lives.failed(lives.ordered(alice))).content.decode()
    assert "Nothing was charged." in page


def test_the_place_in_the_queue_counts_the_turns_of_everybody(browser, alice, charlie):
    for _ in range(5):
        lives.ordered(charlie)
    first, second = lives.ordered(alice), lives.ordered(alice)
    assert "waiting, #2" in card(browser, first).content.decode()
    assert "waiting, #4" in card(browser, second).content.decode()


def test_canceling_gives_the_money_back_on_the_card(browser, alice):
    order = lives.ordered(alice)
    page = browser.post(f"/generations/{order.public_id}/cancel", **HTMX).content.decode()
    assert "status--canceled" in page
    assert "The money is back in the wallet." in page
    assert "$10.00" in page.partition('id="balance"')[2]
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_what_a_provider_is_making_is_not_canceled_and_the_card_says_so(browser, alice):
    order = lives.ordered(alice)
    lives.running(order)
    page = browser.post(f"/generations/{order.public_id}/cancel", **HTMX).content.decode()
    assert "A provider is making it" in page
    assert "status--running" in page


def test_without_htmx_canceling_leads_to_the_clip(browser, alice):
    order = lives.ordered(alice)
    page = browser.post(f"/generations/{order.public_id}/cancel", follow=True)
    assert page.redirect_chain == [(f"/clips/{order.public_id}", 302)]
    assert "The money is back in the wallet." in page.content.decode()


def test_an_unfinished_frame_of_the_library_keeps_in_step_and_a_finished_one_rests(browser, alice):
    order = lives.ordered(alice, prompt="A paper boat")
    sheet = browser.get("/library").content.decode()
    (address,) = re.findall(r'hx-get="(/generations/[^"]+)" hx-trigger="every 2s, news"', sheet)
    address = html.unescape(address)
    assert browser.get(address).status_code == 204

    lives.delivered(order)
    frame = browser.get(address).content.decode()
    assert (
        f'<li class="contact__frame strip" id="frame-{order.public_id}" data-announce="done"'
        in frame
    )
    assert "data-hover-play" in frame
    assert "every 2s" not in frame
    assert 'id="balance"' in frame
