"""Two people change one team at the same moment: real parallel transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import keys
from accounts.audit import Actor
from accounts.key_texts import KeyRefused
from accounts.models import APIKey, AuditEntry, Invitation, Membership, Role
from accounts.team import invitations, members, ownership, workspaces
from accounts.team.rules import Refused
from tests.api.tools import together
from tests.factories import a_member, a_user, a_workspace
from tests.team.conftest import confirmed

pytestmark = pytest.mark.django_db(transaction=True)

BY = Actor("test")
ROUNDS = range(5)


def race(*calls: Callable[[], object]) -> Counter[str]:
    """What each of them ended in, counted."""

    def ended(call: Callable[[], object]) -> Callable[[], str]:
        def run() -> str:
            try:
                call()
            except (Refused, KeyRefused):
                return "refused"
            return "done"

        return run

    return Counter(together([ended(call) for call in calls]))


@pytest.mark.parametrize("round", ROUNDS)
def test_two_admins_demote_each_other_and_one_of_them_wins(round):
    workspace = a_workspace()
    one, other = (a_member(workspace, Role.ADMIN) for _ in range(2))

    def demote(me: Membership, of: Membership) -> Callable[[], object]:
        return lambda: members.change_role(me=me, of=of, role=Role.MEMBER, by=BY)

    ends = race(demote(one, other), demote(other, one))

    assert ends == {"done": 1, "refused": 1}
    roles = Membership.objects.filter(pk__in=[one.pk, other.pk]).values_list("role", flat=True)
    assert sorted(roles) == [Role.ADMIN, Role.MEMBER]


@pytest.mark.parametrize("round", ROUNDS)
def test_two_admins_remove_each_other_and_one_of_them_wins(round):
    workspace = a_workspace()
    one, other = (a_member(workspace, Role.ADMIN) for _ in range(2))

    def remove(me: Membership, of: Membership) -> Callable[[], object]:
        return lambda: members.remove(me=me, of=of, by=BY, now=timezone.now())

    assert race(remove(one, other), remove(other, one)) == {"done": 1, "refused": 1}
    assert Membership.objects.filter(workspace=workspace).count() == 2


def test_an_invitation_accepted_many_times_at_once_lets_in_once():
    workspace, dora = a_workspace(), a_user("dora@example.org")
    confirmed(dora)
    me = workspace.memberships.select_related("user", "workspace").get()
    one = invitations.invite(me=me, email=dora.email, role=Role.MEMBER, by=BY, now=timezone.now())

    ends = race(
        *[
            lambda: invitations.accept(invitation=one, user=dora, by=BY, now=timezone.now())
            for _ in range(6)
        ]
    )

    assert ends == {"done": 1, "refused": 5}
    assert Membership.objects.filter(workspace=workspace, user=dora).count() == 1
    assert AuditEntry.objects.filter(action="invitation.accepted").count() == 1


@pytest.mark.parametrize("round", ROUNDS)
def test_an_invitation_is_accepted_or_withdrawn_never_both(round):
    workspace, dora = a_workspace(), a_user()
    confirmed(dora)
    me = workspace.memberships.select_related("user", "workspace").get()
    now = timezone.now()
    one = invitations.invite(me=me, email=dora.email, role=Role.MEMBER, by=BY, now=now)

    ends = race(
        lambda: invitations.accept(invitation=one, user=dora, by=BY, now=now),
        lambda: invitations.withdraw(me=me, invitation=one, by=BY, now=now),
    )

    assert ends == {"done": 1, "refused": 1}
    one.refresh_from_db()
    assert bool(one.accepted_at) == Membership.objects.filter(user=dora).exists()
    assert bool(one.accepted_at) != bool(one.withdrawn_at)


@pytest.mark.parametrize("round", ROUNDS)
def test_a_letter_that_is_sent_again_leaves_one_link_that_lets_in(round):
    workspace, dora = a_workspace(), a_user()
    confirmed(dora)
    me = workspace.memberships.select_related("user", "workspace").get()
    now = timezone.now()
    one = invitations.invite(
        me=me, email=dora.email, role=Role.MEMBER, by=BY, now=now - invitations.BETWEEN
    )

    ends = race(
        lambda: invitations.accept(invitation=one, user=dora, by=BY, now=now),
        lambda: invitations.send_again(me=me, invitation=one, by=BY, now=now),
    )

    assert ends == {"done": 1, "refused": 1}


def test_the_same_address_invited_many_times_at_once_gets_one_letter():
    me = a_workspace().memberships.select_related("user", "workspace").get()
    ends = race(
        *[
            lambda: invitations.invite(
                me=me, email="dora@example.org", role=Role.MEMBER, by=BY, now=timezone.now()
            )
            for _ in range(6)
        ]
    )
    assert ends == {"done": 1, "refused": 5}
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("round", ROUNDS)
def test_a_workspace_has_one_owner_whatever_happens_to_an_offer(round):
    workspace = a_workspace()
    me = workspace.memberships.select_related("user", "workspace").get()
    bob = a_member(workspace)
    now = timezone.now()
    ownership.offer(me=me, to=bob, by=BY, now=now)

    ends = race(
        lambda: ownership.accept(me=bob, by=BY, now=now),
        lambda: ownership.take_back(me=me, by=BY, now=now),
        lambda: ownership.decline(me=bob, by=BY, now=now),
        lambda: members.remove(me=me, of=bob, by=BY, now=now),
    )

    assert ends["done"] in (1, 2), "removing comes before or behind one of the others"
    assert Membership.objects.filter(workspace=workspace, role=Role.OWNER).count() == 1


@pytest.mark.parametrize("round", ROUNDS)
def test_no_key_outlives_its_maker_also_when_it_is_made_at_that_moment(round):
    workspace = a_workspace()
    me = workspace.memberships.select_related("user", "workspace").get()
    bob = a_member(workspace, Role.ADMIN)

    race(
        *[lambda: keys.create(maker=bob, name="at the last moment") for _ in range(4)],
        lambda: members.remove(me=me, of=bob, by=BY, now=timezone.now()),
    )

    assert not Membership.objects.filter(pk=bob.pk).exists()
    assert not APIKey.objects.filter(revoked_at=None).exists()


def test_a_name_clicked_many_times_opens_one_workspace():
    dora = a_user()
    ends = race(*[lambda: workspaces.open_another(owner=dora, name="One", by=BY) for _ in range(6)])
    assert ends == {"done": 1, "refused": 5}
