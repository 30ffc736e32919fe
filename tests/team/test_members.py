"""The team's page, roles, removing, leaving, limits: who may do what, and who is told."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, AuditEntry, Membership, Role
from billing import limit_changes
from billing.statements import usage
from tests.api.tools import API, WORDS, problem
from tests.factories import a_member
from tests.site import lives
from tests.site.conftest import browser_of
from tests.site.forms import order_form
from tests.site.proving import PASSWORD, with_password
from tests.team.conftest import acts, letters_to, said


def act(browser, of: Membership, what: str, **form: str) -> str:
    """Done on somebody's page; what the next page says."""
    return said(browser.post(f"/team/members/{of.user.public_id}/{what}", form, follow=True))


def role(of: Membership) -> str:
    return Membership.objects.get(pk=of.pk).role


# The page


def test_the_page_shows_everybody_with_role_spending_and_limit(owner, alice, bob, adam):
    lives.delivered(lives.ordered(bob))
    limit_changes.change(
        alice.workspace,
        subject=f"member:{bob.user.public_id}",
        wanted={"month": 5_000_000},
        by=limit_changes.audit.actor(alice.user),
    )

    page = said(owner.get("/team"))

    for words in ("alice@example.org", "bob@example.org", "adam@example.org", "owner", "admin"):
        assert words in page
    row = page[page.index(">bob@example.org") :].partition("</tr>")[0]
    assert "$0.28" in row
    assert "$5.00 a month" in row
    assert "never" in row, "bob has not looked in yet"


def test_last_seen_is_the_last_page_or_the_last_use_of_a_key(owner, bob):
    browser_of(bob).get("/wallet")
    seen = Membership.objects.get(pk=bob.pk).seen_at
    assert seen is not None
    browser_of(bob).get("/wallet")
    assert Membership.objects.get(pk=bob.pk).seen_at == seen, "ten minutes are exact enough"

    key = keys.create(maker=bob, name="CI")
    API(text=key.text).get("/me")
    used = APIKey.objects.get(pk=key.key.pk).last_used_at

    shown = next(one for one in owner.get("/team").context["people"] if one.place.pk == bob.pk)
    assert shown.seen_at == used > seen


def test_everybody_sees_the_team_and_its_members(bob, alice):
    browser = browser_of(bob)
    assert browser.get("/team").status_code == 200
    page = said(browser.get(f"/team/members/{alice.user.public_id}"))
    assert "alice@example.org" in page
    for button in ("Save the limits", "Change the role", "Remove", "Hand the workspace on"):
        assert button not in page


def test_who_is_not_of_the_team_does_not_exist_here(owner, charlie):
    address = f"/team/members/{charlie.user.public_id}"
    assert owner.get(address).status_code == 404
    for what in ("/role", "/remove", "/owner", ""):
        assert owner.post(address + what, {"role": "member"}).status_code == 404


# Roles


def test_a_role_is_changed_told_and_written_down(owner, alice, bob):
    assert "has the role billing now" in act(owner, bob, "role", role="billing")

    assert role(bob) == Role.BILLING
    (letter,) = letters_to("bob@example.org")
    assert "You are in billing" in letter
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert (entry.actor, entry.subject) == (alice.user.public_id, bob.user.public_id)
    assert entry.data == {"before": "member", "role": "billing"}
    assert browser_of(bob).post("/studio", {}).status_code == 403


def test_a_session_alone_changes_no_role(alice, bob):
    with_password(alice.user)
    browser, address = browser_of(alice), f"/team/members/{bob.user.public_id}/role"

    asked = browser.post(address, {"role": "admin"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert role(bob) == Role.MEMBER

    browser.post(asked["Location"], {"password": PASSWORD, "next": address})
    assert role(bob) == Role.ADMIN


def test_an_admin_changes_other_admins_and_makes_them(adam, alice, bob):
    act(browser_of(adam), bob, "role", role="admin")
    assert role(bob) == Role.ADMIN
    act(browser_of(bob), adam, "role", role="member")
    assert role(adam) == Role.MEMBER


@pytest.mark.parametrize("wish", ["owner", "king", ""])
def test_nobody_is_made_owner_like_that(owner, bob, wish):
    assert "Choose one of the roles" in act(owner, bob, "role", role=wish)
    assert role(bob) == Role.MEMBER


def test_the_owner_is_above_everybody(adam, alice, bob):
    browser = browser_of(adam)
    assert "You cannot give this role" in act(browser, alice, "role", role="member")
    assert "You cannot remove" in act(browser, alice, "remove")
    assert role(alice) == Role.OWNER


def test_nobody_changes_their_own_role(owner, alice, adam):
    assert "You cannot give this role" in act(owner, alice, "role", role="member")
    assert "You cannot give this role" in act(browser_of(adam), adam, "role", role="member")
    assert "You cannot remove" in act(browser_of(adam), adam, "remove")
    assert (role(alice), role(adam)) == (Role.OWNER, Role.ADMIN)


@pytest.mark.parametrize("what", ["role", "remove"])
def test_members_and_billing_change_nobody(alice, bob, what):
    clerk = a_member(alice.workspace, Role.BILLING)
    for who, other in ((bob, clerk), (clerk, bob)):
        address = f"/team/members/{other.user.public_id}/{what}"
        assert browser_of(who).post(address, {"role": "member"}).status_code == 403
    assert (role(bob), role(clerk)) == (Role.MEMBER, Role.BILLING)


# Removing and leaving


def test_a_removed_members_keys_die_at_once_and_what_they_ordered_stays(owner, alice, adam):
    first = keys.create(maker=adam, name="Render server")
    second = API(text=first.text).post("/api-keys", {"name": "child"}).json()["key"]
    order = API(text=first.text).post("/generations", WORDS).json()["id"]

    assert "their keys open nothing" in act(owner, adam, "remove")

    for text in (first.text, second):
        body = problem(API(text=text).get("/me"), 401, "unauthorized")
        assert "revoked" in body["detail"]
    assert not Membership.objects.filter(pk=adam.pk).exists()
    assert order in said(owner.get("/library"))
    assert acts(alice.workspace)[-3:] == ["api_key.revoked", "api_key.revoked", "member.removed"]
    assert "You are not in" in letters_to("adam@example.org")[-1]


def test_what_a_removed_member_spent_is_still_known_by_key(owner, alice, adam):
    key = keys.create(maker=adam, name="Render server").key
    clip = lives.ordered(adam)
    type(clip).objects.filter(pk=clip.pk).update(api_key=key)
    lives.delivered(clip)
    act(owner, adam, "remove")

    today = timezone.now().date()
    (row,) = usage.spend(workspace=alice.workspace, first=today, last=today, by=("key",))

    assert row.split == {"key": str(key.pk)}
    assert "somebody who has left" in said(owner.get("/keys"))
    listed = API(alice).get("/api-keys?status=revoked").json()["data"]
    assert [one["made_by"] for one in listed] == [None]


def test_a_removed_member_sees_nothing_of_it_any_more(owner, bob, charlie):
    browser = browser_of(bob)
    assert browser.get("/wallet").status_code == 200
    act(owner, bob, "remove")
    assert browser.get("/wallet").status_code == 403
    assert "/workspaces" in said(browser.get("/wallet"))


def test_leaving_ends_ones_keys_and_tells_who_looks_after_the_team(alice, bob, adam):
    key = keys.create(maker=bob, name="CI")
    browser = browser_of(bob)

    page = said(browser.post("/team/leave", follow=True))

    assert "You have left" in page
    assert "You are in no workspace" in page
    problem(API(text=key.text).get("/me"), 401, "unauthorized")
    for manager in ("alice@example.org", "adam@example.org"):
        assert "bob@example.org has left" in letters_to(manager)[0]
    assert acts(alice.workspace)[-1] == "member.left"


def test_the_owner_cannot_leave(owner, alice):
    assert "Hand the workspace on" in said(owner.post("/team/leave", follow=True))
    assert role(alice) == Role.OWNER


def test_who_comes_back_has_the_limit_they_had(owner, alice, bob):
    owner.post(f"/team/members/{bob.user.public_id}", {"month": "0.28"})
    act(owner, bob, "remove")
    back = a_member(alice.workspace, Role.MEMBER, bob.user)
    lives.ordered(back)
    assert browser_of(back).post("/studio", order_form(browser_of(back))).status_code == 422


# Limits


def test_a_member_spends_up_to_their_limit_and_not_beyond(owner, alice, bob, audited):
    owner.post(f"/team/members/{bob.user.public_id}", {"day": "", "month": "0.50", "lifetime": ""})
    browser = browser_of(bob)

    first = browser.post("/studio", order_form(browser))
    second = browser.post("/studio", order_form(browser))

    assert first.status_code in (200, 302)
    assert second.status_code == 422
    assert "0.22 of that is left" in said(second)
    assert "$0.22 left" in said(owner.get("/team"))


def test_a_changed_limit_is_told_and_written_down_once(owner, alice, bob):
    address = f"/team/members/{bob.user.public_id}"
    for _ in range(2):
        owner.post(address, {"day": "1", "month": "20.00"})
    (letter,) = letters_to("bob@example.org")
    assert "At most 1.00 USD today." in letter
    assert "At most 20.00 USD this month." in letter
    (entry,) = AuditEntry.objects.filter(action="spend_limit.changed")
    assert entry.data == {"limits": {"day": "1.00", "month": "20.00"}}

    owner.post(address, {})
    assert "You have no limit of your own any more." in letters_to("bob@example.org")[-1]


def test_an_amount_that_makes_no_sense_is_refused_at_its_field(owner, bob):
    answer = owner.post(f"/team/members/{bob.user.public_id}", {"month": "a lot", "day": "3"})
    assert answer.status_code == 422
    assert "Write an amount in US dollars" in said(answer)
    assert 'value="a lot"' in said(answer)


def test_limits_are_changed_by_who_looks_after_the_money(alice, bob):
    clerks_browser = browser_of(a_member(alice.workspace, Role.BILLING))
    address = f"/team/members/{bob.user.public_id}"
    assert clerks_browser.post(address, {"month": "5"}).status_code == 302
    assert browser_of(bob).post(address, {"month": "500"}).status_code == 403


def test_a_limit_set_on_the_page_of_limits_is_told_and_written_down_too(owner, alice, bob):
    subject = f"member:{bob.user.public_id}"
    owner.post("/wallet/limits", {"subject": subject, "window": "day", "amount": "2"})
    assert "At most 2.00 USD today." in letters_to("bob@example.org")[0]
    assert acts(alice.workspace) == ["spend_limit.changed"]
