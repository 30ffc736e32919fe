"""Support looks as a customer: everything is seen, nothing is changed, all is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.html import escape

from accounts import impersonation
from accounts.models import AuditEntry, Membership, User
from billing import ledger
from generations.models import Generation
from tests.api.tools import API, WORDS
from tests.factories import a_workspace
from tests.operations.conftest import a_member_of_staff, browser_of, in_role
from tests.routes import routes
from tests.site import lives
from tests.site.forms import HTMX, order_form

pytestmark = [pytest.mark.usefixtures("audited"), pytest.mark.slow]
BANNER = 'class="looking"'


@pytest.fixture
def support(db):
    return browser_of(in_role("support"))


@pytest.fixture
def looking(support, alice):
    """Support, looking as Alice."""
    answer = look_as(support, alice)
    assert (answer.status_code, answer["Location"]) == (302, "/studio")
    return support


def look_as(browser, member, reason="Ticket 4711: their clip is missing"):
    wish = {"reason": reason, "workspace": str(member.workspace.pk)}
    return browser.post(f"/admin/accounts/user/{member.user.pk}/look-as/", wish)


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def audited_acts() -> list[str]:
    rows = AuditEntry.objects.filter(action__startswith="impersonation.").order_by("id")
    return [f"{one.action} {one.data.get('page', '')}".strip() for one in rows]


def test_support_sees_what_the_customer_sees_under_a_banner(looking, alice):
    clip = lives.delivered(lives.ordered(alice, prompt="A paper boat"))

    page = looking.get("/library").content.decode()

    assert clip.public_id in page
    assert "You are looking as alice@example.org" in page
    assert "/admin/accounts/user/impersonation/stop" in page


@pytest.mark.parametrize(
    "page", ["/studio", "/library", "/wallet", "/wallet/limits", "/account", "/"]
)
def test_the_banner_stands_on_every_page(looking, page):
    answer = looking.get(page)

    assert answer.status_code == 200
    assert "You are looking as alice@example.org" in answer.content.decode()


def test_begin_end_and_each_kind_of_page_are_written_down(looking, alice, support):
    for page in ("/library", "/wallet", "/library"):
        looking.get(page)
    answer = looking.post("/admin/accounts/user/impersonation/stop")

    assert answer["Location"] == f"/admin/accounts/user/{alice.user.pk}/change/"
    assert audited_acts() == [
        "impersonation.began",
        "impersonation.looked library",
        "impersonation.looked wallet",
        "impersonation.ended",
    ]
    began = AuditEntry.objects.get(action="impersonation.began")
    assert (began.actor, began.subject) == ("support@staff.example", alice.user.public_id)
    assert (began.workspace, began.data["reason"]) == (
        alice.workspace, "Ticket 4711: their clip is missing",
    )  # fmt: skip
    assert BANNER not in support.get("/").content.decode()


def test_without_a_reason_nobody_looks(support, alice):
    assert look_as(support, alice, reason=" ").status_code == 200

    assert BANNER not in support.get("/").content.decode()


def test_no_order_no_money_and_no_key_is_possible(looking, alice):
    form = order_form(browser_of(alice.user))
    posts = {
        "/studio": form,
        "/wallet/top-up": {"amount": "25"},
        "/wallet/automatic": {},
        "/wallet/code": {"code": "SPRING"},
        "/wallet/limits": {},
        "/wallet/cards": {},
        "/keys": {"name": "mine"},
        "/account": {"name": "Mallory"},
        "/workspace": {},
        "/library/marked": {},
        "/accounts/logout/": {},
        "/accounts/password/change/": {},
    }

    for address, body in posts.items():
        answer = looking.post(address, body)
        assert answer.status_code == 403, address
        assert "nothing can be changed" in answer.content.decode(), address

    assert not Generation.objects.exists()
    assert not alice.workspace.api_keys.exists()
    assert User.objects.get(pk=alice.user.pk).name == ""
    assert ledger.balance(alice.workspace.wallet) == ledger.Balance(10_000_000, 0)


def test_every_unsafe_method_at_every_page_is_refused(looking):
    own = tuple(one.lstrip("/") for one in ("/admin/", "/api/", "/v1/", "/webhooks/", "/files/"))
    for route in routes():
        if route.path.startswith((*own, "s/", "healthz", "readyz", "metrics")):
            continue
        address = route.at("1").replace("^", "").replace("$", "")
        for method in ("post", "put", "patch", "delete"):
            assert getattr(looking, method)(address).status_code == 403, (method, address)


def test_pages_with_secrets_and_pages_nobody_thought_of_stay_closed(looking):
    shown = set()
    for route in routes():
        if route.path.startswith(("admin/", "api/", "v1/", "webhooks/", "files/", "s/")):
            continue
        if route.path in ("healthz", "readyz", "metrics"):
            continue
        answer = looking.get(route.at("1").replace("^", "").replace("$", ""))
        if answer.status_code not in (403, 404):
            shown.add(route.name)

    assert shown <= impersonation.PAGES
    assert "mfa_view_recovery_codes" not in shown
    assert "one-top-up" not in shown  # it asks Stripe, and may credit


def test_a_part_of_a_page_is_refused_in_plain_words(looking):
    answer = looking.post("/studio", {}, **HTMX)

    assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "nothing can be changed" in answer.content.decode()


def test_api_keys_are_not_affected(looking, alice):
    api = API(alice)
    api.client = looking

    assert api.post("/generations", WORDS).status_code == 202


def test_it_ends_by_itself_after_half_an_hour(looking, alice, support):
    clock_is(looking, timezone.now() - timedelta(seconds=1))

    answer = looking.post("/studio", order_form(browser_of(alice.user)))

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert "Half an hour is over" in said(answer)
    assert audited_acts()[-1] == "impersonation.ended"
    assert not Generation.objects.exists()
    assert BANNER not in support.get("/").content.decode()


def test_it_lasts_half_an_hour(support, alice):
    look_as(support, alice)

    until = support.session[impersonation.SESSION_KEY]["until"]
    left = datetime.fromisoformat(until) - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


def clock_is(browser, until) -> None:
    """The half hour of this session ends then."""
    session = browser.session
    session[impersonation.SESSION_KEY]["until"] = until.isoformat()
    session.save()


def test_a_fragment_leads_the_whole_page_away_when_it_is_over(looking):
    clock_is(looking, timezone.now())

    answer = looking.get("/studio/price", **HTMX)

    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/admin/")


@pytest.mark.parametrize("who", ["stella", "another"])
def test_nobody_looks_as_staff(support, stella, who):
    person = stella if who == "stella" else a_member_of_staff("another")
    workspace = a_workspace(owner=person)
    member = Membership.objects.get(workspace=workspace, user=person)

    assert "nobody looks as a member of staff" in said(look_as(support, member))
    assert BANNER not in support.get("/").content.decode()


def test_who_becomes_staff_meanwhile_is_looked_at_no_more(looking, alice):
    User.objects.filter(pk=alice.user.pk).update(is_staff=True)

    assert "Nobody can look as this person" in said(looking.get("/studio"))


def test_who_loses_the_permission_meanwhile_looks_no_more(looking):
    person = User.objects.get(email="support@staff.example")
    person.groups.clear()

    assert "may not look as others" in said(looking.get("/studio"))
    assert looking.get("/library").status_code == 403  # they are in no workspace of their own


def test_who_is_in_no_workspace_has_nothing_to_be_seen(support, alice):
    alice.delete()

    answer = support.get(f"/admin/accounts/user/{alice.user.pk}/look-as/")

    assert answer.headers["Location"] == f"/admin/accounts/user/{alice.user.pk}/change/"
    assert "They are in no workspace" in said(answer)


def test_nobody_looks_as_somebody_suspended(support, alice):
    User.objects.filter(pk=alice.user.pk).update(is_active=False)

    assert "They are suspended" in said(look_as(support, alice))


def test_one_looks_as_one_person_at_a_time(looking, charlie):
    assert "stop that first" in said(look_as(looking, charlie))

    assert "looking as alice@example.org" in looking.get("/studio").content.decode()


def test_the_workspace_can_be_chosen_and_only_among_theirs(support, alice, charlie):
    Membership.objects.create(workspace=charlie.workspace, user=alice.user)
    member = Membership.objects.get(workspace=charlie.workspace, user=alice.user)
    stranger = Membership(user=alice.user, workspace=a_workspace())

    assert look_as(support, stranger).status_code == 200  # the form again
    look_as(support, member)

    assert escape(f"“{charlie.workspace}”") in support.get("/studio").content.decode()


def test_the_admin_stays_their_own(looking):
    page = looking.get("/admin/accounts/user/")

    assert page.status_code == 200
    assert page.wsgi_request.user.email == "support@staff.example"


def test_logging_out_in_the_admin_ends_it(looking, alice):
    looking.post("/admin/logout/")

    assert audited_acts()[-1] == "impersonation.ended"
    assert not Session.objects.filter(session_data__contains="impersonation").exists()


def test_stopping_what_never_began_says_so(support):
    assert "looking as nobody" in said(support.post("/admin/accounts/user/impersonation/stop"))


def test_the_customers_own_session_is_untouched(looking, alice):
    own = browser_of(alice.user)

    assert BANNER not in own.get("/studio").content.decode()
    assert own.post("/account", {"name": "Alice"}).status_code == 302
