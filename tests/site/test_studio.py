"""The order form: what it costs, what it orders, and that nothing typed is ever lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import Workspace
from billing import ledger, rates
from generations.models import Generation, ProviderStatus, Upload
from generations.site import ordering
from tests.factories import a_workspace
from tests.site import lives
from tests.site.conftest import browser_of
from tests.site.forms import HTMX, a_picture, order_form, typed

pytestmark = pytest.mark.usefixtures("audited")


def balance(workspace: Workspace) -> tuple[int, int]:
    now = ledger.balance(workspace.wallet)
    return now.available, now.held


def test_an_order_holds_the_price_and_leads_to_the_clip(browser, alice):
    answer = browser.post("/studio", order_form(browser, prompt="A paper boat [Push in]"))
    order = Generation.objects.get()
    assert answer["Location"] == f"/clips/{order.public_id}"
    assert (order.prompt, order.orderer) == ("A paper boat [Push in]", alice.user)
    assert balance(alice.workspace) == (9_720_000, 280_000)


def test_the_same_form_orders_once_however_often_it_is_sent(browser, alice):
    form = order_form(browser)
    first, second = browser.post("/studio", form), browser.post("/studio", form)
    assert Generation.objects.count() == 1
    assert second["Location"] == first["Location"]
    assert balance(alice.workspace) == (9_720_000, 280_000)


def test_the_same_form_with_htmx_leads_the_second_time_to_what_was_ordered(browser):
    form = order_form(browser)
    browser.post("/studio", form, **HTMX)
    again = browser.post("/studio", form, **HTMX)
    assert again.status_code == 204
    assert again["HX-Redirect"] == f"/clips/{Generation.objects.get().public_id}"


def test_a_form_that_was_changed_after_going_back_is_another_order(browser):
    form = order_form(browser)
    browser.post("/studio", form)
    browser.post("/studio", form | {"prompt": "A paper crane"})
    assert Generation.objects.count() == 2


def test_several_takes_are_ordered_together_and_once(browser, alice):
    form = order_form(browser, count="3")
    browser.post("/studio", form)
    answer = browser.post("/studio", form)
    assert Generation.objects.count() == 3
    assert answer["Location"] == "/studio"
    assert balance(alice.workspace) == (9_160_000, 840_000)


def test_with_htmx_the_form_stays_filled_in_with_a_new_key_and_the_card_appears(browser):
    form = order_form(browser, duration="10", agreed="560000")
    answer = browser.post("/studio", form, **HTMX)
    page, again = answer.content.decode(), typed(answer)
    order = Generation.objects.get()
    assert again["prompt"] == "A paper boat"
    assert again["duration"] == "10"
    assert again["order_key"] != form["order_key"]
    assert f'id="card-{order.public_id}"' in page
    assert "$9.44" in page


def test_too_little_money_is_said_with_both_sums_and_nothing_is_lost(db):
    poor = a_workspace(deposit="0.10").memberships.get()
    browser = browser_of(poor)
    form = order_form(browser, prompt="Dunes, wind", count="2", policy="fastest")
    answer = browser.post("/studio", form)
    page, again = answer.content.decode(), typed(answer)
    assert answer.status_code == 422
    assert "This takes $0.56 and your wallet has $0.10." in page
    assert (again["prompt"], again["count"], again["policy"]) == ("Dunes, wind", "2", "fastest")
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": " "}, "id_prompt_error"),
        ({"prompt": "x" * 2001}, "id_prompt_error"),
        ({"prompt": "a\x00b"}, "id_prompt_error"),
        ({"resolution": "1080P", "duration": "10"}, "id_duration_error"),
        ({"resolution": "4K"}, "id_resolution_error"),
        ({"model": "hailuo-2.3-fast"}, "id_first_frame_error"),
        ({"model": "sora"}, "id_model_error"),
        ({"count": "5"}, "id_count_error"),
        ({"provider": "nobody"}, "id_provider_error"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_the_rest_stays(browser, changes, field):
    form = order_form(browser, prompt="Kept words") | changes
    answer = browser.post("/studio", form)
    assert answer.status_code == 422
    assert f'id="{field}"' in answer.content.decode()
    if "prompt" not in changes:
        assert typed(answer)["prompt"] == "Kept words"
    assert not Generation.objects.exists()


def test_two_thousand_characters_over_several_lines_are_not_too_many(browser):
    """A browser sends each line break as two characters."""
    browser.post("/studio", order_form(browser, prompt="a" * 999 + "\r\n" + "b" * 1000))
    assert Generation.objects.get().prompt.count("\n") == 1


def test_a_picture_makes_it_the_first_frame(browser, alice):
    form = order_form(browser, model="hailuo-2.3-fast", agreed="190000", first_frame=a_picture())
    browser.post("/studio", form)
    order = Generation.objects.get()
    assert order.mode == "image-to-video"
    assert (order.first_frame.width, order.first_frame.workspace) == (640, alice.workspace)
    assert browser.get(f"/frames/{order.first_frame.public_id}").status_code == 200


def test_a_bad_picture_is_refused_in_words_at_its_field(browser):
    answer = browser.post("/studio", order_form(browser, first_frame=a_picture(200, 200)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "300" in page.partition('id="id_first_frame_error"')[2][:200]
    assert typed(answer)["prompt"] == "A paper boat"


def test_an_accepted_picture_survives_a_mistake_elsewhere(browser):
    answer = browser.post("/studio", order_form(browser, prompt="", first_frame=a_picture()))
    again = typed(answer)
    upload = Upload.objects.get()
    assert again["upload"] == upload.public_id

    browser.post("/studio", again | {"prompt": "Now with words"})
    assert Generation.objects.get().first_frame == upload


def test_an_accepted_picture_can_be_left_out_again(browser):
    again = typed(browser.post("/studio", order_form(browser, prompt="", first_frame=a_picture())))
    browser.post("/studio", again | {"prompt": "Only words", "without_frame": "on"})
    assert Generation.objects.get().first_frame is None


def test_a_strangers_picture_is_as_good_as_none(browser, strangers_browser):
    strangers_browser.post(
        "/studio", order_form(strangers_browser, prompt="", first_frame=a_picture())
    )
    theirs = Upload.objects.get()
    assert browser.get(f"/frames/{theirs.public_id}").status_code == 404
    answer = browser.post("/studio", order_form(browser, upload=theirs.public_id))
    assert "not here any more" in answer.content.decode()
    assert not Generation.objects.exists()


def test_a_picture_whose_file_is_gone_is_not_found(browser):
    browser.post("/studio", order_form(browser, prompt="", first_frame=a_picture()))
    upload = Upload.objects.get()
    default_storage.delete(upload.name)
    assert browser.get(f"/frames/{upload.public_id}").status_code == 404


def test_the_button_says_the_price_of_what_is_chosen(browser):
    choice = {"model": "hailuo-2.3", "resolution": "768P", "duration": "10", "count": "3"}
    page = browser.get("/studio/price", choice | {"policy": "cheapest", "provider": "auto"})
    assert "Make 3 clips" in page.content.decode()
    assert "$1.68" in page.content.decode()


def test_the_button_says_why_there_is_no_price(browser):
    choice = {"model": "hailuo-2.3", "resolution": "1080P", "duration": "10", "count": "1"}
    page = browser.get("/studio/price", choice | {"policy": "cheapest", "provider": "auto"})
    assert "1080P clips of 10 s do not exist" in page.content.decode()


def test_the_button_says_what_the_wallet_lacks(db):
    browser = browser_of(a_workspace(deposit="0.10").memberships.get())
    page = browser.get("/studio").content.decode()
    assert "$0.18 too little" in page


def test_nonsense_in_the_price_question_gets_the_price_of_the_defaults(browser):
    page = browser.get("/studio/price", {"model": "\x00", "count": "-1", "duration": "x"})
    assert page.status_code == 200
    assert "$0.28" in page.content.decode()


def test_what_is_not_sold_is_said_and_not_ordered(browser):
    ProviderStatus.objects.create(name="runware", enabled=False)
    form = order_form(browser, agreed="280000")
    answer = browser.post("/studio", form)
    assert "Nobody sells" in answer.content.decode()
    assert not Generation.objects.exists()


def test_nobody_pays_more_than_the_button_said(browser, alice):
    form = order_form(browser)
    rates.enter(
        [("runware", "hailuo-2.3/text-to-video/768P/6", 300_000)], at=timezone.now(), note="dearer"
    )
    answer = browser.post("/studio", form)
    assert "costs $0.30, more than the button said" in answer.content.decode()
    assert balance(alice.workspace) == (10_000_000, 0)

    browser.post("/studio", typed(answer))
    assert balance(alice.workspace) == (9_700_000, 300_000)


def test_the_order_key_of_one_workspace_means_nothing_in_another(browser, strangers_browser):
    form = order_form(browser)
    theirs = order_form(strangers_browser, order_key=form["order_key"])
    browser.post("/studio", form)
    strangers_browser.post("/studio", theirs)
    assert Generation.objects.count() == 2


def test_the_key_of_an_order_is_kept_with_it(browser):
    browser.post("/studio", order_form(browser))
    record = ordering.IdempotencyRecord.objects.get(scope=ordering.SCOPE)
    assert record.reference == Generation.objects.get().public_id


def test_the_billing_role_sees_the_studio_but_cannot_order(clerks_browser):
    page = clerks_browser.get("/studio")
    assert 'id="order"' not in page.content.decode()
    answer = clerks_browser.post("/studio", {"prompt": "A paper boat"})
    assert answer.status_code == 403
    assert "does not include this" in answer.content.decode()
    assert not Generation.objects.exists()


def test_a_suspended_workspace_orders_nothing(browser, alice):
    form = order_form(browser)
    Workspace.objects.filter(pk=alice.workspace.pk).update(suspended_at=timezone.now())
    assert browser.post("/studio", form).status_code == 403
    assert not Generation.objects.exists()


def test_a_body_too_large_is_refused_before_it_is_read(browser):
    answer = browser.post("/studio", {}, headers={"Content-Length": str(29 << 20)})
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


def test_ordering_needs_the_forms_own_token(alice):
    browser = browser_of(alice)
    browser.handler.enforce_csrf_checks = True
    assert browser.post("/studio", {"prompt": "A paper boat"}).status_code == 403


def test_each_policy_and_provider_says_what_it_would_come_to(browser):
    choice = {"model": "hailuo-2.3", "resolution": "768P", "duration": "10", "count": "1"}
    page = browser.get("/studio/price", choice | {"policy": "cheapest", "provider": "auto"})
    rates = page.content.decode().partition('id="rate-provider-runware"')[2]
    assert "<b>$0.56</b> · 1:35" in rates
    assert page.content.decode().count('hx-swap-oob="true"') == 4


def test_a_provider_that_takes_nothing_now_says_so(browser):
    later = timezone.now() + timedelta(hours=1)
    ProviderStatus.objects.create(name="runware", paused_until=later)
    assert "takes no orders right now" in browser.get("/studio").content.decode()


def test_a_first_frame_may_be_an_address(browser, alice):
    address = "https://pictures.example.com/boat.png"
    browser.post("/studio", order_form(browser, image_url=address, model="hailuo-2.3-fast"))
    order = Generation.objects.get()
    assert (order.image_url, order.mode) == (address, "image-to-video")


@pytest.mark.parametrize(
    "address", ["http://pictures.example.com/a.png", "https://127.0.0.1/a.png", "boat.png", "\x00"]
)
def test_an_address_that_cannot_be_fetched_is_refused_at_its_field(browser, address):
    answer = browser.post("/studio", order_form(browser, image_url=address))
    assert answer.status_code == 422
    assert 'id="id_image_url_error"' in answer.content.decode()
    assert typed(answer)["prompt"] == "A paper boat"
    assert not Generation.objects.exists()


@pytest.mark.parametrize(("word", "end"), [("remix", lives.delivered), ("retry", lives.failed)])
def test_a_clip_leads_to_a_form_filled_in_from_it(browser, alice, word, end):
    before = end(lives.ordered(alice, prompt="Dunes [Tilt up]", duration=10))
    assert (
        f"/studio?{word}={before.public_id}"
        in browser.get(f"/clips/{before.public_id}").content.decode()
    )
    form = typed(browser.get("/studio", {word: before.public_id}))
    assert (form["prompt"], form["duration"]) == ("Dunes [Tilt up]", "10")

    browser.post("/studio", form)
    after = Generation.objects.latest("id")
    assert getattr(after, f"{word}_of") == before
    assert before.public_id in browser.get(f"/clips/{after.public_id}").content.decode()


def test_a_remix_takes_the_first_frame_with_it(browser, alice):
    browser.post("/studio", order_form(browser, first_frame=a_picture()))
    before = Generation.objects.get()
    lives.failed(before)
    browser.post("/studio", typed(browser.get("/studio", {"remix": before.public_id})))
    assert Generation.objects.latest("id").first_frame == before.first_frame


def test_nobody_remixes_the_clips_of_others(strangers_browser, alice):
    before = lives.delivered(lives.ordered(alice, prompt="Secret dunes"))
    page = strangers_browser.get("/studio", {"remix": before.public_id})
    assert "Secret dunes" not in page.content.decode()
    form = order_form(strangers_browser, remix=before.public_id)
    strangers_browser.post("/studio", form)
    assert Generation.objects.latest("id").remix_of is None


def test_a_new_workspace_is_offered_prompts_and_one_with_clips_is_not(browser, alice):
    page = browser.get("/studio").content.decode()
    offered = re.findall(r'class="tries__one" href="(/studio\?prompt=[^"]+)"', page)
    assert len(offered) == 3
    assert "Hot-air balloons over a misty valley at dawn [Pedestal up]</textarea>" in (
        browser.get(offered[0]).content.decode()
    )
    lives.ordered(alice)
    assert "tries__one" not in browser.get("/studio").content.decode()


def test_whoever_does_not_order_is_offered_no_prompt(clerks_browser):
    assert "tries__one" not in clerks_browser.get("/studio").content.decode()


def test_a_prompt_in_the_address_is_filled_in_as_text(browser):
    page = browser.get("/studio", {"prompt": "</textarea><script>x"})
    assert "<script>x" not in page.content.decode()
    assert typed(page)["prompt"] == "</textarea><script>x"


def test_another_tab_asks_for_what_is_newer_than_its_newest(browser, alice):
    first = lives.ordered(alice, prompt="First")
    second = lives.ordered(alice, prompt="Second")
    page = browser.get("/studio/reel", {"after": first.public_id}).content.decode()
    assert f'id="card-{second.public_id}"' in page
    assert f'id="card-{first.public_id}"' not in page
