"""What staff do about payments in admin."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Proposal
from accounts.proposals import NotPossible
from billing.models import PromotionCode, StripeEvent
from billing.payments import events
from tests.billing.payments.conftest import post, told
from tests.factories import a_user


@pytest.fixture
def staff(db):
    client = Client()
    client.force_login(a_user("staff@reelay.example", is_staff=True, is_superuser=True))
    return client


def page(top_up, what: str) -> str:
    return f"/admin/billing/topup/{top_up.pk}/{what}/"


def test_a_refund_goes_to_the_card_and_is_clawed_back_once(shopper, house, staff):
    top_up = shopper.paid("25")
    form = {"amount": "10.00", "reason": "asked for it", "key": "k1"}

    first = staff.post(page(top_up, "refund"), form, follow=True)
    staff.post(page(top_up, "refund"), form)
    told(house)

    assert "Refunded 10.00 USD" in first.content.decode()
    assert house.counters()["amount_refunded"] == 1000
    assert shopper.balance == ("15.00", "0.00", "0.00")


@pytest.mark.parametrize("amount", ["25.01", "0", "-1", "0.005", "ten"])
def test_more_than_it_brought_or_no_amount_is_not_refunded(shopper, house, staff, amount):
    top_up = shopper.paid("25")

    answer = staff.post(page(top_up, "refund"), {"amount": amount, "reason": "x", "key": "k"})

    assert answer.status_code == 200
    assert house.counters()["refunds"] == 0
    assert shopper.balance[0] == "25.00"


def test_one_that_was_not_paid_has_nothing_to_refund(shopper, staff):
    top_up = shopper.wants()

    answer = staff.get(page(top_up, "refund"), follow=True)

    assert "nothing to refund" in answer.content.decode()


def test_staff_ask_stripe_about_one_that_hangs(shopper, staff):
    top_up = shopper.wants()
    shopper.pays(top_up)

    answer = staff.get(page(top_up, "look"), follow=True)

    assert "It is paid" in answer.content.decode()
    assert shopper.balance[0] == "25.00"


@pytest.mark.parametrize("name", ["topup", "stripeevent", "payer", "spendlimit", "cost"])
def test_the_lists_open(shopper, staff, name):
    shopper.paid("25", save_card="on")

    assert staff.get(f"/admin/billing/{name}/").status_code == 200


def test_staff_make_a_code_in_dollars(staff):
    form = {"code": " spring ", "amount": "2.50", "most_uses": "3", "active": "on", "note": "",
            "starts_at_0": "", "starts_at_1": "", "expires_at_0": "", "expires_at_1": "",
            "redemptions-TOTAL_FORMS": "0", "redemptions-INITIAL_FORMS": "0"}  # fmt: skip

    answer = staff.post("/admin/billing/promotioncode/add/", form)

    assert answer.status_code == 302, answer.content.decode()
    made = PromotionCode.objects.get()
    assert (made.code, made.amount) == ("SPRING", 2_500_000)


@pytest.fixture
def second(db):
    """Another member of staff."""
    client = Client()
    client.force_login(a_user("second@reelay.example", is_staff=True, is_superuser=True))
    return client


def decide(browser, decision="approve") -> str:
    proposal = Proposal.objects.latest("created_at")
    answer = browser.post(f"/admin/accounts/proposal/{proposal.pk}/decide", {"decision": decision})
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_refund_above_the_limit_waits_for_a_second_person(shopper, house, staff, second):
    top_up = shopper.paid("100")
    form = {"amount": "60.00", "reason": "asked for it", "key": "k1"}

    first = staff.post(page(top_up, "refund"), form, follow=True)

    assert "second member of staff" in first.content.decode()
    assert "somebody else has to approve" in decide(staff)
    assert house.counters()["refunds"] == 0

    assert "Refunded 60.00 USD" in decide(second)
    assert "decided it meanwhile" in decide(second)
    told(house)

    assert house.counters()["amount_refunded"] == 6000
    assert shopper.balance == ("40.00", "0.00", "0.00")
    actions = set(AuditEntry.objects.values_list("actor", "action"))
    assert ("staff@reelay.example", "top_up.refund.proposed") in actions
    assert ("second@reelay.example", "top_up.refund.approved") in actions


def test_a_refund_that_stripe_refuses_stays_open(shopper, house, staff, second):
    top_up = shopper.paid("100")
    wish = {"amount": "60.00", "reason": "x", "key": "k1"}
    staff.post(page(top_up, "refund"), wish)
    staff.post(page(top_up, "refund"), {"amount": "50.00", "reason": "x", "key": "k2"})

    assert "refused" in decide(second)  # less is left than that

    assert Proposal.objects.get().state == "open"
    told(house)
    assert shopper.balance[0] == "50.00"


def test_one_that_was_approved_as_its_process_died_can_be_done_once_more(
    shopper, house, staff, second
):
    top_up = shopper.paid("100")
    staff.post(page(top_up, "refund"), {"amount": "60.00", "reason": "x", "key": "k1"})
    decide(second)
    Proposal.objects.update(outcome="")  # nobody noted that it was done
    one = Proposal.objects.get()

    assert "Do it now" in second.get(f"/admin/accounts/proposal/{one.pk}/change/").content.decode()
    assert "Refunded 60.00 USD" in decide(second)
    told(house)

    assert house.counters()["amount_refunded"] == 6000
    assert shopper.balance[0] == "40.00"


def test_processing_an_event_again_is_harmless(shopper, house, staff):
    shopper.paid("25")
    before = shopper.moves

    for event in StripeEvent.objects.all():
        address = f"/admin/billing/stripeevent/{event.pk}/replay/"
        answer = staff.post(address, {"reason": "A customer asked"}, follow=True)
        assert "It is " in answer.content.decode()

    assert shopper.moves == before
    assert shopper.balance == ("25.00", "0.00", "0.00")
    assert AuditEntry.objects.filter(action="stripe_event.replayed").exists()


def test_the_button_on_an_events_page_leads_to_its_form(shopper, house, staff):
    """Stripe's ids hold a line, which the admin writes as _5F in addresses."""
    shopper.paid("25")
    event = StripeEvent.objects.first()
    listed = staff.get("/admin/billing/stripeevent/", {"q": event.pk}).content.decode()
    page = re.search(r'href="(/admin/billing/stripeevent/[^"?]+/change/)', listed)[1]
    button = re.search(r'href="([^"]+/replay/)"', staff.get(page).content.decode())[1]

    form = staff.get(button)
    answer = staff.post(button, {"reason": "A customer asked"})

    assert form.status_code == 200
    assert answer.headers["Location"] == page
    assert AuditEntry.objects.get(action="stripe_event.replayed").subject == event.pk


def test_one_that_was_given_up_is_processed_by_hand(shopper, house, staff):
    top_up = shopper.wants()
    shopper.pays(top_up)
    for event in house.events():
        post(event)
    given_up = StripeEvent.objects.filter(type="checkout.session.completed")
    given_up.update(state="refused", tries=100, due_at=None, note="Stripe did not answer")

    chosen = {"action": "replay_chosen", "_selected_action": [given_up.get().pk]}
    answer = staff.post("/admin/billing/stripeevent/", chosen, follow=True)

    assert "It is processed: credited" in answer.content.decode()
    assert shopper.balance[0] == "25.00"


def test_what_failed_stands_first(shopper, house, staff):
    shopper.paid("25")
    last = StripeEvent.objects.order_by("received_at").first()
    StripeEvent.objects.filter(pk=last.pk).update(state="refused")

    rows = staff.get("/admin/billing/stripeevent/").context["cl"].result_list

    assert rows[0] == last


def test_who_is_slower_with_an_event_is_told(shopper, house, staff):
    shopper.paid("25")
    event = StripeEvent.objects.filter(state="processed").first()
    by = a_user("slow@reelay.example", is_staff=True)
    StripeEvent.objects.filter(pk=event.pk).update(state="received", due_at=timezone.now())

    with pytest.raises(NotPossible, match="being processed already"):
        events.replay(event, by=by, reason="x", now=timezone.now())
