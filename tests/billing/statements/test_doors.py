"""Who gets in, and to what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from accounts.models import Role, Workspace
from billing import money
from tests.billing.statements.past import LAST_MONTH, MONTH_BEFORE, THIS_MONTH, at
from tests.factories import a_member, a_user

pytestmark = pytest.mark.urls("tests.billing.statements.urls")

MONTH = f"{LAST_MONTH:%Y-%m}"
FILES = [f"{MONTH}.csv", f"{MONTH}.pdf", "ledger", "ledger?format=jsonl"]


@pytest.fixture
def here(past) -> str:
    return f"/billing/statements/{past.workspace.public_id}"


def test_the_list_has_every_month_newest_first(past, dora):
    past.topped_up(20 * money.MICROS, at(MONTH_BEFORE))
    past.clip(at(LAST_MONTH))

    page = dora.get("/billing/statements/").content.decode()

    found = [page.index(f"{month:%B %Y}") for month in (THIS_MONTH, LAST_MONTH, MONTH_BEFORE)]
    assert found == sorted(found)
    balances = re.findall(r'balance">\$([\d.]+)<', page)
    assert balances == ["19.72", "19.72", "20.00", "19.72", "0.00", "20.00"]
    assert "so far" in page
    assert f"{past.workspace.public_id}/{MONTH}.pdf" in page


@pytest.mark.parametrize("file", FILES)
def test_another_workspaces_files_do_not_exist(here, client, charlie, file):
    client.force_login(charlie.user)

    assert client.get(f"{here}/{file}").status_code == 404


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("role", "status"), [(Role.ADMIN, 200), (Role.BILLING, 200), (Role.MEMBER, 403)]
)
def test_the_role_decides_who_sees_the_books(past, here, client, file, role, status):
    client.force_login(a_member(past.workspace, role, a_user("erin@example.org")).user)

    assert client.get(f"{here}/{file}").status_code == status
    assert client.get("/billing/statements/").status_code == status


def test_an_accountant_of_two_workspaces_gets_both(past, here, client, charlie):
    a_member(past.workspace, Role.BILLING, charlie.user)
    client.force_login(charlie.user)

    ours = client.get(f"{here}/{MONTH}.pdf")
    theirs = client.get(f"/billing/statements/{charlie.workspace.public_id}/ledger")

    assert (ours.status_code, theirs.status_code) == (200, 200)


@pytest.mark.parametrize("file", FILES)
def test_strangers_log_in_first(here, client, file):
    response = client.get(f"{here}/{file}")

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_a_suspended_workspace_still_gets_its_books(past, dora, here):
    Workspace.objects.filter(pk=past.workspace.pk).update(suspended_at=at(THIS_MONTH))

    assert dora.get(f"{here}/{MONTH}.pdf").status_code == 200


@pytest.mark.parametrize(
    "month",
    [
        f"{THIS_MONTH + timedelta(days=32):%Y-%m}",
        f"{MONTH_BEFORE - timedelta(days=1):%Y-%m}",
        "2026-13",
        "2026-1",
        "2026-00",
        "２０２６-10",
        "nonsense",
    ],
)
def test_a_month_there_is_nothing_of_does_not_exist(dora, here, month):
    assert dora.get(f"{here}/{month}.csv").status_code == 404
    assert dora.get(f"{here}/{month}.pdf").status_code == 404


@pytest.mark.parametrize("workspace", ["wks_", "wks_" + "0" * 32, "x", "%00"])
def test_a_workspace_that_is_none_does_not_exist(dora, workspace):
    assert dora.get(f"/billing/statements/{workspace}/{MONTH}.csv").status_code == 404


def test_nothing_is_kept_by_caches(dora, here):
    for file in FILES:
        assert dora.get(f"{here}/{file}")["Cache-Control"] == "private, no-store"


def test_only_looking_sends_no_file(dora, here):
    assert dora.head(f"{here}/ledger").getvalue() == b""


def test_an_asgi_server_streams_the_same_file(past, dora, here):
    past.topped_up(20 * money.MICROS, at(LAST_MONTH))

    async def downloaded() -> bytes:
        browser = AsyncClient()
        browser.cookies = dora.cookies
        response = await browser.get(f"{here}/{MONTH}.csv")
        assert response.is_async
        return b"".join([piece async for piece in response])

    assert async_to_sync(downloaded)() == dora.get(f"{here}/{MONTH}.csv").getvalue()
