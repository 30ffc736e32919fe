"""The Webhooks console: endpoints added, looked after and removed, deliveries sent again."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import events, letters
from accounts.models import AuditEntry, Role, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import deliveries, endpoints, secrets
from tests.factories import a_member
from tests.site.conftest import browser_of
from tests.site.forms import HTMX, typed
from tests.site.proving import PASSWORD, with_password

SECRET = re.compile(r"whsec_[0-9A-Za-z+/]{43}=")
URL = "https://customer.example/hooks"


@pytest.fixture
def endpoint(alice) -> WebhookEndpoint:
    return endpoints.create(alice.workspace, url=URL, description="Render queue").endpoint


@pytest.fixture
def at(endpoint) -> str:
    return f"/webhooks/endpoints/{endpoint.public_id}"


@pytest.fixture
def delivery(endpoint) -> WebhookDelivery:
    return deliveries.ping(endpoint)


@pytest.fixture
def admins_browser(alice) -> Client:
    return browser_of(a_member(alice.workspace, Role.ADMIN))


def new_form(browser: Client, **changes: object) -> dict[str, object]:
    return typed(browser.get("/webhooks"), "add") | {"url": URL} | changes


def answered(delivery: WebhookDelivery, status: int | None, *, state: str, **entry: object) -> None:
    """As if it had been tried once."""
    at = "2026-11-30T09:00:00.000Z"
    log = [{"at": at, "status": status, "ms": 87, "error": None, "body": None, **entry}]
    when = timezone.now() if state == "delivered" else None
    due = timezone.now() + timedelta(hours=2) if state == "pending" else None
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=state, log=log, tries=1, due_at=due, delivered_at=when
    )


# Adding one


def test_without_endpoints_the_page_says_what_they_are_for(browser):
    assert "Nobody is told yet" in browser.get("/webhooks").content.decode()


def test_an_endpoint_is_added_and_its_secret_is_shown_once(browser, alice):
    form = new_form(browser, events=["generation.succeeded"], description="CI")

    answer = browser.post("/webhooks", form)

    one = WebhookEndpoint.objects.get()
    assert (one.url, one.events, one.description) == (URL, ["generation.succeeded"], "CI")
    assert SECRET.search(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert not SECRET.search(browser.get("/webhooks").content.decode())
    entry = AuditEntry.objects.get(action="webhook_endpoint.created")
    assert (entry.actor, entry.subject) == (alice.user.public_id, one.public_id)
    assert entry.address == "127.0.0.1"


def test_a_form_sent_twice_adds_one_and_does_not_show_the_secret_again(browser):
    form = new_form(browser)
    browser.post("/webhooks", form)
    again = browser.post("/webhooks", form).content.decode()
    assert WebhookEndpoint.objects.count() == 1
    assert not SECRET.search(again)
    assert "done a moment ago" in again


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "http://customer.example/hook"}, "must begin with https://"),
        ({"url": "https://127.0.0.1/hook"}, "not a public address"),
        ({"url": "https://user:word@customer.example/"}, "user name or a password"),
        ({"url": "nonsense"}, "not a complete address"),
        ({"url": "https://customer.example/" + "x" * 2048}, "at most 2048 characters"),
        ({"description": "x" * 201}, "at most 200 characters"),
        ({"events": ["generation.exploded"]}, "Select a valid choice"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_cannot_be_meant_is_refused_at_its_field_and_nothing_typed_is_lost(
    browser, change, said
):
    form = new_form(browser, description="My render queue") | change

    answer = browser.post("/webhooks", form)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="id_{next(iter(change))}_error"' in page
    assert said in page
    kept = typed(answer, "add")
    assert (kept["url"], kept["description"]) == (form["url"], form["description"])
    assert kept["once"] == form["once"]
    assert not WebhookEndpoint.objects.exists()


def test_without_an_address_it_is_asked_for(browser):
    answer = browser.post("/webhooks", new_form(browser, url=" "))
    assert answer.status_code == 422
    assert "Give the address that we send to" in answer.content.decode()


def test_what_was_refused_can_be_put_right_in_the_same_form(browser):
    refused = browser.post("/webhooks", new_form(browser, url="https://10.0.0.7/"))
    browser.post("/webhooks", typed(refused, "add") | {"url": URL})
    assert WebhookEndpoint.objects.get().url == URL


def test_twenty_are_enough(browser, alice):
    for number in range(20):
        endpoints.create(alice.workspace, url=f"{URL}/{number}")
    answer = browser.post("/webhooks", new_form(browser))
    assert answer.status_code == 422
    assert "at most 20 endpoints" in answer.content.decode()


# The list


def test_the_list_says_how_each_is(browser, alice, endpoint, delivery):
    answered(delivery, 200, state="delivered")
    failing = endpoints.create(alice.workspace, url=f"{URL}/failing").endpoint
    WebhookEndpoint.objects.filter(pk=failing.pk).update(failing_since=timezone.now())
    off = endpoints.create(alice.workspace, url=f"{URL}/off").endpoint
    endpoints.change(off, enabled=False)
    gone = endpoints.create(alice.workspace, url=f"{URL}/gone").endpoint
    endpoints.give_up(gone.pk, "It answered that it is gone (410).")

    page = browser.get("/webhooks").content.decode()

    assert page.count('mark--good">on<') == 1
    assert "on, but failing" in page
    assert 'mark--off">off<' in page
    assert "switched off by us" in page
    assert "It answered that it is gone (410)." in page
    assert page.count("none yet") == 3


def test_the_list_takes_as_many_queries_for_twenty_as_for_one(browser, alice, endpoint, delivery):
    browser.get("/webhooks")  # the first visit of a session remembers where it is
    with CaptureQueriesContext(connection) as one:
        browser.get("/webhooks")
    for number in range(19):
        deliveries.ping(endpoints.create(alice.workspace, url=f"{URL}/{number}").endpoint)
    with CaptureQueriesContext(connection) as twenty:
        browser.get("/webhooks")
    assert len(twenty) == len(one)


# Looking after one


def test_its_address_and_events_can_be_changed(browser, alice, endpoint, at):
    form = typed(browser.get(at), "change")
    assert (form["url"], form["description"]) == (URL, "Render queue")

    page = browser.post(at, form | {"url": f"{URL}/2", "events": ["wallet.low"]}, follow=True)

    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == (f"{URL}/2", ["wallet.low"])
    assert "Saved." in page.content.decode()
    entry = AuditEntry.objects.get(action="webhook_endpoint.changed")
    assert (entry.actor, entry.data["fields"]) == (
        alice.user.public_id,
        ["description", "events", "url"],
    )


def test_a_change_to_where_nothing_may_be_sent_is_refused_at_its_field(browser, endpoint, at):
    answer = browser.post(at, {"url": "https://169.254.169.254/", "description": "Typed"})
    endpoint.refresh_from_db()
    assert answer.status_code == 422
    assert "not a public address" in answer.content.decode()
    assert typed(answer, "change")["description"] == "Typed"
    assert endpoint.url == URL


def test_it_is_switched_off_and_on_again(browser, endpoint, at, delivery):
    assert "What waited for it is not sent" in switched(browser, at, "off")
    delivery.refresh_from_db()
    assert delivery.state == "failed"

    assert "It is on" in switched(browser, at, "on")
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


def switched(browser: Client, at: str, to: str) -> str:
    return browser.post(f"{at}/switch", {"to": to}, follow=True).content.decode()


def test_one_that_was_given_up_says_why_and_is_switched_on_after_all(browser, endpoint, at):
    endpoints.give_up(endpoint.pk, "Nothing could be delivered to it for five days.")
    page = browser.get(at).content.decode()
    assert "We stopped sending here. Nothing could be delivered to it for five days." in page
    assert "Send all it missed" not in page

    assert "Send all it missed" in switched(browser, at, "on")


def test_rotating_shows_another_secret_once_and_the_old_one_signs_for_a_day(browser, at, endpoint):
    form = typed(browser.get(at), "rotate")

    page = browser.post(f"{at}/rotate", form).content.decode()
    again = browser.post(f"{at}/rotate", form).content.decode()

    assert SECRET.search(page)
    assert "The one before signs, too, until" in page
    assert not SECRET.search(again)
    assert "done a moment ago" in again
    endpoint.refresh_from_db()
    left = endpoint.previous_until - timezone.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert AuditEntry.objects.filter(action="webhook_endpoint.rotated").count() == 1


def test_a_rotation_without_its_form_changes_nothing(browser, endpoint, at):
    assert browser.post(f"{at}/rotate", {"once": "x"}).status_code == 302
    assert not AuditEntry.objects.filter(action="webhook_endpoint.rotated").exists()


def test_removed_it_is_gone(browser, endpoint, at):
    page = browser.post(f"{at}/remove", follow=True).content.decode()
    assert "Nothing is sent to https://customer.example/hooks any more" in page
    assert "Nobody is told yet" in page
    assert browser.get(at).status_code == 404


# Pings


def test_a_ping_says_in_place_that_it_is_on_its_way_and_then_what_came(browser, at):
    sent = browser.post(f"{at}/ping", **HTMX).content.decode()
    assert "on its way" in sent
    poll = re.search(r'hx-get="([^"]+)"', sent)[1]
    assert "HX-Trigger" not in browser.get(poll, **HTMX)

    answered(WebhookDelivery.objects.get(), 200, state="delivered", body="<b>thanks</b>")
    said = browser.get(poll, **HTMX)

    assert "It answered 200 in 87 ms" in said.content.decode()
    assert "&lt;b&gt;thanks&lt;/b&gt;" in said.content.decode()
    assert "hx-get" not in said.content.decode()
    assert said["HX-Trigger"] == "log"


def test_a_ping_that_nobody_answers_says_why(browser, at):
    sent = browser.post(f"{at}/ping", **HTMX).content.decode()
    answered(WebhookDelivery.objects.get(), None, state="failed", error="Nobody answers there.")
    said = browser.get(re.search(r'hx-get="([^"]+)"', sent)[1]).content.decode()
    assert "Nobody answers there." in said


def test_without_scripts_a_ping_leads_back_to_the_log(browser, at):
    page = browser.post(f"{at}/ping", follow=True).content.decode()
    assert "A ping is on its way" in page
    assert "<code>ping</code>" in page


# The log


def test_the_log_tells_of_every_delivery_what_came_of_it(browser, endpoint, at):
    for status, state in ((200, "delivered"), (503, "pending"), (None, "failed")):
        answered(deliveries.ping(endpoint), status, state=state, error=None if status else "Lost.")

    page = browser.get(at).content.decode()

    for said in ("delivered", "will be tried again", "not delivered", "<b>503</b>", "Lost."):
        assert said in page
    waiting = browser.get(f"{at}?state=pending").content.decode()
    assert "<b>503</b>" in waiting
    assert "Lost." not in waiting
    assert (
        "None of these" in browser.get(f"{at}?state=pending&before=whd_{'0' * 32}").content.decode()
    )


def test_the_log_goes_on_page_by_page(browser, endpoint, at):
    for _ in range(27):
        deliveries.ping(endpoint)
    first = browser.get(at).content.decode()
    older = re.search(r'href="([^"#]+)#log">Older', first)[1]
    second = browser.get(older.replace("&amp;", "&")).content.decode()
    assert first.count('<tr id="whd_') == 25
    assert second.count('<tr id="whd_') == 2
    assert "Older" not in second


@pytest.mark.parametrize("asked", ["before=nonsense", "state=%00", "before=whd_", "state=all"])
def test_nonsense_in_the_address_of_the_log_is_no_harm(browser, at, delivery, asked):
    assert browser.get(f"{at}?{asked}").status_code == 200


def test_a_delivery_shows_what_is_sent_and_every_try(browser, delivery):
    answered(delivery, 500, state="failed", body="<script>alert(1)</script>")
    page = browser.get(f"/webhooks/deliveries/{delivery.public_id}").content.decode()
    assert delivery.event.public_id in page
    assert "&quot;type&quot;: &quot;ping&quot;" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "87 ms" in page


def test_one_delivery_is_sent_again_in_its_line(browser, delivery):
    answered(delivery, 500, state="failed")
    again = f"/webhooks/deliveries/{delivery.public_id}/replay"

    line = browser.post(again, **HTMX).content.decode()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("pending", 0)
    assert f'<tr id="{delivery.public_id}"' in line
    assert "on its way" in line
    poll = re.search(r'hx-get="([^"]+)"', line)[1]
    answered(delivery, 200, state="delivered")
    assert "hx-get" not in browser.get(poll, **HTMX).content.decode()


def test_what_is_being_sent_at_this_moment_is_not_sent_twice_and_says_so(browser, delivery):
    soon = timezone.now() + timedelta(seconds=20)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(lease_until=soon, tries=3)
    again = f"/webhooks/deliveries/{delivery.public_id}/replay"

    for said in (browser.post(again, **HTMX), browser.post(again, follow=True)):
        assert "It is being sent at this moment" in said.content.decode()
    delivery.refresh_from_db()
    assert delivery.tries == 3


def test_what_goes_nowhere_any_more_says_so(browser, endpoint, delivery):
    endpoints.change(endpoint, enabled=False)
    page = browser.post(f"/webhooks/deliveries/{delivery.public_id}/replay", follow=True)
    assert "switched off. Enable it first" in page.content.decode()


def test_all_it_missed_is_sent_and_counted(browser, alice, endpoint, at):
    endpoints.change(endpoint, enabled=False)
    for number in range(3):
        events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject=f"a:{number}")
    switched(browser, at, "on")

    page = browser.post(f"{at}/missing", {"hours": "24"}, follow=True).content.decode()

    assert "3 events on the way again" in page
    assert WebhookDelivery.objects.filter(state="pending").count() == 3
    WebhookDelivery.objects.update(state="delivered")
    page = browser.post(f"{at}/missing", {"hours": "24"}, follow=True).content.decode()
    assert "It missed nothing" in page


def test_a_time_that_is_no_choice_is_refused_at_its_field(browser, at):
    answer = browser.post(f"{at}/missing", {"hours": "9999"})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()


# Orders with an address of their own


def test_what_signs_for_orders_is_shown_on_request(browser, alice):
    assert not SECRET.search(browser.get("/webhooks/orders").content.decode())
    page = browser.post("/webhooks/orders", {"do": "show"}).content.decode()
    assert SECRET.search(page)[0] == secrets.of_workspace(alice.workspace.pk).now
    assert "signs, too, until" not in page


def test_a_rotation_sent_twice_rotates_once_so_that_the_old_secret_signs_on(browser, alice):
    old = secrets.of_workspace(alice.workspace.pk).now
    field = re.search(
        r'name="once" value="([^"]+)"', browser.get("/webhooks/orders").content.decode()
    )
    form = {"do": "rotate", "once": field[1]}

    pages = [browser.post("/webhooks/orders", form).content.decode() for _ in range(2)]

    now = secrets.of_workspace(alice.workspace.pk)
    assert (now.before, {SECRET.search(page)[0] for page in pages}) == (old, {now.now})
    assert "The one before signs, too, until" in pages[0]
    entry = AuditEntry.objects.get(action="webhook_secret.rotated")
    assert (entry.actor, entry.subject) == (alice.user.public_id, alice.workspace.public_id)


def test_what_went_to_an_orders_own_address_is_in_a_log_of_its_own(browser, alice, endpoint):
    own = "https://own.example/hook"
    events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject="a:1", url=own)
    page = browser.get("/webhooks/orders").content.decode()
    assert page.count('<tr id="whd_') == 1
    one = WebhookDelivery.objects.get(endpoint=None)
    assert own in browser.get(f"/webhooks/deliveries/{one.public_id}").content.decode()
    answered(one, 500, state="failed")
    line = browser.post(f"/webhooks/deliveries/{one.public_id}/replay", **HTMX).content.decode()
    assert "on its way" in line


# Who may


@pytest.fixture
def session_alone(alice) -> Client:
    """A browser that was left open; who sits at it does not know the password."""
    with_password(alice.user)
    return browser_of(alice)


@pytest.mark.parametrize("what", ["show", "rotate", "rotate the endpoint's"])
def test_a_session_alone_sees_no_secret_and_changes_none(session_alone, alice, endpoint, at, what):
    before = [secrets.of_workspace(alice.workspace.pk), endpoint.secret]
    address = f"{at}/rotate" if "endpoint" in what else "/webhooks/orders"
    wish = {"do": what, "once": str(uuid.uuid4())}

    asked = session_alone.post(address, wish)

    assert asked["Location"].startswith("/accounts/reauthenticate/")
    endpoint.refresh_from_db()
    assert [secrets.of_workspace(alice.workspace.pk), endpoint.secret] == before
    proof = {"password": PASSWORD, "next": address}
    page = session_alone.post(asked["Location"], proof).content.decode()
    assert SECRET.search(page)


def test_members_see_everything_but_change_nothing(bob, at, delivery):
    browser = browser_of(bob)
    for address in ("/webhooks", at, f"/webhooks/deliveries/{delivery.public_id}"):
        page = browser.get(address)
        assert page.status_code == 200
        assert URL in page.content.decode()
        assert 'method="post"' not in page.content.decode().split('id="main"')[1]
    for address in changes_of(at, delivery):
        assert browser.post(address).status_code == 403, address


def test_admins_do_what_owners_do(admins_browser, at, delivery):
    for address in changes_of(at, delivery):
        assert admins_browser.post(address).status_code in (200, 302, 422), address


def test_what_belongs_to_others_is_not_there(strangers_browser, at, delivery):
    page = f"/webhooks/deliveries/{delivery.public_id}"
    for address in (at, page, f"{page}/row", f"{page}/outcome"):
        assert strangers_browser.get(address).status_code == 404, address
    for address in changes_of(at, delivery)[2:]:
        assert strangers_browser.post(address).status_code == 404, address
    assert URL not in strangers_browser.get("/webhooks").content.decode()


def changes_of(at: str, delivery: WebhookDelivery) -> list[str]:
    doors = [at, *(f"{at}/{verb}" for verb in ("switch", "ping", "missing", "rotate", "remove"))]
    return [
        "/webhooks",
        "/webhooks/orders",
        f"/webhooks/deliveries/{delivery.public_id}/replay",
        *doors,
    ]


def test_an_id_that_is_none_is_not_found(browser, db):
    for id in ("whe_1", "nonsense", f"whe_{uuid.uuid4().hex}"):
        assert browser.get(f"/webhooks/endpoints/{id}").status_code == 404


# The letter


def test_the_letter_about_one_that_was_given_up_leads_to_its_page(browser, endpoint, at):
    endpoints.give_up(endpoint.pk, "It answered that it is gone (410).")
    letters.send_due(now=timezone.now())
    (letter,) = mail.outbox
    assert f"{at}\n" in letter.body
    assert f'{at}"' in str(letter.alternatives[0][0])


def test_a_letter_that_was_written_before_leads_to_the_console(settings):
    context = {"url": URL, "workspace": "W", "why": "Because.", "site": settings.SITE_URL}
    body = render_to_string("emails/webhook_disabled.txt", context)
    assert f"{settings.SITE_URL}/webhooks\n" in body
