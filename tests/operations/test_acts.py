"""Staff settle one clip: each act with a reason, once, and the books are right afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Proposal
from billing import ledger, money
from generations import lifecycle, orders, storage
from generations.models import Attempt, Clip, Generation
from generations.models.attempt import AttemptState
from generations.staff import doing
from generations.staff.acts import ACTS
from generations.staff.wishes import NotPossible, Wish
from generations.states import State
from tests.operations.conftest import a_member_of_staff, browser_of
from tests.site import lives

pytestmark = pytest.mark.usefixtures("audited")
PRICE = 280_000


def press(browser, one, verb, reason="Customer asked", **given):
    """Press a button on the story page; what the page then says."""
    address = f"/admin/generations/generation/{one.pk}"
    answer = browser.post(f"{address}/do", {"verb": verb, "reason": reason, **given})
    assert answer.status_code == 302, answer.content
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def given_up(one: Generation, *, late: bool = True) -> Attempt:
    """Its outcome stayed unknown; its provider finished it all the same."""
    attempt = lives.running(one)
    lifecycle.failed(lives._held(one), code="timeout")
    if late:
        link = "https://example.org/late.mp4"
        Attempt.objects.filter(pk=attempt.pk).update(rendered_at=timezone.now(), result_url=link)
    one.refresh_from_db()
    attempt.refresh_from_db()
    return attempt


def bring_home(one: Generation) -> None:
    """What the store loop does with it."""
    one.refresh_from_db()
    name = storage.keep_bytes(b"clip", f"clips/{one.id.hex}/0123456789abcdef.mp4")
    clip = Clip(
        name=name, content_type="video/mp4", bytes=4, sha256="0" * 64, width=1366, height=768,
        duration_ms=6000, codec="h264",
    )  # fmt: skip
    attempt = one.attempts.get(state=AttemptState.OPEN)
    assert lifecycle.delivered(lives._held(one), attempt=attempt, clip=clip)
    one.refresh_from_db()


def test_the_story_page_tells_everything_and_escapes_it(desk, alice):
    one = lives.delivered(lives.ordered(alice, prompt="A <b>boat</b>"))
    attempt = one.attempts.get()
    Attempt.objects.filter(pk=attempt.pk).update(raw={"said": "<script>alert(1)</script>"})

    page = desk.get(f"/admin/generations/generation/{one.pk}/change/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    for said in (one.public_id, attempt.job_id, "available → held", "held → revenue", "0.28"):
        assert said in page
    for act in ACTS.values():
        assert act.label in page


@pytest.mark.parametrize("stage", ["queued", "submitting", "running", "storing"])
def test_failing_what_is_under_way_releases_its_hold(desk, alice, stage):
    one = lives.ordered(alice)
    if stage == "submitting":
        lifecycle.begin(lives._held(one), route=lives.Route(**one.routes[0]))
    elif stage != "queued":
        getattr(lives, stage)(one)

    said = press(desk, one, "refund")

    one.refresh_from_db()
    assert "0.28 USD went back" in said
    assert (one.state, one.error_code) == ("failed", "stopped_by_staff")
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_a_worker_that_had_it_in_hand_changes_nothing_any_more(desk, alice):
    one = lives.ordered(alice)
    lives.running(one)
    held = lives._held(one)

    press(desk, one, "refund")

    assert not lifecycle.failed(held, code="timeout")
    one.refresh_from_db()
    assert one.error_code == "stopped_by_staff"


def test_refunding_a_delivered_clip_gives_the_captured_money_back_once(desk, alice):
    one = lives.delivered(lives.ordered(alice))

    assert "Refunded 0.28 USD" in press(desk, one, "refund")
    assert "Nothing is left to refund" in press(desk, one, "refund")

    one.refresh_from_db()
    assert (one.state, one.charged, one.refunded) == ("succeeded", PRICE, PRICE)
    assert ledger.balance(alice.workspace.wallet).available == 10_000_000
    kinds = [moved.kind for moved in ledger.transfers_of(one.reference)]
    assert kinds == ["hold", "capture", "refund"]


def test_a_retry_on_the_house_costs_its_customer_nothing(desk, alice):
    one = lives.failed(lives.ordered(alice))

    said = press(desk, one, "retry", paid_by="house")

    new = one.retries.get()
    assert new.public_id in said
    assert (new.gratis, new.quoted, new.prompt) == (True, 0, one.prompt)
    lives.delivered(new)
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)
    assert new.state == "succeeded"
    assert "ordered again before" in press(desk, one, "retry", paid_by="house")


def test_a_retry_on_the_house_may_fail_or_be_canceled_like_any_other(desk, alice):
    one = lives.failed(lives.ordered(alice))
    press(desk, one, "retry", paid_by="house")
    lives.failed(one.retries.get())

    press(desk, one, "retry", paid_by="house")
    desk.post(
        "/admin/generations/generation/",
        {"action": "cancel", "_selected_action": [str(one.retries.get(state="queued").pk)]},
    )

    assert sorted(one.retries.values_list("state", flat=True)) == ["canceled", "failed"]


def test_a_retry_may_be_paid_by_the_customer_at_no_more_than_before(desk, alice):
    one = lives.failed(lives.ordered(alice))

    press(desk, one, "retry", paid_by="customer")

    new = one.retries.get()
    assert (new.gratis, new.quoted, new.max_price) == (False, PRICE, PRICE)
    assert ledger.balance(alice.workspace.wallet).held == PRICE


def test_a_retry_that_its_customer_cannot_pay_says_so_and_orders_nothing(desk, alice):
    one = lives.failed(lives.ordered(alice))
    wallet = alice.workspace.wallet
    ledger.adjust(wallet=wallet, amount=-10_000_000, key="t", description="t", actor="t")

    assert "cannot be ordered again" in press(desk, one, "retry", paid_by="customer")
    assert not one.retries.exists()


def test_what_came_late_is_delivered_as_a_new_clip_at_no_price(desk, alice):
    one = lives.ordered(alice)
    late = given_up(one)
    job = late.job_id

    said = press(desk, one, "deliver")

    new = one.retries.get()
    assert new.public_id in said
    assert (new.state, new.quoted, new.provider) == ("storing", 0, late.provider)
    attempt = new.attempts.get()
    assert (attempt.job_id, attempt.result_url) == (job, "https://example.org/late.mp4")
    bring_home(new)
    one.refresh_from_db()
    assert (one.state, new.state, new.charged) == ("failed", "succeeded", 0)
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_nothing_is_delivered_late_that_no_provider_has_finished(desk, alice):
    one = lives.ordered(alice)
    given_up(one, late=False)

    assert "No provider has finished it" in press(desk, one, "deliver")
    assert "is being asked" in press(desk, one, "look")
    assert not one.retries.exists()


def test_what_waits_goes_to_another_provider_and_only_that(desk, alice):
    one = lives.ordered(alice)

    assert "waits for runware now" in press(desk, one, "reassign", provider="runware")
    assert "nobody cannot make it" in press(desk, one, "reassign", provider="nobody")

    one.refresh_from_db()
    assert [route["provider"] for route in one.routes] == ["runware"]
    lives.running(one)
    assert "Only what waits" in press(desk, one, "reassign", provider="runware")


def test_what_is_hidden_its_customer_does_not_see(desk, alice):
    one = lives.delivered(lives.ordered(alice))

    press(desk, one, "hide")

    assert not Generation.objects.for_workspace(alice.workspace).exists()
    assert "already" in press(desk, one, "hide")


def test_what_was_hidden_by_mistake_its_customer_sees_again(desk, alice):
    one = lives.delivered(lives.ordered(alice))
    press(desk, one, "hide")

    assert "sees it again" in press(desk, one, "unhide")
    assert "It is not hidden" in press(desk, one, "unhide")

    assert Generation.objects.for_workspace(alice.workspace).get() == one
    entries = AuditEntry.objects.filter(action="generation.unhide")
    assert [entry.data["reason"] for entry in entries] == ["Customer asked"]


def test_what_its_customer_has_deleted_nobody_brings_back(desk, alice):
    one = lives.delivered(lives.ordered(alice))
    orders.delete(generation=one)

    assert "It was deleted, and its file with it" in press(desk, one, "unhide")

    assert not Generation.objects.for_workspace(alice.workspace).exists()


def test_the_story_tells_who_of_the_staff_did_what_and_why(desk, sue, alice, settings):
    one = lives.delivered(lives.ordered(alice))
    press(desk, one, "hide", reason="It shows a real person")
    settings.STAFF_ALONE_LIMIT = PRICE - 1
    press(desk, one, "refund", reason="And it is blurred")
    address = f"/admin/generations/generation/{one.pk}/change/"

    page = desk.get(address).content.decode()

    for told in ("generation.hide", "It shows a real person", "by stella@staff.example"):
        assert told in page
    assert "generation.refund of 0.28 USD" in page
    assert f"/admin/accounts/proposal/{Proposal.objects.get().pk}/change/" in page
    looker = browser_of(a_member_of_staff("looker", "generations.view_generation"))
    assert "generation.refund of 0.28 USD" not in looker.get(address).content.decode()


def test_what_waits_for_a_second_person_stands_on_the_dashboard(desk, sue, dear):
    press(desk, dear, "refund", reason="It is blurred")

    waiting = browser_of(sue).get("/admin/").content.decode()
    decide(browser_of(sue))
    decided = browser_of(sue).get("/admin/").content.decode()

    for told in ("Waiting for a second person", "generation.refund", "$0.28", "It is blurred"):
        assert told in waiting
    assert "Waiting for a second person" not in decided


@pytest.mark.parametrize(
    ("verb", "stage"),
    [
        ("look", "delivered"),
        ("refund", "failed"),
        ("retry", "running"),
        ("deliver", "delivered"),
        ("reassign", "running"),
        ("hide", "running"),
        ("unhide", "delivered"),
    ],
)
def test_in_the_wrong_state_it_says_so_and_changes_nothing(desk, alice, verb, stage):
    one = lives.ordered(alice)
    getattr(lives, stage)(one)
    before = Generation.objects.values().get(pk=one.pk)

    assert press(desk, one, verb)

    assert Generation.objects.values().get(pk=one.pk) == before
    assert not one.retries.exists()
    assert not AuditEntry.objects.filter(action=f"generation.{verb}").exists()


def test_without_a_reason_nothing_is_done(desk, alice):
    one = lives.ordered(alice)

    assert "Say why" in press(desk, one, "refund", reason=" ")
    one.refresh_from_db()
    assert one.state == "queued"


@pytest.mark.parametrize("verb", ACTS)
def test_each_act_takes_its_permission(alice, verb):
    looker = browser_of(a_member_of_staff("looker", "generations.view_generation"))
    one = lives.ordered(alice)

    assert f"it takes {ACTS[verb].permission}" in press(looker, one, verb)
    one.refresh_from_db()
    assert one.state == "queued"


def test_every_act_is_written_down_with_who_and_why(desk, alice):
    one = lives.ordered(alice)

    press(desk, one, "refund", reason="Wrong prompt")

    entry = AuditEntry.objects.get(action="generation.refund")
    assert (entry.actor, entry.subject) == ("stella@staff.example", one.public_id)
    assert entry.workspace == alice.workspace
    assert entry.data["reason"] == "Wrong prompt"


@pytest.fixture
def dear(alice, settings) -> Generation:
    settings.STAFF_ALONE_LIMIT = PRICE - 1
    return lives.delivered(lives.ordered(alice))


def decide(browser, decision="approve"):
    proposal = Proposal.objects.latest("created_at")
    answer = browser.post(f"/admin/accounts/proposal/{proposal.pk}/decide", {"decision": decision})
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_above_the_limit_a_second_person_decides(desk, sue, alice, dear):
    assert "second member of staff" in press(desk, dear, "refund")
    assert "proposed already" in press(desk, dear, "refund")
    assert "somebody else has to approve" in decide(desk)
    dear.refresh_from_db()
    assert dear.refunded == 0

    assert "Refunded 0.28" in decide(browser_of(sue))
    assert "decided it meanwhile" in decide(browser_of(sue))

    dear.refresh_from_db()
    assert money.usd(dear.refunded) == "0.28"
    actions = set(AuditEntry.objects.values_list("actor", "action"))
    assert ("stella@staff.example", "generation.refund.proposed") in actions
    assert ("sue@staff.example", "generation.refund.approved") in actions


def test_a_large_deposit_waits_for_a_second_person_too(desk, sue, alice):
    address = f"/admin/billing/wallet/{alice.workspace.pk}/deposit/"
    entered = {"amount": "50.01", "reason": "Goodwill", "key": "k"}
    assert desk.post(address, entered).status_code == 302
    assert ledger.balance(alice.workspace.wallet).available == 10_000_000

    assert "takes billing.change_wallet" in decide(browser_of(sue))
    boss = a_member_of_staff("boss", "billing.change_wallet", "accounts.view_proposal")
    assert "Deposited 50.01" in decide(browser_of(boss))

    assert ledger.balance(alice.workspace.wallet).available == 60_010_000


def test_the_second_person_may_refuse(desk, sue, dear):
    press(desk, dear, "refund")

    assert decide(browser_of(sue), "refuse") == "Refused."
    assert "decided it meanwhile" in decide(browser_of(sue))

    dear.refresh_from_db()
    assert dear.refunded == 0


def test_who_may_not_do_it_may_not_approve_it_either(desk, dear):
    press(desk, dear, "refund")
    other = browser_of(a_member_of_staff("other", "accounts.view_proposal"))

    assert "You may not decide this" in decide(other)


def test_a_proposal_that_is_not_possible_any_more_changes_nothing(desk, sue, dear, settings):
    press(desk, dear, "refund")
    settings.STAFF_ALONE_LIMIT = PRICE
    press(desk, dear, "refund")

    assert "Nothing is left to refund" in decide(browser_of(sue))
    assert Proposal.objects.get().state == "open"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("verb", "stage"), [("refund", "running"), ("refund", "delivered"), ("retry", "failed")]
)
def test_of_two_members_of_staff_one_wins_and_the_other_is_told(alice, stella, verb, stage):
    one = lives.ordered(alice)
    getattr(lives, stage)(one)
    wish = Wish(by=stella, reason="At once", gratis=True)

    def at_once(_):
        try:
            return doing.do(verb, id=one.pk, wish=wish)
        except NotPossible:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(at_once, range(4)))

    assert sum(one is not None for one in said) == 1
    assert AuditEntry.objects.count() == 1
    one.refresh_from_db()
    assert one.state in (State.FAILED, State.SUCCEEDED)
