"""What may not be ordered, and what becomes of a shared clip that somebody reports."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.proposals import NotPossible
from billing import ledger
from generations import blocking
from generations.models import BlockedWord, Generation, Share, ShareReport
from generations.staff import reports
from tests.api.tools import API, WORDS, faults, problem
from tests.openai.tools import OpenAI, refused
from tests.operations.conftest import browser_of, in_role
from tests.site import lives
from tests.site.forms import HTMX, order_form

pytestmark = pytest.mark.usefixtures("audited")


@pytest.fixture
def support(db):
    return browser_of(in_role("support"))


@pytest.fixture
def blocked(support):
    """The list as support made it."""
    for word in ("gore", "Napoleon*", "red square"):
        answer = support.post("/admin/generations/blockedword/add/", {"word": word, "note": "x"})
        assert answer.status_code == 302, answer.content.decode()
    return support


def said(answer) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


BAD = "A lot of GORE in the rain"


def test_a_word_that_is_blocked_already_is_refused_in_words(blocked):
    answer = blocked.post("/admin/generations/blockedword/add/", {"word": "GORE", "note": ""})

    assert "This word is blocked already" in answer.content.decode()
    assert "blocked_word_once" not in answer.content.decode()
    assert BlockedWord.objects.count() == 3


def test_the_api_refuses_a_blocked_prompt_and_names_no_word(blocked, alice):
    api = API(alice)

    for path, body in [("/generations", {}), ("/generations", {"dry_run": True})]:
        answer = problem(api.post(path, WORDS | {"prompt": BAD} | body), 422, "prompt_not_allowed")
        assert faults(answer) == [("prompt", "prompt_not_allowed")]
        assert "gore" not in str(answer).lower()
        assert "list" not in answer["detail"]

    assert not Generation.objects.exists()
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_openais_clients_are_refused_too(blocked, alice):
    client = OpenAI(alice)

    error = refused(
        client.create({"model": "hailuo-2.3", "prompt": BAD}), 400, "prompt_not_allowed", "prompt"
    )

    assert "gore" not in error["message"].lower()
    assert not Generation.objects.exists()


def test_a_remix_is_refused_too(blocked, alice):
    before = lives.delivered(lives.ordered(alice))

    refused(OpenAI(alice).remix(before.public_id, BAD), 400, "prompt_not_allowed", "prompt")


def test_the_studio_says_it_kindly_and_keeps_what_was_typed(blocked, alice):
    browser = browser_of(alice.user)

    answer = browser.post("/studio", order_form(browser, prompt=BAD), **HTMX)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "against the rules of this site" in page
    assert BAD in page
    assert not Generation.objects.exists()


def test_the_error_has_a_page(client, db):
    assert client.get("/docs/errors/prompt_not_allowed").status_code == 200


@pytest.mark.parametrize(
    "prompt",
    [
        "gore",
        "Gore!",
        "some ＧＯＲＥ",
        "go\u200bre",
        "a napoleonic war",
        "Napoleon",
        "the Red  Square",
        "red-square",
        "[Push in] gore, slowly",
    ],
)
def test_a_word_is_found_however_it_is_written(prompt):
    assert blocking.compiled(["gore", "Napoleon*", "red square"]).search(blocking.plain(prompt))


@pytest.mark.parametrize("prompt", ["a gorge", "Gorey", "the rednapoleon", "red squares", "red"])
def test_other_words_that_look_alike_pass(prompt):
    pattern = blocking.compiled(["gore", "Napoleon*", "red square"])

    assert not pattern.search(blocking.plain(prompt))


def test_an_empty_list_blocks_nothing():
    assert blocking.compiled([]) is None
    assert blocking.compiled(["\u200b*"]) is None


def test_a_word_that_is_taken_away_may_be_ordered_again(blocked, alice):
    word = BlockedWord.objects.get(word="gore")

    blocked.post(f"/admin/generations/blockedword/{word.pk}/delete/", {"post": "yes"})

    assert API(alice).post("/generations", WORDS | {"prompt": BAD}).status_code == 202
    actions = AuditEntry.objects.filter(subject="gore").order_by("id")
    assert [one.action for one in actions] == ["blocked_word.added", "blocked_word.removed"]


@pytest.mark.parametrize("word", ["", " ", "*", "...", "x" * 101, "GORE"])
def test_what_is_no_word_or_there_already_is_not_added(blocked, word):
    answer = blocked.post("/admin/generations/blockedword/add/", {"word": word, "note": ""})

    assert answer.status_code == 200
    assert BlockedWord.objects.count() == 3


@pytest.fixture
def share(alice) -> Share:
    clip = lives.delivered(lives.ordered(alice, prompt="A paper boat"))
    week = timezone.now() + timedelta(days=7)
    return Share.objects.create(generation=clip, expires_at=week)


def report(share: Share, *, browser=None, **changes):
    form = {"reason": "violence", "words": "It <b>hurts</b>"} | changes
    return (browser or Client()).post(f"/s/{share.token}/report", form)


def press(browser, one: ShareReport, what: str, reason="Looked at it") -> str:
    address = f"/admin/generations/sharereport/{one.pk}/{what}/"
    return said(browser.post(address, {"reason": reason}))


def test_anybody_reports_a_shared_clip(client, share):
    page = client.get(f"/s/{share.token}").content.decode()
    assert f"/s/{share.token}/report" in page
    assert client.get(f"/s/{share.token}/report").status_code == 200

    answer = report(share, browser=client)

    assert answer.status_code == 302
    assert "Thank you" in client.get(answer["Location"]).content.decode()
    one = ShareReport.objects.get()
    assert (one.share, one.reason, one.words, one.state) == (
        share, "violence", "It <b>hurts</b>", "open",
    )  # fmt: skip


@pytest.mark.parametrize("reason", ["", "boring"])
def test_a_report_without_a_reason_is_asked_again(share, reason):
    assert report(share, reason=reason).status_code == 422
    assert not ShareReport.objects.exists()


def test_reports_need_the_forms_own_token(share):
    strict = Client(enforce_csrf_checks=True)

    assert report(share, browser=strict).status_code == 403


def test_one_address_reports_a_few_times_a_minute(share):
    statuses = [report(share).status_code for _ in range(7)]

    assert statuses == [302] * 5 + [429] * 2
    assert ShareReport.objects.count() == 5


def test_a_link_that_leads_nowhere_cannot_be_reported(share):
    Share.objects.update(revoked_at=timezone.now())

    assert report(share).status_code == 410
    assert Client().get("/s/nothing/report").status_code == 404


def test_what_waits_stands_first_and_is_escaped(support, share):
    report(share)
    report(share, words="Second")
    first, second = ShareReport.objects.order_by("id")
    press(support, second, "dismiss")
    third = ShareReport.objects.create(share=share, reason="other", words="Third")

    rows = support.get("/admin/generations/sharereport/").context["cl"].result_list
    page = support.get(f"/admin/generations/sharereport/{first.pk}/change/").content.decode()

    assert rows[0] == third
    assert "<b>hurts" not in page
    assert share.generation.public_id in page


def test_who_is_about_to_hide_is_told_what_becomes_of_it_and_how_to_undo_it(support, share):
    report(share)
    one = ShareReport.objects.get()
    page = support.get(f"/admin/generations/sharereport/{one.pk}/hide/").content.decode()
    assert "stay with us for as long as the workspace keeps clips" in page
    assert "undoes it" in page


def test_hiding_takes_the_clip_from_everybody_and_settles_all_its_reports(support, share, alice):
    report(share)
    report(share, reason="sexual")
    one = ShareReport.objects.first()

    assert "2 reports are settled" in press(support, one, "hide", "Cruel")

    assert Client().get(f"/s/{share.token}").status_code == 404
    assert not Generation.objects.for_workspace(alice.workspace).exists()
    assert set(ShareReport.objects.values_list("state", flat=True)) == {"hidden"}
    actions = set(AuditEntry.objects.values_list("action", "actor", "data__reason"))
    assert ("share_report.hidden", "support@staff.example", "Cruel") in actions
    assert ("generation.hide", "support@staff.example", "Cruel") in actions


def test_dismissing_lets_the_clip_stay(support, share):
    report(share)

    assert "The clip stays" in press(support, ShareReport.objects.get(), "dismiss")

    assert Client().get(f"/s/{share.token}").status_code == 200
    assert AuditEntry.objects.filter(action="share_report.dismissed").exists()


@pytest.mark.parametrize("what", ["hide", "dismiss"])
def test_what_is_decided_is_not_decided_again(support, share, what):
    report(share)
    one = ShareReport.objects.get()
    press(support, one, "dismiss")

    assert "decided before" in press(support, one, what)

    one.refresh_from_db()
    assert one.state == "dismissed"
    assert Client().get(f"/s/{share.token}").status_code == 200


def test_a_clip_that_is_gone_cannot_be_hidden_but_its_report_dismissed(support, share):
    report(share)
    one = ShareReport.objects.get()
    Generation.objects.update(deleted_at=timezone.now())

    assert "deleted or hidden already" in press(support, one, "hide")
    one.refresh_from_db()
    assert one.state == "open"
    assert "The clip stays" in press(support, one, "dismiss")


@pytest.mark.parametrize("role", ["finance", "operator"])
def test_others_decide_nothing(share, role):
    report(share)
    browser = browser_of(in_role(role))

    answer = browser.post(f"/admin/generations/sharereport/{ShareReport.objects.get().pk}/hide/")

    assert answer.status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_members_of_staff_one_wins_and_the_other_is_told(alice, share, stella):
    one = ShareReport.objects.create(share=share, reason="other")
    acts = [reports.hide, reports.dismiss, reports.hide, reports.dismiss]

    def at_once(act):
        try:
            rows = ShareReport.objects.select_related("share__generation__workspace")
            return act(report=rows.get(pk=one.pk), by=stella, reason="x")
        except NotPossible:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(at_once, acts))

    assert sum(outcome is not None for outcome in outcomes) == 1
    assert AuditEntry.objects.filter(action__startswith="share_report.").count() == 1
