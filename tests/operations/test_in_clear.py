"""What a site with https answers over plain http."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import keys
from accounts.models import APIKey

PROXIED = {"HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def over_http(settings, db) -> Client:
    """A program that reaches a real site, behind its proxy, without https."""
    settings.SECURE_SSL_REDIRECT = settings.BEHIND_PROXY = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return Client()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/api/v1/me", "/api/docs", "/api/nothing"])
def test_a_program_over_plain_http_is_told_to_use_https_and_to_replace_its_key(
    over_http, alice, method, address
):
    text = keys.create(maker=alice, name="Server").text

    answer = getattr(over_http, method)(address, HTTP_AUTHORIZATION=f"Bearer {text}")

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["type"]) == ("https_required", "/docs/errors/https_required")
    assert told["detail"] == "Use https://. The key that was sent in clear should be replaced."
    assert told["request_id"] == answer["X-Request-Id"]
    assert "Location" not in answer
    assert APIKey.objects.get().last_used_at is None


def test_openais_clients_are_told_in_their_own_shape_and_do_not_try_again(over_http):
    answer = over_http.post("/v1/videos", {"prompt": "Rain"}, content_type="application/json")

    assert (answer.status_code, answer["x-should-retry"]) == (403, "false")
    assert answer.json()["error"]["code"] == "https_required"


@pytest.mark.parametrize("address", ["/webhooks/stripe", "/webhooks/providers/runware/token"])
def test_what_knocks_over_plain_http_is_not_heard(over_http, address):
    answer = over_http.post(address, {}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "https_required")


@pytest.mark.parametrize("address", ["/", "/keys", "/docs", "/apis"])
def test_a_page_is_led_to_https(over_http, address):
    answer = over_http.get(address)

    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{address}")


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_probes_of_the_machine_itself_need_no_https(over_http, address):
    assert over_http.get(address).status_code == 200


def test_what_came_to_the_proxy_over_https_is_served(over_http, alice):
    key = {"HTTP_AUTHORIZATION": f"Bearer {keys.create(maker=alice, name='Server').text}"}

    assert over_http.get("/api/v1/me", **PROXIED, **key).status_code == 200
    assert over_http.get("/docs", **PROXIED).status_code == 200


def test_without_a_proxy_nobody_claims_https(over_http, settings):
    settings.SECURE_PROXY_SSL_HEADER = None

    assert Client().get("/api/v1/me", **PROXIED).status_code == 403


def test_a_site_without_https_serves_programs_as_it_is_asked(client, db):
    assert client.get("/api/v1/me").status_code == 401
