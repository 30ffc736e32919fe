"""A copy of one's data: asked for, made by a worker, for its owner alone, for a week."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import keys, letters, tasks
from accounts.models import DataExport
from accounts.privacy import exports
from tests.factories import a_member, a_workspace
from tests.site import lives
from tests.site.conftest import browser_of


def asked(browser) -> DataExport:
    browser.post("/account/data")
    tasks.export()
    return DataExport.objects.get()


def opened(browser, export: DataExport) -> zipfile.ZipFile:
    answer = browser.get(f"/account/exports/{export.public_id}")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def lines(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return [json.loads(line) for line in archive.read(name).decode().splitlines()]


def test_the_copy_has_profile_places_orders_money_and_deeds(here, dora):
    lives.delivered(lives.ordered(dora, prompt="A paper boat"))
    other = a_workspace(deposit="3.00")
    mine_there = lives.ordered(a_member(other, user=dora.user), prompt="In another’s workspace")
    theirs = lives.ordered(other.memberships.get(role="owner"), prompt="Not mine")
    made = keys.create(maker=dora, name="Render server")

    archive = opened(here, asked(here))

    assert json.loads(archive.read("profile.json"))["email"] == dora.user.email
    assert {place["role"] for place in json.loads(archive.read("memberships.json"))} == {
        "owner",
        "member",
    }
    ordered = lines(archive, "generations.jsonl")
    assert {one["prompt"] for one in ordered} == {"A paper boat", mine_there.prompt}
    assert theirs.public_id not in str(ordered)
    name = f"transfers-{dora.workspace.public_id}.csv"
    moves = list(csv.DictReader(io.StringIO(archive.read(name).decode())))
    assert [move["type"] for move in moves] == ["deposit", "hold", "capture"]
    assert f"transfers-{other.public_id}.csv" not in archive.namelist()
    deeds = {deed["action"] for deed in lines(archive, "audit.jsonl")}
    assert deeds >= {"export.asked"}
    assert made.text not in str([archive.read(one) for one in archive.namelist()])


def test_a_letter_with_a_link_tells_that_it_is_ready(here, dora):
    export = asked(here)
    letters.send_due(now=timezone.now())
    assert f"/account/exports/{export.public_id}" in mail.outbox[-1].body


def test_nobody_else_opens_it(here, charlie, client):
    export = asked(here)
    address = f"/account/exports/{export.public_id}"
    assert browser_of(charlie).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")
    assert here.get("/account/exports/nonsense").status_code == 404


def test_it_is_gone_after_a_week(here):
    export = asked(here)
    DataExport.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert here.get(f"/account/exports/{export.public_id}").status_code == 404
    tasks.tidy()
    assert not default_storage.exists(export.name)
    assert not DataExport.objects.exists()


def test_asking_again_at_once_makes_no_second_one(here):
    asked(here)
    here.post("/account/data")
    assert DataExport.objects.count() == 1


def test_a_session_alone_gets_no_copy(browser, dora):
    answer = browser_of(dora).post("/account/data")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not DataExport.objects.exists()


def test_staff_make_a_copy_into_a_file(dora, tmp_path):
    path = tmp_path / "copy.zip"
    call_command("export_person", dora.user.email, into=path)
    assert "profile.json" in zipfile.ZipFile(path).namelist()
    with pytest.raises(CommandError):
        call_command("export_person", "nobody@example.org", into=path)


def test_one_that_cannot_be_made_is_tried_again_and_holds_up_nobody(here, dora, charlie, settings):
    here.post("/account/data")
    broken = settings.SPOOL / "not-a-folder"
    broken.write_text("")
    settings.SPOOL, good = broken, settings.SPOOL
    assert exports.make_due(now=timezone.now()) == 0
    settings.SPOOL = good
    assert exports.make_due(now=timezone.now()) == 1
