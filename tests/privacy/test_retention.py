"""How long a workspace keeps its clips, first frames and logs."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import keys, tasks, upkeep
from accounts.models import (
    AuditEntry,
    CustomerEvent,
    IdempotencyRecord,
    KeyUse,
    Role,
    Workspace,
)
from generations import frames
from generations import tasks as generation_tasks
from generations.models import Generation, Upload
from tests.api.tools import a_picture
from tests.factories import a_member, a_user
from tests.operations.conftest import browser_of as staffs_browser
from tests.operations.test_acts import press
from tests.site import lives
from tests.site.conftest import browser_of

CHOICE = {"clips": "", "uploads": "", "logs": ""}


def test_clips_go_when_their_workspace_wants_it_and_money_rows_stay(browser, alice, charlie):
    mine, others = (lives.delivered(lives.ordered(one, prompt="Boat")) for one in (alice, charlie))
    young = lives.delivered(lives.ordered(alice, prompt="Young"))
    under_way = lives.ordered(alice, prompt="Under way")
    month_ago = timezone.now() - timedelta(days=31)
    Generation.objects.filter(pk__in=[mine.pk, others.pk]).update(finished_at=month_ago)
    browser.post("/workspace/retention", CHOICE | {"clips": "30"})

    generation_tasks.retain()

    mine.refresh_from_db()
    assert (mine.prompt, mine.charged) == ("", 280_000)
    assert not default_storage.exists(mine.clip.name)
    for kept in (others, young, under_way):
        kept.refresh_from_db()
        assert kept.deleted_at is None
    assert default_storage.exists(others.clip.name)


def test_what_came_home_for_what_had_failed_is_not_kept(alice):
    lost, kept = lives.ordered(alice), lives.delivered(lives.ordered(alice))
    lives.storing(lost)
    name = default_storage.save(f"clips/{lost.id.hex}/0123456789abcdef.mp4", ContentFile(b"clip"))
    stella = a_user("stella@staff.example", is_staff=True, is_superuser=True)
    press(staffs_browser(stella), lost, "refund")

    generation_tasks.retain()
    assert default_storage.exists(name), "a worker may have it in hand"

    Generation.objects.update(finished_at=timezone.now() - timedelta(days=2))
    generation_tasks.retain()
    assert not default_storage.exists(name)
    assert default_storage.exists(kept.clip.name)


def test_what_staff_have_hidden_is_kept_no_longer_than_the_rest(browser, alice):
    one = lives.delivered(lives.ordered(alice, prompt="Boat"))
    month_ago = timezone.now() - timedelta(days=31)
    Generation.objects.update(finished_at=month_ago, deleted_at=month_ago)
    browser.post("/workspace/retention", CHOICE | {"clips": "30"})

    generation_tasks.retain()

    one.refresh_from_db()
    assert one.prompt == ""
    assert not default_storage.exists(one.clip.name)


def test_without_a_choice_the_settings_hold(alice, settings):
    clip = lives.delivered(lives.ordered(alice))
    Generation.objects.update(finished_at=timezone.now() - timedelta(days=31))
    generation_tasks.retain()
    clip.refresh_from_db()
    assert clip.deleted_at is None

    settings.CLIPS_KEPT_DAYS = 30
    generation_tasks.retain()
    clip.refresh_from_db()
    assert clip.deleted_at


def test_a_first_frame_that_no_row_names_is_not_kept(alice):
    named = frames.accept(workspace=alice.workspace, content=a_picture())
    old, young = (default_storage.save(f"uploads/{n}.png", ContentFile(b"stray")) for n in "ab")
    two_days_ago = time.time() - 2 * 24 * 3600
    for name in (named.name, old):
        os.utime(default_storage.path(name), (two_days_ago, two_days_ago))

    generation_tasks.retain()

    assert not default_storage.exists(old)
    assert default_storage.exists(young), "its request may be about to write it down"
    assert default_storage.exists(named.name)


def test_first_frames_go_unless_an_order_under_way_needs_them(alice):
    lonely, needed, used = (
        frames.accept(workspace=alice.workspace, content=a_picture()) for _ in range(3)
    )
    waiting = lives.ordered(alice)
    done = lives.delivered(lives.ordered(alice))
    Generation.objects.filter(pk=waiting.pk).update(first_frame=needed)
    Generation.objects.filter(pk=done.pk).update(first_frame=used)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=8))
    Workspace.objects.update(uploads_kept_days=7)

    generation_tasks.retain()

    assert [one.pk for one in Upload.objects.all()] == [needed.pk]
    assert not default_storage.exists(lonely.name)
    done.refresh_from_db()
    assert done.first_frame is None


def test_sessions_that_are_over_go_with_where_they_were_from(alice, charlie):
    over, open_ = browser_of(alice), browser_of(charlie)
    for browser in (over, open_):
        browser.get("/studio")
    week_ago, now = timezone.now() - timedelta(days=8), timezone.now()
    assert UserSession.objects.update(created_at=week_ago) == 2
    ended = Session.objects.filter(pk=over.session.session_key)
    ended.update(expire_date=now - timedelta(seconds=1))

    tasks.tidy()

    assert [one.pk for one in Session.objects.all()] == [open_.session.session_key]
    assert [one.user for one in UserSession.objects.all()] == [charlie.user]
    assert open_.get("/studio").status_code == 200


def test_many_sessions_go_in_small_bites(db):
    yesterday = timezone.now() - timedelta(days=1)
    rows = [Session(session_key=f"s{one}", expire_date=yesterday) for one in range(7)]
    Session.objects.bulk_create(rows)

    assert upkeep.forget_sessions(now=timezone.now(), at_once=3) == 7
    assert not Session.objects.exists()


def test_logs_go_when_their_workspace_wants_it(alice, charlie):
    week = timezone.now() - timedelta(days=8)
    for place in (alice, charlie):
        CustomerEvent.objects.create(workspace=place.workspace, type="ping", created_at=week)
        IdempotencyRecord.objects.create(
            workspace=place.workspace, scope="s", key="k", fingerprint="", status=201,
            answer={"prompt": "x"}, reference="gen_1", created_at=week,
        )  # fmt: skip
        key = keys.create(maker=place, name="k").key
        KeyUse.objects.create(key=key, address="203.0.113.7", last_used_at=week)
    Workspace.objects.filter(pk=alice.workspace.pk).update(logs_kept_days=7)

    tasks.tidy()
    tasks.prune()

    assert [one.workspace for one in CustomerEvent.objects.all()] == [charlie.workspace]
    answers = IdempotencyRecord.objects.exclude(answer=None)
    assert [one.workspace for one in answers] == [charlie.workspace]
    assert IdempotencyRecord.objects.filter(reference="gen_1").count() == 2
    assert [use.key.workspace for use in KeyUse.objects.all()] == [charlie.workspace]


def test_only_who_manages_a_workspace_chooses_and_it_is_written_down(browser, alice):
    member = browser_of(a_member(alice.workspace, Role.MEMBER))
    assert member.get("/workspace/retention").status_code == 200
    assert member.post("/workspace/retention", CHOICE | {"logs": "7"}).status_code == 403

    browser.post("/workspace/retention", CHOICE | {"logs": "7"})

    alice.workspace.refresh_from_db()
    assert alice.workspace.logs_kept_days == 7
    assert AuditEntry.objects.get(action="retention.changed").data["logs_kept_days"] == 7


@pytest.mark.parametrize("nonsense", ["0", "-1", "2", "x", "99999999999"])
def test_only_the_times_on_offer_can_be_chosen(browser, alice, nonsense):
    answer = browser.post("/workspace/retention", CHOICE | {"clips": nonsense})
    assert answer.status_code == 422
    alice.workspace.refresh_from_db()
    assert alice.workspace.clips_kept_days is None
