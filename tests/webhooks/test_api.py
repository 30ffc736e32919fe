"""Endpoints and deliveries, over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, CustomerEvent, WebhookDelivery
from accounts.webhooks import loop
from generations.models import Generation
from tests.api.tools import API, problem, submitted

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://customer.example/hook"


@pytest.fixture
def api(alice) -> API:
    return API(alice)


@pytest.fixture
def others(charlie) -> API:
    return API(charlie)


def made(api: API, url: str = URL, **body: object) -> dict:
    answer = api.post("/webhook-endpoints", {"url": url, **body})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_endpoint_is_made_and_its_secret_is_told_once(api):
    new = made(api, events=["generation.succeeded"], description="CI")

    assert new["secret"].startswith("whsec_")
    shown = api.get(f"/webhook-endpoints/{new['id']}").json()
    assert shown == {name: value for name, value in new.items() if name != "secret"}
    assert shown["enabled"]
    assert api.get("/webhook-endpoints").json()["data"] == [shown]
    assert AuditEntry.objects.get(action="webhook_endpoint.created").subject == new["id"]


def test_a_repeated_request_makes_no_second_one_and_tells_no_secret(api):
    first, again = (
        api.post("/webhook-endpoints", {"url": URL}, idempotency_key="once") for _ in range(2)
    )

    assert first.json() | {"secret": None} == again.json()
    assert len(api.get("/webhook-endpoints").json()["data"]) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://customer.example/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.7/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/hook",
        "https://2130706433/hook",
        "https://user:secret@customer.example/hook",
        "ftp://customer.example/hook",
        "nonsense",
    ],
)
def test_an_address_that_leads_inside_is_refused(api, url):
    problem(api.post("/webhook-endpoints", {"url": url}), 422, "webhook_url_not_allowed")

    assert api.get("/webhook-endpoints").json()["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": URL, "events": ["generation.exploded"]}, "events.0"),
        ({"url": URL, "colour": "red"}, "colour"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused_by_name(api, body, field):
    said = problem(api.post("/webhook-endpoints", body), 422, "invalid_request")

    assert [error["field"] for error in said["errors"]] == [field]


def test_twenty_are_enough(api):
    for number in range(20):
        made(api, f"https://customer.example/{number}")

    problem(api.post("/webhook-endpoints", {"url": URL}), 409, "too_many_endpoints")


def test_it_can_be_changed_switched_off_and_deleted(api):
    id = made(api)["id"]

    changed = api.patch(f"/webhook-endpoints/{id}", {"events": ["wallet.low"], "enabled": False})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["events"], changed.json()["enabled"]) == (["wallet.low"], False)
    refused = api.post(f"/webhook-endpoints/{id}/replay-missing")
    problem(refused, 409, "endpoint_disabled")
    assert api.delete(f"/webhook-endpoints/{id}").status_code == 204
    problem(api.get(f"/webhook-endpoints/{id}"), 404, "not_found")


def test_a_ping_arrives_and_stands_in_the_log(api, receiver):
    id = made(api, receiver.url())["id"]

    sent = api.post(f"/webhook-endpoints/{id}/ping", idempotency_key="p")
    assert sent.status_code == 202
    assert api.post(f"/webhook-endpoints/{id}/ping", idempotency_key="p").json() == sent.json()
    assert loop.run() == 1

    (shown,) = api.get(f"/webhook-deliveries?endpoint={id}&state=delivered").json()["data"]
    assert (shown["id"], shown["type"]) == (sent.json()["id"], "ping")
    assert (shown["tries"], shown["log"][0]["status"]) == (1, 200)


def test_a_delivery_is_sent_again_under_the_same_id(api, receiver):
    id = made(api, receiver.url())["id"]
    api.post(f"/webhook-endpoints/{id}/ping")
    loop.run()
    (shown,) = api.get("/webhook-deliveries").json()["data"]

    again = api.post(f"/webhook-deliveries/{shown['id']}/replay")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    loop.run()

    assert len({post.id for post in receiver.posts}) == 1
    assert len(receiver.posts) == 2


def test_one_that_is_being_sent_is_not_sent_again_and_says_so(api, receiver):
    id = made(api, receiver.url())["id"]
    sent = api.post(f"/webhook-endpoints/{id}/ping").json()
    soon = timezone.now() + timedelta(seconds=20)
    WebhookDelivery.objects.update(lease_until=soon, tries=3)

    answer = api.post(f"/webhook-deliveries/{sent['id']}/replay", idempotency_key="again")

    problem(answer, 409, "delivery_under_way")
    assert answer["Retry-After"] == "5"
    assert WebhookDelivery.objects.get().tries == 3
    WebhookDelivery.objects.update(lease_until=None)
    later = api.post(f"/webhook-deliveries/{sent['id']}/replay", idempotency_key="again")
    assert later.status_code == 202


def test_what_was_missed_is_sent_as_far_back_as_asked(api, receiver, tell):
    id = made(api, receiver.url())["id"]
    for subject, age in (("old", 40), ("week", 7), ("now", 0)):
        tell(subject)
        at = timezone.now() - timedelta(days=age, minutes=1)
        CustomerEvent.objects.filter(subject=subject).update(created_at=at)
    WebhookDelivery.objects.update(state="failed", due_at=None)
    since = (timezone.now() - timedelta(days=1)).isoformat()

    day = api.post(f"/webhook-endpoints/{id}/replay-missing", {"since": since}).json()
    WebhookDelivery.objects.update(state="failed", due_at=None)
    everything = api.post(f"/webhook-endpoints/{id}/replay-missing").json()

    assert (day["count"], everything["count"]) == (1, 2)


def test_rotating_tells_a_new_secret_once(api):
    new = made(api)

    fresh = api.post(f"/webhook-endpoints/{new['id']}/rotate").json()

    assert fresh["secret"] not in (None, new["secret"])
    assert fresh["previous_secret_until"]


def test_the_default_secret_is_there_and_can_be_rotated(api):
    first = api.get("/webhook-secret").json()["secret"]

    fresh = api.post("/webhook-secret/rotate", idempotency_key="r").json()["secret"]

    assert first.startswith("whsec_")
    assert fresh not in (None, first)
    assert api.get("/webhook-secret").json()["secret"] == fresh
    assert api.post("/webhook-secret/rotate", idempotency_key="r").json()["secret"] is None


def test_nothing_of_others_is_reached(api, others, receiver):
    id = made(api, receiver.url())["id"]
    api.post(f"/webhook-endpoints/{id}/ping")
    delivery = WebhookDelivery.objects.get().public_id

    for answer in (
        others.get(f"/webhook-endpoints/{id}"),
        others.patch(f"/webhook-endpoints/{id}", {"enabled": False}),
        others.delete(f"/webhook-endpoints/{id}"),
        others.post(f"/webhook-endpoints/{id}/ping"),
        others.post(f"/webhook-deliveries/{delivery}/replay"),
    ):
        problem(answer, 404, "not_found")
    assert others.get(f"/webhook-deliveries?endpoint={id}").json()["data"] == []


def test_an_order_names_an_address_of_its_own(api, receiver):
    order = {"model": "hailuo-2.3", "prompt": "A red kite"}
    refused = api.post("/generations", order | {"webhook_url": "https://127.0.0.1/hook"})
    problem(refused, 422, "webhook_url_not_allowed")

    taken = api.post("/generations", order | {"webhook_url": receiver.url()})
    assert taken.status_code == 202, taken.content
    one = Generation.objects.get()
    submitted(one)
    loop.run()

    (post,) = receiver.posts
    told = post.verified(api.get("/webhook-secret").json()["secret"])
    assert told["type"] == "generation.running"
    assert told["data"]["generation"]["id"] == taken.json()["id"]
