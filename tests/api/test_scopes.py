"""What a key may do: its scopes and its maker's role, endpoint by endpoint; and from where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from accounts import keys
from accounts.api.base import View
from accounts.models import APIKey, KeyUse, Role, Scope
from tests.api.tools import API, WORDS, a_picture, problem, queries
from tests.factories import a_member

pytestmark = pytest.mark.django_db

NOBODY = "0" * 32
READ, GENERATE, BILLING, ADMIN = Scope.values
EVERYBODY, ORDERERS = set(Role.values), {Role.OWNER, Role.ADMIN, Role.MEMBER}
PAYERS, MANAGERS = {Role.OWNER, Role.ADMIN, Role.BILLING}, {Role.OWNER, Role.ADMIN}

#: endpoint -> the scope it needs, whose roles allow it, and what it answers where both do
ENDPOINTS: dict[tuple[str, str], tuple[str, set[str], int]] = {
    ("get", "/me"): (READ, EVERYBODY, 200),
    ("get", "/models"): (READ, EVERYBODY, 200),
    ("get", "/wallet"): (READ, EVERYBODY, 200),
    ("get", "/wallet/transactions"): (READ, EVERYBODY, 200),
    ("get", "/wallet/top-ups/top_" + NOBODY): (READ, EVERYBODY, 404),
    ("get", "/generations"): (READ, EVERYBODY, 200),
    ("get", "/generations/gen_" + NOBODY): (READ, EVERYBODY, 404),
    ("get", f"/generations/gen_{NOBODY}/content"): (READ, EVERYBODY, 404),
    ("get", f"/generations/gen_{NOBODY}/poster"): (READ, EVERYBODY, 404),
    ("get", "/events"): (READ, EVERYBODY, 503),
    ("get", f"/generations/gen_{NOBODY}/events"): (READ, EVERYBODY, 404),
    ("get", "/usage"): (READ, EVERYBODY, 200),
    ("get", "/webhook-endpoints"): (READ, EVERYBODY, 200),
    ("post", "/webhook-endpoints"): (ADMIN, MANAGERS, 201),
    ("get", "/webhook-endpoints/whe_" + NOBODY): (READ, EVERYBODY, 404),
    ("patch", "/webhook-endpoints/whe_" + NOBODY): (ADMIN, MANAGERS, 404),
    ("delete", "/webhook-endpoints/whe_" + NOBODY): (ADMIN, MANAGERS, 404),
    ("post", f"/webhook-endpoints/whe_{NOBODY}/ping"): (ADMIN, MANAGERS, 404),
    ("post", f"/webhook-endpoints/whe_{NOBODY}/rotate"): (ADMIN, MANAGERS, 404),
    ("post", f"/webhook-endpoints/whe_{NOBODY}/replay-missing"): (ADMIN, MANAGERS, 404),
    ("get", "/webhook-deliveries"): (READ, EVERYBODY, 200),
    ("post", f"/webhook-deliveries/whd_{NOBODY}/replay"): (ADMIN, MANAGERS, 404),
    ("get", "/webhook-secret"): (ADMIN, MANAGERS, 200),
    ("post", "/webhook-secret/rotate"): (ADMIN, MANAGERS, 200),
    ("get", "/quotes/quo_" + NOBODY): (READ, EVERYBODY, 404),
    ("post", "/quotes"): (GENERATE, EVERYBODY, 201),
    ("post", "/uploads"): (GENERATE, ORDERERS, 201),
    ("post", "/generations"): (GENERATE, ORDERERS, 202),
    ("post", f"/generations/gen_{NOBODY}/cancel"): (GENERATE, ORDERERS, 404),
    ("delete", "/generations/gen_" + NOBODY): (GENERATE, ORDERERS, 404),
    ("post", "/wallet/top-ups"): (BILLING, PAYERS, 503),
    ("get", "/api-keys"): (ADMIN, MANAGERS, 200),
    ("post", "/api-keys"): (ADMIN, MANAGERS, 201),
    ("delete", "/api-keys/key_" + NOBODY): (ADMIN, MANAGERS, 404),
    ("post", f"/api-keys/key_{NOBODY}/rotate"): (ADMIN, MANAGERS, 404),
}
BODIES = {
    "/quotes": WORDS,
    "/generations": WORDS,
    "/webhook-endpoints": {"url": "https://customer.example/hook"},
    "/api-keys": {"name": "CI", "scopes": [ADMIN]},
    "/wallet/top-ups": {"amount": "25.00"},
}


def ask(api: API, method: str, path: str):
    if path == "/uploads":
        return api.upload(a_picture())
    return api.post(path, BODIES.get(path)) if method == "post" else getattr(api, method)(path)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("scope", Scope.values)
def test_a_key_does_what_its_scope_and_its_makers_role_allow_and_nothing_else(alice, role, scope):
    maker = alice if role == Role.OWNER else a_member(alice.workspace, Role(role))
    api = API(text=keys.create(maker=maker, name="CI", scopes=[scope]).text)

    for (method, path), (needed, roles, status) in ENDPOINTS.items():
        answer = ask(api, method, path)
        if scope == needed and role in roles:
            assert answer.status_code == status, (method, path, answer.content)
        else:
            refused = problem(answer, 403, "insufficient_scope")
            assert refused["scope"] == needed
            missing = f"scope `{needed}`" if scope != needed else f"{role}, may not"
            assert missing in refused["detail"]


def test_the_table_above_names_every_endpoint_of_the_api():
    named = {(method, f"/api/v1{path.replace(NOBODY, '')}") for method, path in ENDPOINTS}
    there = set()
    for path, view in _patterns(get_resolver().url_patterns):
        if not path.startswith("api/"):
            continue  # OpenAI's shape: tests/openai
        if (kind := getattr(view, "view_class", None)) and issubclass(kind, View):
            known = [one for one in ("get", "post", "delete", "patch") if hasattr(kind, one)]
            there |= {(method, f"/{path}") for method in known}

    assert {_plain(*one) for one in named} == {_plain(*one) for one in there}


def _patterns(patterns, before=""):
    for one in patterns:
        path = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _patterns(one.url_patterns, path)
        else:
            yield path, one.callback


def _plain(method: str, path: str) -> tuple[str, str]:
    parts = ["*" if "<" in part or part.endswith("_") else part for part in path.split("/")]
    return method, "/".join(parts)


def test_a_role_that_is_taken_away_takes_from_the_key(alice):
    member = a_member(alice.workspace, Role.ADMIN)
    theirs = API(member)
    assert theirs.get("/api-keys").status_code == 200

    member.role = Role.MEMBER
    member.save()

    problem(theirs.get("/api-keys"), 403, "insufficient_scope")


# From where


def elsewhere(api: API, address: str, **more: str):
    headers = {"Authorization": f"Bearer {api.key}"}
    return api.client.get("/api/v1/me", headers=headers, REMOTE_ADDR=address, **more)


def at_home(alice, *networks: str) -> API:
    return API(text=keys.create(maker=alice, name="home", allowed_addresses=networks).text)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("203.0.113.7", True),
        ("203.0.114.7", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8:1::7", True),
        ("2001:db9::7", False),
        ("198.51.100.1", True),
        ("198.51.100.2", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_a_key_opens_only_from_its_addresses(alice, address, may):
    api = at_home(alice, "203.0.113.0/24", "2001:db8::/32", "198.51.100.1/32")

    answer = elsewhere(api, address)

    if may:
        assert answer.status_code == 200
    else:
        problem(answer, 403, "address_not_allowed")
        assert APIKey.objects.get().last_used_at is None
        assert not KeyUse.objects.exists()


@pytest.mark.parametrize(
    ("forwarded", "may"),
    [
        ("203.0.113.7", True),
        ("10.9.9.9, 203.0.113.7", True),
        ("203.0.113.7, 10.9.9.9", False),
        ("203.0.113.7:4711", True),
        ("[2001:db8::7]:443", True),
        ("203.0.113.7,", False),
        ("<script>", False),
    ],
)
def test_behind_a_proxy_only_what_it_added_itself_is_believed(alice, settings, forwarded, may):
    settings.BEHIND_PROXY = True
    api = at_home(alice, "203.0.113.0/24", "2001:db8::/32")

    answer = elsewhere(api, "10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert answer.status_code == (200 if may else 403)


def test_without_a_proxy_nobody_chooses_an_address(alice, settings):
    settings.BEHIND_PROXY = False
    api = at_home(alice, "203.0.113.0/24")

    answer = elsewhere(api, "198.51.100.7", HTTP_X_FORWARDED_FOR="203.0.113.7")

    problem(answer, 403, "address_not_allowed")


def test_a_key_for_everywhere_opens_even_where_the_address_is_not_known(api):
    assert elsewhere(api, "").status_code == 200


# The trace that is left


def test_every_address_a_key_is_used_from_is_noted_once_a_minute(api):
    def noted() -> dict:
        rows = KeyUse.objects.values_list("address", "first_used_at", "last_used_at")
        return {address: (first, last) for address, first, last in rows}

    for address in ("203.0.113.7", "2001:db8::7", "203.0.113.7"):
        elsewhere(api, address)
    before = noted()
    assert set(before) == {"203.0.113.7", "2001:db8::7"}
    with queries() as asked:
        elsewhere(api, "2001:db8::7")
    assert len(asked) == 1

    KeyUse.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    elsewhere(api, "203.0.113.7")
    after = noted()
    assert after["203.0.113.7"][0] == before["203.0.113.7"][0]
    assert after["203.0.113.7"][1] > before["203.0.113.7"][1]
    assert after["2001:db8::7"][1] < before["2001:db8::7"][1]
