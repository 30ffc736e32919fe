"""A workspace or a person is shut out: at once, in words, and nothing is lost by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import suspension
from accounts.models import AuditEntry, User, Workspace
from accounts.proposals import NotPossible
from billing import ledger
from billing.models import Payer
from billing.payments import automatic
from generations.loops import dispatch
from generations.models import Generation
from tests.api.tools import API, problem
from tests.operations.conftest import a_member_of_staff, browser_of, in_role
from tests.operations.test_acts import bring_home
from tests.site import lives
from tests.site.forms import HTMX, order_form

pytestmark = pytest.mark.usefixtures("audited")


@pytest.fixture
def operator(db) -> Client:
    return browser_of(in_role("operator"))


def press(browser, row, what: str, reason: str = "Stolen card") -> str:
    """Fill in the form of its page; what is then said."""
    address = f"/admin/accounts/{row._meta.model_name}/{row.pk}/{what}/"
    answer = browser.post(address, {"reason": reason})
    assert answer.status_code == 302, answer.content.decode()
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_suspended_workspace_orders_nothing_and_says_so_everywhere(operator, alice, settings):
    settings.SUPPORT_EMAIL = "help@reelay.example"
    site, api = browser_of(alice.user), API(alice)
    form = order_form(site)

    assert "is suspended" in press(operator, alice.workspace, "suspend")

    refused = problem(api.get("/me"), 401, "unauthorized")["detail"]
    assert "suspended" in refused
    assert "help@reelay.example" in refused
    page = site.get("/studio").content.decode()
    assert "This workspace is suspended" in page
    assert "mailto:help@reelay.example" in page
    answer = site.post("/studio", form)
    assert answer.status_code == 403
    assert "help@reelay.example" in answer.content.decode()
    assert site.post("/wallet/top-up", {"amount": "25"}).status_code == 403
    assert not Generation.objects.exists()


def test_resumed_it_orders_again(operator, alice):
    site, api = browser_of(alice.user), API(alice)
    press(operator, alice.workspace, "suspend")

    assert "may order again" in press(operator, alice.workspace, "resume", "It was a mistake")

    assert api.get("/me").status_code == 200
    assert site.post("/studio", order_form(site), **HTMX).status_code == 200
    actions = AuditEntry.objects.order_by("id").values_list("action", "data__reason")
    assert ("workspace.suspended", "Stolen card") in actions
    assert ("workspace.resumed", "It was a mistake") in actions


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_canceled_with_its_money_back_and_what_runs_is_finished(operator, alice):
    running, waiting = lives.ordered(alice), lives.ordered(alice)
    lives.storing(running)
    press(operator, alice.workspace, "suspend")

    begun, ended = dispatch.hand_out(blocking=False, limit=10)

    assert (begun, ended) == ([], 1)
    waiting.refresh_from_db()
    assert waiting.state == "canceled"
    assert "suspended" in waiting.events.latest("id").message
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(9_720_000, 280_000)
    bring_home(running)
    assert (running.state, running.charged) == ("succeeded", 280_000)
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(9_720_000, 0)


@pytest.mark.django_db(transaction=True)
def test_an_order_that_slips_in_at_the_same_moment_is_canceled_too(operator, alice):
    press(operator, alice.workspace, "suspend")
    late = lives.ordered(alice)  # its request was let in a moment before

    dispatch.hand_out(blocking=False, limit=10)

    late.refresh_from_db()
    assert late.state == "canceled"
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_its_card_is_not_charged_by_itself(operator, alice):
    Payer.objects.create(workspace=alice.workspace, card="pm_1", auto=True, threshold=50_000_000)
    assert len(automatic.due(now=timezone.now())) == 1

    press(operator, alice.workspace, "suspend")

    assert automatic.due(now=timezone.now()) == []


def test_a_suspended_person_is_logged_out_for_good_and_told(operator, alice, bob):
    before, api = browser_of(bob.user), API(bob)
    assert before.get("/studio").status_code == 200

    assert "sessions have ended" in press(operator, bob.user, "suspend")

    assert before.get("/studio").status_code == 302
    assert "suspended" in problem(api.get("/me"), 401, "unauthorized")["detail"]
    assert browser_of(alice.user).get("/studio").status_code == 200  # her colleague goes on

    press(operator, bob.user, "resume")
    assert before.get("/studio").status_code == 302  # the session from before stays closed
    assert browser_of(User.objects.get(pk=bob.user.pk)).get("/studio").status_code == 200
    assert api.get("/me").status_code == 200


def test_somebody_suspended_who_logs_in_reads_whom_to_write_to(operator, bob, settings):
    settings.SUPPORT_EMAIL = "help@reelay.example"
    bob.user.set_password("rain on a tin roof")
    bob.user.save()
    press(operator, bob.user, "suspend")

    typed = {"login": bob.user.email, "password": "rain on a tin roof"}
    page = Client().post("/accounts/login/", typed, follow=True).content.decode()

    assert "This account is suspended" in page
    assert "help@reelay.example" in page


@pytest.mark.parametrize("what", ["workspace", "user"])
def test_in_the_wrong_state_it_says_so_and_changes_nothing(operator, alice, what):
    row = getattr(alice, what)

    assert "not suspended" in press(operator, row, "resume")
    press(operator, row, "suspend")
    row.refresh_from_db()
    since = row.suspended_at
    assert "suspended already" in press(operator, row, "suspend")

    row.refresh_from_db()
    assert row.suspended_at == since
    assert AuditEntry.objects.filter(action__endswith=".suspended").count() == 1


def test_without_a_reason_nothing_happens(operator, alice):
    address = f"/admin/accounts/workspace/{alice.workspace.pk}/suspend/"

    assert operator.post(address, {"reason": " "}).status_code == 200

    assert Workspace.objects.get(pk=alice.workspace.pk).suspended_at is None


def test_nobody_suspends_themselves_and_only_an_owner_suspends_staff(stella, db):
    operator = in_role("operator")

    assert "cannot suspend yourself" in press(browser_of(operator), operator, "suspend")
    assert "They are staff" in press(browser_of(operator), stella, "suspend")
    assert "is suspended" in press(browser_of(in_role("owner")), operator, "suspend")


def test_staff_that_are_suspended_are_out_of_the_admin_at_once(desk, operator):
    person = User.objects.get(email="operator@staff.example")

    press(desk, person, "suspend")

    assert operator.get("/admin/").status_code == 302


def test_the_page_offers_only_what_is_possible(operator, alice):
    page = f"/admin/accounts/workspace/{alice.workspace.pk}"
    assert f"{page}/suspend/" in operator.get(f"{page}/change/").content.decode()

    press(operator, alice.workspace, "suspend")

    shown = operator.get(f"{page}/change/").content.decode()
    assert f"{page}/resume/" in shown
    assert f"{page}/suspend/" not in shown


def test_it_takes_the_permission(alice):
    looker = browser_of(a_member_of_staff("looker", "accounts.view_workspace"))
    address = f"/admin/accounts/workspace/{alice.workspace.pk}/suspend/"

    assert looker.get(address).status_code == 403
    assert looker.post(address, {"reason": "x"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_members_of_staff_one_wins_and_the_other_is_told(alice, stella):
    def at_once(_):
        try:
            return suspension.suspend_workspace(
                workspace=alice.workspace, by=stella, reason="x", now=timezone.now()
            )
        except NotPossible:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(at_once, range(4)))

    assert sum(one is not None for one in said) == 1
    assert AuditEntry.objects.filter(action="workspace.suspended").count() == 1
