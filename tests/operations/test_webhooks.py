"""Staff look at customers' webhooks and send them again, with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts import events
from accounts.models import AuditEntry, WebhookDelivery
from accounts.webhooks import deliveries, endpoints
from tests.operations.conftest import a_member_of_staff, browser_of

URL = "https://customer.example/hooks"
ADMIN = "/admin/accounts/"


@pytest.fixture
def made(alice) -> endpoints.NewSecret:
    return endpoints.create(alice.workspace, url=URL)


@pytest.fixture
def endpoint(made):
    return made.endpoint


@pytest.fixture
def delivery(endpoint) -> WebhookDelivery:
    """Given up after a 500."""
    one = deliveries.ping(endpoint)
    log = [{"at": "2026-11-30T09:00:00.000Z", "status": 500, "ms": 9, "error": None, "body": "x"}]
    WebhookDelivery.objects.filter(pk=one.pk).update(state="failed", due_at=None, tries=1, log=log)
    one.refresh_from_db()
    return one


def press(browser, row, reason="The customer asked"):
    """Press the button on the row's page; what the page then says."""
    answer = browser.post(f"{ADMIN}{row._meta.model_name}/{row.pk}/again", {"reason": reason})
    assert answer.status_code == 302, answer.content
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.mark.parametrize("kind", ["webhookendpoint", "webhookdelivery"])
def test_lists_and_pages_show_no_secret_and_change_nothing(desk, made, delivery, kind):
    row = made.endpoint if kind == "webhookendpoint" else delivery
    for address in (f"{ADMIN}{kind}/", f"{ADMIN}{kind}/{row.pk}/change/"):
        page = desk.get(address).content.decode()
        assert URL in page
        for secret in (made.text, made.endpoint.secret):
            assert secret not in page
        assert 'name="_save"' not in page
    assert desk.get(f"{ADMIN}{kind}/add/").status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        lambda delivery: delivery.public_id,
        lambda delivery: delivery.event.public_id,
        lambda delivery: delivery.endpoint.public_id,
        lambda delivery: delivery.workspace.public_id,
        lambda delivery: str(delivery.id),
        lambda delivery: "customer.example",
        lambda delivery: URL,
        lambda delivery: delivery.workspace.name,
    ],
)
def test_a_delivery_is_found_by_whatever_staff_have_in_hand(desk, delivery, charlie, asked):
    other = endpoints.create(charlie.workspace, url="https://other.example/").endpoint
    deliveries.ping(other)

    page = desk.get(f"{ADMIN}webhookdelivery/", {"q": asked(delivery)}).content.decode()

    assert URL in page
    assert "other.example" not in page


@pytest.mark.parametrize("asked", ["whe", "wks", "url", "name"])
def test_an_endpoint_is_found_too(desk, endpoint, charlie, asked):
    endpoints.create(charlie.workspace, url="https://other.example/")
    text = {
        "whe": endpoint.public_id,
        "wks": endpoint.workspace.public_id,
        "url": "customer.example",
        "name": endpoint.workspace.name,
    }[asked]

    page = desk.get(f"{ADMIN}webhookendpoint/", {"q": text}).content.decode()

    assert URL in page
    assert "other.example" not in page


@pytest.mark.parametrize("text", ["\x00", "gen_" + "0" * 32, "evt_" + "0" * 32, "%", "a" * 3000])
@pytest.mark.parametrize("kind", ["webhookendpoint", "webhookdelivery"])
def test_nonsense_finds_nothing_and_breaks_nothing(desk, delivery, kind, text):
    assert desk.get(f"{ADMIN}{kind}/", {"q": text}).status_code == 200


def test_one_is_sent_again_with_a_reason_that_is_written_down(desk, stella, delivery):
    said = press(desk, delivery)

    delivery.refresh_from_db()
    assert "on its way again" in said
    assert (delivery.state, delivery.tries) == ("pending", 0)
    entry = AuditEntry.objects.get(action="webhook_delivery.replayed")
    assert (entry.actor, entry.subject) == (stella.email, delivery.public_id)
    assert (entry.workspace, entry.data["reason"]) == (delivery.workspace, "The customer asked")
    assert entry.address == "127.0.0.1"


def test_all_that_an_endpoint_missed_is_sent_with_a_reason(desk, endpoint, alice):
    for number in range(3):
        events.tell(workspace_id=alice.workspace.pk, type="wallet.low", subject=f"a:{number}")
    WebhookDelivery.objects.update(state="failed", due_at=None)

    assert "On the way again: 3" in press(desk, endpoint)

    assert WebhookDelivery.objects.filter(state="pending").count() == 3
    assert AuditEntry.objects.get(action="webhook_endpoint.replayed").data["outcome"]


def test_without_a_reason_nothing_is_sent(desk, endpoint, delivery):
    for row in (endpoint, delivery):
        assert "Say why" in press(desk, row, reason=" ")
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert not AuditEntry.objects.filter(action__contains="replayed").exists()


def test_what_is_being_sent_or_goes_nowhere_says_so_and_is_not_written_down(
    desk, endpoint, delivery
):
    soon = timezone.now() + timedelta(seconds=20)
    WebhookDelivery.objects.update(lease_until=soon)
    assert "being sent at this moment" in press(desk, delivery)

    WebhookDelivery.objects.update(lease_until=None)
    endpoints.change(endpoint, enabled=False)
    for row in (endpoint, delivery):
        assert "switched off" in press(desk, row)
    assert not AuditEntry.objects.filter(action__contains="replayed").exists()


def test_it_takes_a_permission_of_its_own(delivery):
    looks = a_member_of_staff("sam", "accounts.view_webhookdelivery")
    sends = a_member_of_staff(
        "kim", "accounts.view_webhookdelivery", "accounts.replay_webhookdelivery"
    )
    page = f"{ADMIN}webhookdelivery/{delivery.pk}/change/"

    assert "Send again" not in browser_of(looks).get(page).content.decode()
    assert "You may not do this" in press(browser_of(looks), delivery)
    assert "Send again" in browser_of(sends).get(page).content.decode()
    assert "on its way again" in press(browser_of(sends), delivery)


def test_the_search_of_the_admin_leads_to_them(desk, delivery):
    for id in (delivery.public_id, delivery.endpoint.public_id, delivery.event.public_id):
        page = desk.get("/admin/find", {"q": id}, follow=True).content.decode()
        assert delivery.public_id in page or delivery.endpoint.public_id in page
