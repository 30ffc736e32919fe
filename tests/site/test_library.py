"""The Library: what it finds, what is done to many clips at once, and that it stays quick."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import ids
from generations.models import Generation
from tests.site import lives
from tests.site.forms import HTMX

SHEET = HTMX | {"HTTP_HX_TARGET": "sheet"}
MANY = 1000


def found(browser, **asked) -> set[str]:
    page = browser.get("/library", asked)
    assert page.status_code == 200
    return {card.generation.prompt for card in page.context["cards"]}


def marked(browser, act: str, *clips: Generation, **more):
    named = [clip.public_id for clip in clips]
    return browser.post("/library/marked", {"act": act, "clip": named, **more}, follow=True)


@pytest.fixture
def clips(alice) -> dict[str, Generation]:
    return {
        "boat": lives.delivered(lives.ordered(alice, prompt="A paper boat, drifting")),
        "fox": lives.failed(lives.ordered(alice, prompt="Ein Fuchs im Schnee")),
        "kite": lives.ordered(alice, prompt="A red kite over the harbour", duration=10),
    }


@pytest.mark.parametrize(
    ("words", "prompts"),
    [
        ("boat", {"A paper boat, drifting"}),
        ("BOAT paper", {"A paper boat, drifting"}),
        ("driftin", {"A paper boat, drifting"}),
        ("schnee", {"Ein Fuchs im Schnee"}),
        ("kite", {"A red kite over the harbour"}),
        ("boat kite", set()),
        ("'; DROP TABLE & | ! :* (", set()),
        ("&|!", set()),
    ],
)
def test_the_search_finds_words_as_far_as_they_are_typed(browser, clips, words, prompts):
    assert found(browser, q=words) == prompts


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"status": "succeeded"}, {"boat"}),
        ({"status": "queued"}, {"kite"}),
        ({"model": "hailuo-2.3-fast"}, set()),
        ({"mode": "text-to-video"}, {"boat", "fox", "kite"}),
        ({"favourite": "on"}, {"fox"}),
        ({"tag": "winter"}, {"fox"}),
        ({"status": "failed", "q": "fuchs", "tag": "winter"}, {"fox"}),
    ],
)
def test_filters_narrow_what_is_shown(browser, clips, asked, names):
    clips["fox"].tags, clips["fox"].favourite = ["winter"], True
    clips["fox"].save(update_fields=["tags", "favourite"])
    assert found(browser, **asked) == {clips[name].prompt for name in names}


def test_days_are_whole_days(browser, clips):
    today, tomorrow = timezone.now().date(), timezone.now().date() + timedelta(days=1)
    assert len(found(browser, since=today, until=today)) == 3
    assert found(browser, since=tomorrow) == set()
    assert found(browser, until=today - timedelta(days=1)) == set()


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"status": "gone"}, {"tag": "x" * 51}, {"q": "a\x00b"}]
)
def test_a_filter_that_makes_no_sense_is_named_and_asks_nothing(browser, clips, asked):
    page = browser.get("/library", asked)
    assert len(page.context["cards"]) == 3
    assert page.context["form"].errors


def test_what_nothing_matches_says_so_and_leads_back(browser, clips):
    page = browser.get("/library", {"q": "submarine"}).content.decode()
    assert "No clip matches that." in page
    assert "Show all clips" in page


def test_the_next_page_is_narrowed_like_the_first(browser, alice):
    for number in range(26):
        lives.delivered(lives.ordered(alice, prompt=f"Boat {number}"))
    lives.ordered(alice, prompt="A fox")
    page = browser.get("/library", {"q": "boat"})
    address = page.content.decode().partition('hx-get="/library?q=boat&amp;before=')[2]
    rest = browser.get("/library", {"q": "boat", "before": address.partition('"')[0]}, **HTMX)
    assert [card.generation.prompt for card in rest.context["cards"]] == ["Boat 1", "Boat 0"]


def test_typing_gets_the_sheet_and_going_back_the_whole_page(browser, clips):
    sheet = browser.get("/library", {"q": "boat"}, **SHEET).content.decode()
    assert 'id="marked"' in sheet
    assert "<html" not in sheet
    back = browser.get("/library", **SHEET, HTTP_HX_HISTORY_RESTORE_REQUEST="true")
    assert "<html" in back.content.decode()


def test_marked_clips_become_favourites_and_stop_being_some(browser, clips):
    marked(browser, "favour", clips["boat"], clips["kite"])
    assert set(Generation.objects.filter(favourite=True)) == {clips["boat"], clips["kite"]}
    marked(browser, "unfavour", clips["kite"])
    assert Generation.objects.get(favourite=True) == clips["boat"]


def test_a_star_is_set_and_taken_off(browser, clips):
    address = f"/generations/{clips['boat'].public_id}/favourite"
    assert 'aria-pressed="true"' in browser.post(address, **HTMX).content.decode()
    assert 'aria-pressed="false"' in browser.post(address, **HTMX).content.decode()


def test_tags_are_added_to_what_is_there(browser, clips):
    marked(browser, "tag", clips["boat"], clips["fox"], tags="sea, paper ,sea")
    marked(browser, "tag", clips["boat"], tags="calm")
    clips["boat"].refresh_from_db()
    assert clips["boat"].tags == ["sea", "paper", "calm"]


@pytest.mark.parametrize("tags", ["", " , ", "x" * 51, ",".join(map(str, range(21))), "a\x00"])
def test_tags_that_break_a_rule_change_nothing(browser, clips, tags):
    page = marked(browser, "tag", clips["boat"], tags=tags).content.decode()
    assert "notice--bad" in page
    clips["boat"].refresh_from_db()
    assert clips["boat"].tags == []


def test_the_tags_of_one_clip_are_edited_on_its_page(browser, clips):
    address = f"/generations/{clips['boat'].public_id}/tags"
    page = browser.post(address, {"tags": "calm, sea"}, follow=True).content.decode()
    assert 'value="calm, sea"' in page
    browser.post(address, {"tags": ""})
    clips["boat"].refresh_from_db()
    assert clips["boat"].tags == []


def test_what_is_being_made_is_not_deleted_with_the_rest(browser, clips, audited):
    page = marked(browser, "delete", *clips.values()).content.decode()
    assert "Deleted 2 clips." in page
    assert "1 not: what is being made cannot be deleted yet." in page
    assert found(browser) == {clips["kite"].prompt}


def test_the_list_of_links_opens_each_file_without_a_login(browser, client, clips):
    answer = marked(browser, "list", clips["boat"], clips["fox"])
    assert answer["Content-Disposition"] == 'attachment; filename="reelay-clips.txt"'
    (link,) = answer.content.decode().split()
    path = "/files/" + link.partition("/files/")[2]
    assert b"".join(client.get(path)) == b"not looked at here"


@pytest.mark.parametrize("act", ["favour", "unfavour", "tag", "delete", "list"])
def test_the_clips_of_others_are_not_touched(strangers_browser, clips, act):
    page = marked(strangers_browser, act, *clips.values(), tags="mine now")
    assert "Mark at least one clip" in page.content.decode()
    assert not Generation.objects.exclude(tags=[], favourite=False, deleted_at=None).exists()


@pytest.mark.parametrize("act", ["", "explode"])
def test_no_act_and_no_marks_is_said(browser, clips, act):
    assert "Mark at least one" in marked(browser, act, clips["boat"]).content.decode()
    assert "Mark at least one" in marked(browser, "favour").content.decode()


def test_the_billing_role_marks_nothing(clerks_browser, clips):
    assert 'name="clip"' not in clerks_browser.get("/library").content.decode()
    assert marked(clerks_browser, "favour", clips["boat"]).status_code == 403


@pytest.fixture
def many(alice) -> None:
    """A thousand finished clips more, as rows."""
    like = lives.failed(lives.ordered(alice, prompt="Kept"))
    fields = {
        field.attname: getattr(like, field.attname)
        for field in Generation._meta.concrete_fields
        if not field.primary_key
    }
    rows = [
        Generation(id=ids.uuid7(), **fields | {"prompt": f"Scene {n} of the boat film", "tags": []})
        for n in range(MANY)
    ]
    Generation.objects.bulk_create(rows)
    Generation.objects.filter(pk=rows[17].pk).update(prompt="A submarine", tags=["deep"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE generations_generation")


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked", [{}, {"q": "boat"}, {"q": "submarine"}, {"status": "failed"}, {"tag": "deep"}]
)
def test_a_thousand_clips_take_as_many_queries_as_one(browser, alice, many, asked):
    browser.get("/library")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/library", asked)
    assert len(queries) <= 11, [query["sql"][:90] for query in queries]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"q": "submarine"}, "generation_by_words"),
        ({"status": "succeeded"}, "generation_by_state"),
        ({"model": "hailuo-2.3-fast"}, "generation_by_model"),
        ({"mode": "image-to-video"}, "generation_by_mode"),
        ({"favourite": "on"}, "generation_favourites"),
    ],
)
def test_each_way_to_look_has_an_index(browser, alice, many, asked, index):
    with CaptureQueriesContext(connection) as queries:
        browser.get("/library", asked)
    asked = [q["sql"] for q in queries if 'FROM "generations_generation"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert index in "".join(plan_of(cursor, sql) for sql in asked)


def plan_of(cursor, sql: str) -> str:
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
    return json.dumps(cursor.fetchone()[0])
