"""Everybody has a workspace with a wallet; roles say what one may do in it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts import people
from accounts.models import Act, APIKey, Membership, Role, User, Workspace
from tests.factories import a_member, a_user, a_workspace


def test_a_new_workspace_has_its_owner_and_an_empty_wallet(db):
    owner = a_user("dora@example.org")

    workspace = people.open_workspace(owner=owner)

    assert workspace.name == "dora's workspace"
    assert people.membership_of(owner).role == Role.OWNER
    assert workspace.wallet.available == 0


def test_an_address_is_known_once_whatever_its_case(db):
    a_user("dora@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="DORA@example.org")


def test_a_workspace_has_one_owner(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_member(alice.workspace, Role.OWNER)


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (Role.OWNER, {Act.READ, Act.ORDER, Act.SPEND_SETTINGS, Act.MANAGE, Act.OWN}),
        (Role.ADMIN, {Act.READ, Act.ORDER, Act.SPEND_SETTINGS, Act.MANAGE}),
        (Role.MEMBER, {Act.READ, Act.ORDER}),
        (Role.BILLING, {Act.READ, Act.SPEND_SETTINGS}),
    ],
)
def test_a_role_allows_what_the_table_says(role, acts):
    assert {act for act in Act if Membership(role=role).may(act)} == acts


def test_a_person_reaches_only_their_own_workspaces(alice, bob, charlie):
    assert list(Workspace.objects.for_user(bob.user)) == [alice.workspace]
    assert not APIKey.objects.for_workspace(charlie.workspace).exists()


def test_somebody_in_several_workspaces_is_in_the_one_they_chose(alice, charlie):
    Membership.objects.create(workspace=charlie.workspace, user=alice.user)

    assert people.membership_of(alice.user).workspace == alice.workspace
    chosen = people.membership_of(alice.user, str(charlie.workspace.id))
    assert chosen.workspace == charlie.workspace


def test_choosing_a_workspace_of_others_leads_home(alice, charlie):
    assert people.membership_of(alice.user, str(charlie.workspace.id)) == alice


def test_many_workspaces_do_not_share_a_wallet(db):
    owner = a_user()

    wallets = {a_workspace(owner=owner).wallet.pk for _ in range(2)}

    assert len(wallets) == 2
