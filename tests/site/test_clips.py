"""Library and clip page."""

from __future__ import annotations

import re

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Clip, Event, Generation
from tests.site import lives
from tests.site.forms import HTMX

pytestmark = pytest.mark.usefixtures("audited")


def test_the_clip_page_tells_the_whole_story_with_its_money(browser, alice):
    order = lives.delivered(lives.ordered(alice, prompt="A paper boat [Push in]"))
    page = browser.get(f"/clips/{order.public_id}").content.decode()
    story = [
        "Order taken.",
        "$0.28</b> set aside for this clip",
        "Sending it to runware.",
        "runware took the order.",
        "runware has rendered it.",
        "The clip is here.",
        "$0.28</b> charged for the delivered clip",
    ]
    places = [page.index(line) for line in story]
    assert places == sorted(places)
    assert "A paper boat [Push in]" in page
    assert "?download=1" in page
    assert "every 2s" not in page


def test_the_clip_page_is_live_while_the_clip_is_made(browser, alice):
    order = lives.ordered(alice)
    address = f"/clips/{order.public_id}"
    page = browser.get(address).content.decode()
    seen = page.partition("/live?seen=")[2].partition('"')[0]
    assert browser.get(f"{address}/live", {"seen": seen}).status_code == 204

    lives.running(order)
    live = browser.get(f"{address}/live", {"seen": seen}).content.decode()
    assert "rendering" in live
    assert "is making it" in live
    assert "<html" not in live


def test_a_failed_clip_shows_what_the_provider_said_and_the_money_coming_back(browser, alice):
    order = lives.failed(lives.ordered(alice), said="<b>Blocked</b> by policy")
    page = browser.get(f"/clips/{order.public_id}").content.decode()
    assert "&lt;b&gt;Blocked&lt;/b&gt; by policy" in page
    assert "$0.28</b> returned to the wallet" in page


def test_a_prompt_is_text_and_never_markup(browser, alice):
    order = lives.delivered(lives.ordered(alice, prompt='"><script>alert(1)</script>'))
    for address in ("/studio", "/library", f"/clips/{order.public_id}"):
        assert "<script>alert" not in browser.get(address).content.decode()


def test_deleting_removes_the_clip_from_sight_and_keeps_the_money_rows(browser, alice):
    order = lives.delivered(lives.ordered(alice, prompt="Gone soon"))
    name = Clip.objects.get().name
    page = browser.post(f"/generations/{order.public_id}/delete", follow=True)
    assert "Gone soon" not in page.content.decode()
    assert browser.get(f"/clips/{order.public_id}").status_code == 404
    assert not default_storage.exists(name)
    assert "Charged" in browser.get("/wallet").content.decode()


def test_what_is_under_way_cannot_be_deleted(browser, alice):
    order = lives.ordered(alice)
    page = browser.post(f"/generations/{order.public_id}/delete", follow=True)
    assert "It is not finished yet." in page.content.decode()
    assert Generation.objects.get().deleted_at is None


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/clips/{}"),
        ("get", "/clips/{}/live"),
        ("get", "/generations/{}/card"),
        ("post", "/generations/{}/cancel"),
        ("post", "/generations/{}/delete"),
    ],
)
def test_what_belongs_to_others_does_not_exist(strangers_browser, alice, method, address):
    order = lives.ordered(alice)
    events = Event.objects.count()
    answer = getattr(strangers_browser, method)(address.format(order.public_id))
    assert answer.status_code == 404
    order.refresh_from_db()
    assert (order.state, Event.objects.count()) == ("queued", events)


@pytest.mark.parametrize("id", ["gen_", "gen_1", "nonsense", "gen_" + "g" * 32, "upl_" + "0" * 32])
def test_an_id_that_is_none_is_not_found(browser, id):
    assert browser.get(f"/clips/{id}").status_code == 404


def test_the_billing_role_looks_but_does_not_touch(clerks_browser, alice):
    order = lives.ordered(alice)
    page = clerks_browser.get(f"/clips/{order.public_id}").content.decode()
    assert "Cancel" not in page
    assert clerks_browser.post(f"/generations/{order.public_id}/cancel").status_code == 403


def test_the_library_shows_the_newest_first_and_pages_on(browser, alice):
    made = [lives.delivered(lives.ordered(alice, prompt=f"Take {n}")) for n in range(26)]
    page = browser.get("/library").content.decode()
    assert page.count("contact__frame") == 24
    shown = [int(n) for n in re.findall(r"__prompt\">Take (\d+)", page)]
    assert shown == list(range(25, 1, -1))

    rest = browser.get("/library", {"before": made[2].public_id}, **HTMX).content.decode()
    assert rest.count("contact__frame") == 2
    assert "<html" not in rest
    assert "Show older clips" not in rest


def test_the_library_asks_the_database_as_often_for_many_clips_as_for_one(
    browser, alice, django_assert_num_queries
):
    lives.delivered(lives.ordered(alice))
    lives.ordered(alice)
    browser.get("/library")
    count = _queries(browser)
    for _ in range(5):
        lives.delivered(lives.ordered(alice))
        lives.ordered(alice)
    with django_assert_num_queries(count):
        browser.get("/library")


def _queries(browser) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.get("/library")
    return len(captured)


def test_an_empty_library_invites(browser):
    assert "Nothing here yet" in browser.get("/library").content.decode()
