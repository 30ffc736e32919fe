"""Staff see everything and change little; money moves only through the ledger."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts import keys
from accounts.models import APIKey, AuditEntry, Membership, User, Workspace
from billing import audit, ledger
from billing.models import Rate, Wallet
from generations.models import Generation
from tests.factories import a_user
from tests.site import lives

pytestmark = pytest.mark.slow

OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("accounts", "billing", "generations")
]
MACHINES_WRITE = [
    model
    for model in OURS
    if model._meta.model_name
    in (
        *("wallet", "transfer", "quote", "generation", "attempt", "clip", "event", "knock"),
        *("notice", "auditentry"),
    )
]


@pytest.fixture
def staff(client, db):
    client.force_login(a_user("staff@example.org", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clip(alice):
    return lives.delivered(lives.ordered(alice))


def page(model, verb, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{verb}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_every_row_opens_and_can_be_searched(staff, clip, model):
    listed = staff.get(page(model, "changelist"), {"q": "boat"})
    assert listed.status_code == 200

    for row in model.objects.all()[:1]:
        assert staff.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("search", ["%" * 10_000, "_" * 200, "'\"\\;--", "日本\u202e", "a\x00b"])
def test_no_search_breaks_a_list(staff, clip, model, search):
    answer = staff.get(page(model, "changelist"), {"q": search})

    assert answer.status_code in (200, 302)


def test_staff_say_how_often_a_key_may_ask_and_change_nothing_else_of_it(staff, alice):
    key = keys.create(maker=alice, name="CI", scopes=["read"]).key
    wish = {"paid_per_minute": 6, "other_burst": "", "name": "Mine", "scopes": "admin"}

    answer = staff.post(page(APIKey, "change", key.pk), wish | _no_rows("uses"))

    assert answer.status_code == 302
    key.refresh_from_db()
    assert (key.paid_per_minute, key.other_burst) == (6, None)
    assert (key.name, key.scopes) == ("CI", ["read"])
    assert staff.get(page(APIKey, "add")).status_code == 403
    assert staff.post(page(APIKey, "delete", key.pk), {"post": "yes"}).status_code == 403


def test_staff_say_how_often_a_workspace_may_ask(staff, alice):
    wish = {"name": alice.workspace.name, "other_per_minute": 9000}

    answer = staff.post(
        page(Workspace, "change", alice.workspace.pk), wish | _no_rows("memberships")
    )

    assert answer.status_code == 302
    alice.workspace.refresh_from_db()
    assert alice.workspace.other_per_minute == 9000
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert (entry.actor, entry.subject) == ("staff@example.org", alice.workspace.public_id)
    assert "Other per minute" in str(entry.data["changes"])


def test_what_staff_revoke_stands_in_the_audit(staff, alice):
    key = keys.create(maker=alice, name="CI").key
    wish = {"action": "revoke", "_selected_action": [str(key.pk)]}

    staff.post(page(APIKey, "changelist"), wish)

    entry = AuditEntry.objects.get(action="api_key.revoked")
    assert (entry.actor, entry.subject) == ("staff@example.org", key.public_id)

    again = staff.post(page(APIKey, "changelist"), wish, follow=True)

    assert "was revoked before" in again.content.decode()
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


def _no_rows(inline: str) -> dict[str, int]:
    return {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}


def test_each_movement_in_a_wallet_leads_to_its_clip(staff, clip):
    wallet = staff.get(page(Wallet, "change", clip.workspace_id)).content.decode()

    links = set(re.findall(r'href="(/admin/find[^"]+)"', wallet))
    answer = staff.get(*[link for link in links if clip.id.hex in link])

    assert answer.headers["Location"] == page(Generation, "change", clip.pk)


@pytest.mark.parametrize("model", MACHINES_WRITE, ids=lambda model: model.__name__)
def test_what_machines_write_nobody_edits(staff, clip, model):
    assert staff.get(page(model, "add")).status_code == 403
    for row in model.objects.all()[:1]:
        assert staff.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert staff.post(page(model, "change", row.pk), {}).status_code == 403


def test_a_price_is_never_changed_only_followed_by_a_newer_one(staff):
    rate = Rate.objects.first()

    assert staff.post(page(Rate, "change", rate.pk), {"cost": 1}).status_code == 403
    assert staff.get(page(Rate, "add")).status_code == 200


def test_a_deposit_goes_through_the_ledger_once_and_is_written_down(staff, alice):
    address = f"/admin/billing/wallet/{alice.workspace.pk}/deposit/"
    form = staff.get(address).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]

    for _ in range(2):  # a double click
        entered = {"amount": "12.50", "reason": "Goodwill", "key": key}
        assert staff.post(address, entered).status_code == 302

    assert ledger.balance(alice.workspace.wallet).available == 22_500_000
    newest = ledger.history(workspace=alice.workspace)[0]
    assert (newest.actor, newest.description) == ("staff@example.org", "Goodwill")
    assert LogEntry.objects.filter(change_message__contains="12.50").exists()
    assert audit.faults() == []


@pytest.mark.parametrize("amount", ["", "0", "-1", "1e3", "12.3456789", "a lot"])
def test_a_deposit_of_nonsense_says_so_and_moves_nothing(staff, alice, amount):
    address = f"/admin/billing/wallet/{alice.workspace.pk}/deposit/"

    answer = staff.post(address, {"amount": amount, "reason": "x", "key": "k"})

    assert answer.status_code == 200
    assert ledger.balance(alice.workspace.wallet).available == 10_000_000


def test_staff_without_the_permission_deposit_nothing(client, alice):
    client.force_login(a_user("support@example.org", is_staff=True))

    answer = client.get(f"/admin/billing/wallet/{alice.workspace.pk}/deposit/")

    assert answer.status_code in (302, 403)


def test_customers_do_not_get_in(client, alice):
    client.force_login(alice.user)

    assert client.get("/admin/").status_code == 302


def test_somebody_made_by_staff_has_a_workspace_too(staff):
    made = {
        "email": "new@example.org",
        "password1": "a-long-password",
        "password2": "a-long-password",
    }

    assert staff.post("/admin/accounts/user/add/", made).status_code == 302

    assert Membership.objects.filter(user=User.objects.get(email="new@example.org")).exists()


def test_what_a_provider_has_is_not_canceled_from_the_list_and_nothing_is_changed(staff, alice):
    order = lives.ordered(alice)
    lives.running(order)

    chosen = {"action": "cancel", "_selected_action": [str(order.pk)]}
    answer = staff.post("/admin/generations/generation/", chosen, follow=True)

    order.refresh_from_db()
    assert "A provider is making it" in answer.content.decode()
    assert (order.state, order.cancel_wished_at) == ("running", None)
    assert not AuditEntry.objects.filter(action="generation.cancel").exists()


def test_staff_cancel_what_no_provider_has(staff, alice):
    order = lives.ordered(alice)

    chosen = {"action": "cancel", "_selected_action": [str(order.pk)]}
    staff.post("/admin/generations/generation/", chosen)
    again = staff.post("/admin/generations/generation/", chosen, follow=True)

    order.refresh_from_db()
    assert order.state == "canceled"
    assert "was canceled before" in again.content.decode()
    assert AuditEntry.objects.filter(action="generation.cancel").count() == 1
    assert audit.faults() == []
