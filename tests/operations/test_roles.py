"""
Who of the staff may do what, tried: every page and every act of the admin × every role.

A page or an act without a row here fails, with the row to add; `config/staff/roles.py` is the table
that makes it true.
"""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from accounts.models import AuditEntry, Membership
from config.staff import roles
from generations.models import (
    ProviderStatus,
)
from generations.staff.acts import ACTS
from tests.factories import a_user
from tests.operations.conftest import browser_of, in_role
from tests.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: s: support, f: finance, p: operator, o: owner
LETTERS = dict(zip("sfpo", roles.ROLES, strict=True))

#: model → who looks at it, adds one, changes one, deletes one
MODELS: dict[str, tuple[str, str, str, str]] = {
    # Of the library for logging in: for superusers alone.
    "account.emailaddress": ("", "", "", ""),
    "mfa.authenticator": ("", "", "", ""),
    "socialaccount.socialaccount": ("", "", "", ""),
    # Ours
    "accounts.apikey": ("spo", "", "spo", ""),
    "accounts.auditentry": ("sfpo", "", "", ""),
    "accounts.erasure": ("spo", "", "", ""),
    "accounts.idempotencyrecord": ("spo", "", "", ""),
    "accounts.invitation": ("spo", "", "", ""),
    "accounts.proposal": ("sfpo", "", "", ""),
    "accounts.user": ("sfpo", "o", "o", ""),
    "accounts.webhookdelivery": ("spo", "", "", ""),
    "accounts.webhookendpoint": ("spo", "", "", ""),
    "accounts.workspace": ("sfpo", "", "po", ""),
    "billing.cost": ("fpo", "", "", ""),
    "billing.payer": ("sfo", "", "", ""),
    "billing.promotioncode": ("sfo", "fo", "fo", ""),
    "billing.quote": ("sfpo", "", "", ""),
    "billing.rate": ("fpo", "fo", "", ""),
    "billing.spendlimit": ("sfpo", "", "", ""),
    "billing.stripeevent": ("sfpo", "", "", ""),
    "billing.topup": ("sfpo", "", "", ""),
    "billing.transfer": ("sfpo", "", "", ""),
    "billing.wallet": ("sfpo", "", "", ""),
    "generations.attempt": ("spo", "", "", ""),
    "generations.blockedword": ("spo", "so", "so", "so"),
    "generations.clip": ("spo", "", "", ""),
    "generations.event": ("spo", "", "", ""),
    "generations.generation": ("sfpo", "", "", ""),
    "generations.knock": ("po", "", "", ""),
    "generations.notice": ("spo", "", "", ""),
    "generations.providerstatus": ("sfpo", "", "po", ""),
    "generations.sharereport": ("spo", "", "", ""),
    "generations.upload": ("spo", "", "", ""),
}

#: every other address of the admin, by its name → who may go there
PAGES: dict[str, str] = {
    # For all of the staff: they show only what each may see.
    **dict.fromkeys(["admin_find", "index", "app_list", "search", "jsi18n"], "sfpo"),
    **dict.fromkeys(["password_change", "password_change_done", "logout", "login"], "sfpo"),
    **dict.fromkeys(["view_on_site", "stop_impersonation"], "sfpo"),
    "autocomplete": "",  # refused without a field; with one it asks who may see what it lists
    "accounts_user_impersonate": "so",
    "accounts_user_suspend": "spo",
    "accounts_user_resume": "spo",
    "auth_user_password_change": "o",
    "mfa_authenticator_remove": "",
    "accounts_workspace_suspend": "sfpo",
    "accounts_workspace_resume": "sfpo",
    # Doors that refuse inside, in words: sending again takes replay_webhookdelivery.
    "accounts_webhookdelivery_again": "sfpo",
    "accounts_webhookendpoint_again": "sfpo",
    "decide_proposal": "sfpo",  # and each proposal takes the permission of its act
    "billing_wallet_deposit": "fo",
    "billing_wallet_adjust": "fo",
    "billing_topup_refund": "fo",
    "billing_topup_look": "sfpo",
    "billing_stripeevent_replay": "fpo",
    "billing_rate_to_prices_in_force": "fpo",
    "billing_rate_prices": "fpo",
    "billing_rate_prices_table": "fpo",
    "billing_rate_prices_import": "fo",
    "billing_rate_prices_schedule": "fo",
    "billing_rate_prices_confirm": "fo",
    "billing_rate_prices_margin": "fpo",
    "billing_rate_prices_margin_csv": "fpo",
    "billing_rate_prices_drift": "fpo",
    "billing_rate_prices_bill": "fpo",
    "billing_rate_prices_bill_csv": "fpo",
    "generations_generation_do": "sfpo",  # and each act its own: VERBS
    "generations_providerstatus_dry_run": "po",
    "generations_sharereport_hide": "so",
    "generations_sharereport_dismiss": "so",
}

#: an action on chosen rows of a list → who has it
ACTIONS: dict[str, str] = {
    "account.emailaddress make_verified": "sfpo",  # in a list that is shut to all of them
    "accounts.apikey revoke": "spo",
    "billing.stripeevent replay_chosen": "fpo",
    "generations.blockedword delete_selected": "so",
    "generations.generation cancel": "sfpo",
    "generations.generation look_now": "spo",
}

#: an act on one generation → who may do it
VERBS: dict[str, str] = {
    "look": "spo",
    "retry": "spo",
    "refund": "sfpo",
    "deliver": "spo",
    "reassign": "po",
    "hide": "so",
    "unhide": "so",
}

#: It gives its connection back before it asks a provider, and with it what the test has begun.
NOT_OPENED = {"generations_providerstatus_dry_run"}

STANDARD = ("changelist", "add", "history", "delete", "change")


def who(row: str) -> set[str]:
    return {LETTERS[letter] for letter in row}


def name_of(model) -> str:
    return f"{model._meta.app_label}.{model._meta.model_name}"


REGISTERED = {name_of(model): model for model in admin.site._registry}


def standard_names() -> set[str]:
    names = {name.replace(".", "_") for name in REGISTERED}
    return {f"{name}_{page}" for name in names for page in STANDARD}


def other_pages() -> dict[str, str]:
    """Name → address of every page of the admin beside the usual five of each model."""
    found = {route.name: route.path for route in routes("admin/") if route.name}
    return {name: path for name, path in found.items() if name not in standard_names()}


@pytest.fixture(params=roles.ROLES)
def role(request, db) -> str:
    return request.param


@pytest.fixture
def browser(role):
    return browser_of(in_role(role))


def test_every_model_has_a_row():
    assert set(MODELS) == set(REGISTERED), "add to MODELS who looks, adds, changes, deletes"


@pytest.mark.parametrize("name", sorted(other_pages()))
def test_every_page_has_a_row(name):
    assert name in PAGES, f'add to PAGES: "{name}": "o"'


def test_every_row_has_a_page():
    assert set(PAGES) <= set(other_pages())


def test_every_act_on_a_generation_has_a_row():
    assert set(VERBS) == set(ACTS)


def test_the_pages_of_every_model(browser, role, world):
    wrong = []
    for name, model in REGISTERED.items():
        one = model.objects.first()
        assert one, f"make one in `world`: {name}"
        looks, adds, changes, deletes = (role in who(letters) for letters in MODELS[name])
        asked = {
            "changelist": ([], looks),
            "add": ([], adds),
            "history": ([one.pk], looks),
            "delete": ([one.pk], deletes),
            "change": ([one.pk], looks),
        }
        for page, (args, may) in asked.items():
            address = reverse(f"admin:{name.replace('.', '_')}_{page}", args=args)
            if browser.get(address).status_code != (200 if may else 403):
                wrong.append(f"GET {address}")
        if (browser.post(address, {}).status_code != 403) != changes:
            wrong.append(f"POST {address}")
    assert not wrong, "\n".join(wrong)


def test_every_other_page(role, world):
    wrong, person = [], in_role(role)
    for name, path in other_pages().items():
        if name in NOT_OPENED:
            continue
        with undone():
            browser = browser_of(person)  # one of the pages logs out
            answers = [browser.get(at(path, world)), browser.post(at(path, world), {})]
        may = any(answer.status_code not in (403, 405) for answer in answers)
        if may != (role in who(PAGES[name])):
            wrong.append(f"{name}: {[answer.status_code for answer in answers]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("id", ["nonsense", str(uuid.UUID(int=7)), "9" * 30, "%00"])
def test_what_does_not_exist_is_not_found(desk, world, id):
    for name, path in other_pages().items():
        if "<path:object_id>" in path and name not in {"view_on_site", *NOT_OPENED}:
            address = "/" + path.replace("<path:object_id>", id)
            for answer in (desk.get(address), desk.post(address, {"reason": "x"})):
                assert answer.status_code == 404, (address, answer.status_code)


def test_a_dry_run(rf, role):
    request = rf.get("/")
    request.user = in_role(role)

    may = admin.site._registry[ProviderStatus].has_dry_run_permission(request)

    assert may == (role in who(PAGES["generations_providerstatus_dry_run"]))


def test_every_action_on_a_list(rf, role, world):
    wrong, found, request = [], set(), rf.get("/")
    request.user = in_role(role)
    for model, one in admin.site._registry.items():
        offered = set(one.get_actions(request))
        for action in {*offered, *(str(name) for name in one.actions)}:
            row = f"{name_of(model)} {action}"
            found.add(row)
            if (action in offered) != (role in who(ACTIONS.get(row, ""))):
                wrong.append(f'add to ACTIONS: "{row}": "…"')
    assert not wrong, "\n".join(wrong)
    assert role != "owner" or found == set(ACTIONS)


@pytest.mark.parametrize("verb", ACTS)
def test_every_act_on_a_generation(browser, role, world, verb):
    address = f"/admin/generations/generation/{world.pk}"

    answer = browser.post(f"{address}/do", {"verb": verb, "reason": "Tried"}, follow=True)

    refused = f"it takes {ACTS[verb].permission}" in answer.content.decode()
    assert refused != (role in who(VERBS[verb]))


def test_the_dashboard_tells_of_money_to_whom_it_concerns(browser, role, world):
    page = browser.get("/admin/").content.decode()

    assert "Success" in page
    assert ("Margin" in page) == (role != "support")


def test_the_table_names_permissions_that_exist(db):
    known = {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    }

    assert set(roles.TABLE) <= known


def test_what_somebody_changed_by_hand_is_put_right_at_the_next_start(db):
    support = Group.objects.get(name="support")
    deposit = Permission.objects.get(codename="change_wallet")
    support.permissions.set([deposit])

    for _ in range(2):
        call_command("migrate", verbosity=0)

    held = set(support.permissions.values_list("codename", flat=True))
    assert "impersonate_user" in held
    assert "change_wallet" not in held
    assert Group.objects.filter(name__in=roles.ROLES).count() == len(roles.ROLES)


def test_an_owner_gives_roles_but_not_what_is_above_them(alice):
    owner = browser_of(in_role("owner"))
    boss = a_user("boss@staff.example", is_staff=True, is_superuser=True)
    support = Group.objects.get(name="support").pk
    wish = {"email": alice.user.email, "is_staff": "on", "is_superuser": "on", "groups": [support]}
    rows = Membership.objects.get(user=alice.user)
    inline = {
        "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": rows.pk, "memberships-0-user": alice.user.pk,
        "memberships-0-workspace": alice.workspace.pk, "memberships-0-role": "owner",
    }  # fmt: skip

    answer = owner.post(f"/admin/accounts/user/{alice.user.pk}/change/", wish | inline)

    assert answer.status_code == 302, answer.content.decode()
    alice.user.refresh_from_db()
    assert (alice.user.is_staff, alice.user.is_superuser) == (True, False)
    assert alice.user.has_perm("accounts.impersonate_user")
    entry = AuditEntry.objects.get(action="user.changed")
    assert (entry.actor, entry.subject) == ("owner@staff.example", alice.user.public_id)
    assert entry.data.items() >= {"staff": True, "superuser": False, "roles": ["support"]}.items()
    assert owner.post(f"/admin/accounts/user/{boss.pk}/change/", wish).status_code == 403
    assert owner.post(f"/admin/accounts/user/{boss.pk}/password/", {}).status_code == 403


def at(path: str, world) -> str:
    """An address of this page about something that exists."""
    model = next((REGISTERED[name] for name in REGISTERED if name.replace(".", "/") in path), None)
    key = str(model.objects.values_list("pk", flat=True).first()) if model else "1"
    path = re.sub(r"\(\?P<app_label>[^)]*\)+", "accounts", path)
    path = path.replace("<path:content_type_id>/<path:object_id>", f"1/{uuid.UUID(int=0)}")
    return "/" + re.sub(r"<[^>]+>", key, path).replace("^", "").replace("$", "").replace("\\Z", "")


class undone:
    """Whatever happens in here has not happened."""

    def __enter__(self):
        self.mark = transaction.savepoint()

    def __exit__(self, *error):
        transaction.savepoint_rollback(self.mark)
