"""Handing a workspace on, renaming it, and opening another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, OwnershipOffer, Role, Workspace
from tests.site.conftest import browser_of
from tests.team.conftest import PASSWORD, acts, letters_to, said


def offer(browser, to: Membership) -> str:
    return said(browser.post(f"/team/members/{to.user.public_id}/owner", follow=True))


def roles(*places: Membership) -> list[str]:
    return [Membership.objects.get(pk=place.pk).role for place in places]


# Handing it on


def test_a_workspace_is_handed_on_when_the_other_one_accepts(owner, alice, bob):
    assert "You stay the owner until they accept" in offer(owner, bob)
    assert roles(alice, bob) == [Role.OWNER, Role.MEMBER]
    assert "wants to hand" in letters_to("bob@example.org")[0]
    browser = browser_of(bob)
    assert "Take it over" in said(browser.get("/team"))

    assert "You own this workspace now." in said(
        browser.post("/team/ownership/accept", follow=True)
    )

    assert roles(alice, bob) == [Role.ADMIN, Role.OWNER]
    assert acts(alice.workspace) == ["ownership.offered", "ownership.accepted"]
    for address in ("alice@example.org", "bob@example.org"):
        assert "bob@example.org is the owner of" in letters_to(address)[-1]
    assert browser.post("/team/ownership/accept", follow=True).status_code == 200
    assert roles(alice, bob) == [Role.ADMIN, Role.OWNER]


def test_it_asks_for_the_password_and_then_goes_on(alice, bob):
    alice.user.set_password(PASSWORD)
    alice.user.save()
    browser, address = browser_of(alice), f"/team/members/{bob.user.public_id}/owner"

    asked = browser.post(address)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not OwnershipOffer.objects.exists()

    browser.post(asked["Location"], {"password": PASSWORD, "next": address})
    assert OwnershipOffer.objects.get().to == bob


def test_the_other_one_may_decline(owner, alice, bob):
    offer(owner, bob)
    browser_of(bob).post("/team/ownership/decline")
    assert roles(alice, bob) == [Role.OWNER, Role.MEMBER]
    assert "does not take" in letters_to("alice@example.org")[0]
    assert "This offer is over" in accepted(bob)


def test_the_owner_may_take_it_back(owner, alice, bob):
    offer(owner, bob)
    assert "You keep the workspace." in said(owner.post("/team/ownership/take-back", follow=True))
    assert "was taken back" in letters_to("bob@example.org")[-1]
    assert "This offer is over" in accepted(bob)


def test_after_a_week_the_offer_is_over(owner, alice, bob):
    offer(owner, bob)
    OwnershipOffer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Take it over" not in said(browser_of(bob).get("/team"))
    assert "This offer is over" in accepted(bob)
    assert "is asked" in offer(owner, bob), "and can be made again"


def test_one_is_asked_at_a_time(owner, bob, adam):
    offer(owner, bob)
    assert "Somebody is asked already" in offer(owner, adam)
    assert "This offer is over" in accepted(adam)


def test_an_offer_to_somebody_who_is_removed_is_gone(owner, bob):
    offer(owner, bob)
    owner.post(f"/team/members/{bob.user.public_id}/remove")
    assert not OwnershipOffer.objects.exists()


def test_only_the_owner_hands_it_on_and_not_to_themselves(owner, alice, adam, bob):
    address = f"/team/members/{bob.user.public_id}/owner"
    for other in (adam, bob):
        assert browser_of(other).post(address).status_code == 403
    assert "only to somebody else" in offer(owner, alice)
    assert not OwnershipOffer.objects.exists()


def test_there_is_no_fourth_answer(owner):
    assert owner.post("/team/ownership/maybe").status_code == 404


def accepted(member: Membership) -> str:
    return said(browser_of(member).post("/team/ownership/accept", follow=True))


# Its name


def test_a_new_name_is_told_to_who_looks_after_it_and_written_down(owner, alice, adam, bob):
    page = said(owner.post("/team/name", {"name": "Lighthouse"}, follow=True))
    assert "People in Lighthouse" in page
    assert "is called “Lighthouse” now" in letters_to("adam@example.org")[0]
    assert letters_to("alice@example.org") == letters_to("bob@example.org") == []
    owner.post("/team/name", {"name": "Lighthouse"})
    assert acts(alice.workspace) == ["workspace.renamed"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_name_that_makes_no_sense_is_refused(owner, alice, name):
    assert owner.post("/team/name", {"name": name}).status_code == 422
    assert Workspace.objects.get(pk=alice.workspace.pk).name == alice.workspace.name


def test_members_do_not_rename_it(bob):
    assert browser_of(bob).post("/team/name", {"name": "Mine"}).status_code == 403


# Another one


def test_another_workspace_is_opened_and_looked_at(owner, alice):
    page = said(owner.post("/workspaces", {"name": "Side project"}, follow=True))
    assert "You are in “Side project” now." in page
    assert "$0.00" in said(owner.get("/wallet"))
    made = Workspace.objects.get(name="Side project")
    assert acts(made) == ["workspace.opened"]

    listed = said(owner.get("/workspaces"))
    assert "you are here" in listed
    owner.post("/workspace", {"workspace": alice.workspace.public_id})
    assert "$10.00" in said(owner.get("/wallet"))


def test_who_logs_in_again_is_in_the_workspace_they_looked_at_last(owner, alice):
    owner.post("/workspaces", {"name": "Side project"})
    assert "$0.00" in said(browser_of(alice).get("/wallet"))
    owner.post("/workspace", {"workspace": alice.workspace.public_id})
    assert "$10.00" in said(browser_of(alice).get("/wallet"))


def test_a_double_click_opens_one(owner, alice):
    for _ in range(2):
        answer = owner.post("/workspaces", {"name": "Side project"})
    assert answer.status_code == 422
    assert "of this name already" in said(answer)
    assert Workspace.objects.for_user(alice.user).count() == 2


def test_somebody_in_no_workspace_opens_one(doras, dora):
    assert "/workspaces" in said(doras.get("/studio"))
    doras.post("/workspaces", {"name": "A fresh start"})
    assert doras.get("/studio").status_code == 200


def test_nobody_opens_one_without_an_account(client, db):
    assert client.post("/workspaces", {"name": "x"})["Location"].startswith("/accounts/login/")
