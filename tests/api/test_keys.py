"""Who gets in, and to what: nobody reaches what belongs to others."""

from __future__ import annotations

import random
import string
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, Role
from generations.models import Generation
from tests.api.tools import API, WORDS, a_picture, faults, finished, problem, queries, the_only
from tests.factories import a_member

pytestmark = pytest.mark.django_db

ROUTES = [
    ("get", "/me"),
    ("get", "/models"),
    ("get", "/wallet"),
    ("get", "/wallet/transactions"),
    ("get", "/generations"),
    ("get", "/generations/{id}"),
    ("get", "/generations/{id}/content"),
    ("get", "/generations/{id}/poster"),
    ("get", "/quotes/{quote}"),
    ("post", "/generations"),
    ("post", "/generations/{id}/cancel"),
    ("post", "/quotes"),
    ("post", "/uploads"),
    ("post", "/wallet/top-ups"),
    ("delete", "/generations/{id}"),
    ("get", "/api-keys"),
    ("post", "/api-keys"),
    ("post", "/api-keys/{key}/rotate"),
    ("delete", "/api-keys/{key}"),
]
NOBODY = {"id": "gen_" + "0" * 32, "quote": "quo_" + "0" * 32, "key": "key_" + "0" * 32}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_asks_for_a_key(stranger, method, path):
    response = getattr(stranger, method)(path.format(**NOBODY))

    problem(response, 401, "unauthorized")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Token abc",
        "Bearer rly_live_short",
        "Bearer rly_live_0123456789_" + "a" * 49,
        "Bearer ' OR 1=1 --",
        "Bearer schön",
        "Bearer " + "x" * 10_000,
    ],
)
def test_what_is_no_key_is_refused_without_asking_the_database(stranger, header):
    with queries() as asked:
        response = stranger.client.get("/api/v1/me", headers={"Authorization": header})

    problem(response, 401, "unauthorized")
    assert asked == []


@pytest.mark.django_db(transaction=True)  # none is left open while nothing is asked
@pytest.mark.parametrize("count", [300, pytest.param(5_000, marks=pytest.mark.long)])
def test_a_key_that_is_mistyped_in_any_way_asks_the_database_nothing(api, chance, count):
    for _ in range(count):
        text = mistyped(api.key, chance)
        with queries() as asked:
            answer = API(text=text).get("/me")
        assert set(problem(answer, 401, "unauthorized")) == MEMBERS
        assert asked == []


#: A refusal has these whatever was wrong with the key.
MEMBERS = {"type", "title", "status", "code", "detail", "request_id", "errors"}
ALPHABET = string.ascii_letters + string.digits
INJECTIONS = [
    "' OR '1'='1",
    "'; SELECT pg_sleep(5)--",
    "' UNION SELECT key FROM accounts_apikey--",
    "\\' OR 1=1#",
    "%27%20OR%201=1",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/a}",
    "$(id)",
    "../../etc/passwd",
    "\udcff",
]


def mistyped(key: str, chance: random.Random) -> str:
    at = chance.randrange(9, len(key))
    other = chance.choice([one for one in "aZ09_-é " if one != key[at]])
    ways = [
        key[:at] + other + key[at + 1 :],
        key[:at] + key[at + 1 :],
        key[:at] + other + key[at:],
        key[:at],
        key[:at] + key[at:].swapcase(),
        key + "\x00",
        key.upper(),
        key.replace("rly_live_", chance.choice(["rly_test_", "sk_live_", "RLY_LIVE_", ""])),
        key * chance.randrange(2, 9),
        key[:at] + chance.choice(INJECTIONS) + key[at:],
        key[:at] + chr(chance.randrange(0xA1, 0x2FFF)) + key[at + 1 :],
        chance.choice(INJECTIONS),
        key[:9] + "".join(chance.choices(ALPHABET, k=len(key) - 9)),
        "x" * chance.choice([1, 63, 64, 65, 4_096, 100_000]),
    ]
    return chance.choice([way for way in ways if way.strip() != key])


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261130)


def test_a_wrong_key_is_told_from_a_mistyped_one(api, alice, stranger):
    mistyped = API(text=api.key[:-1] + ("a" if api.key[-1] != "a" else "b"))
    assert "mistyped" in problem(mistyped.get("/me"), 401, "unauthorized")["detail"]

    APIKey.objects.all().delete()
    assert "unknown" in problem(api.get("/me"), 401, "unauthorized")["detail"]


def test_a_revoked_or_expired_key_opens_nothing_from_the_next_request_on(api, alice):
    key = APIKey.objects.get()
    assert api.get("/me").status_code == 200

    keys.revoke(key=key, now=timezone.now())
    assert "revoked" in problem(api.get("/me"), 401, "unauthorized")["detail"]

    APIKey.objects.update(revoked_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert "expired" in problem(api.get("/me"), 401, "unauthorized")["detail"]


def test_a_suspended_account_opens_nothing(api, alice):
    alice.workspace.suspended_at = timezone.now()
    alice.workspace.save()

    assert "suspended" in problem(api.get("/me"), 401, "unauthorized")["detail"]


def test_the_key_of_somebody_removed_dies_at_once(alice):
    member = a_member(alice.workspace)
    first = keys.create(maker=member, name="first")
    child = keys.create(maker=member, name="child", parent=first.key)
    assert API(text=child.text).get("/me").status_code == 200

    member.delete()

    for text in (first.text, child.text):
        problem(API(text=text).get("/me"), 401, "unauthorized")


@pytest.mark.parametrize("name", ["api_key", "key", "token", "access_token", "anything"])
def test_keys_do_not_belong_into_addresses(api, stranger, name):
    for client in (api, stranger):
        response = client.get(f"/me?{name}={api.key}")
        assert "Authorization" in problem(response, 400, "invalid_request")["detail"]


def test_me_tells_whose_key_it_is(api, alice):
    shown = api.get("/me").json()

    assert shown["user"]["email"] == "alice@example.org"
    assert shown["workspace"] == {"id": alice.workspace.public_id, "name": alice.workspace.name}
    assert shown["role"] == "owner"
    assert shown["key"]["ending"] in api.key
    assert api.key not in str(shown)


def test_using_a_key_is_noted_once_a_minute(api):
    api.get("/me")
    noted = APIKey.objects.get().last_used_at
    with queries() as asked:
        api.get("/me")

    assert noted is not None
    assert len(asked) == 1
    assert APIKey.objects.get().last_used_at == noted


@pytest.mark.parametrize(
    ("role", "may"), [(Role.MEMBER, 202), (Role.ADMIN, 202), (Role.BILLING, 403)]
)
def test_a_key_may_order_what_its_maker_may(alice, role, may):
    theirs = API(a_member(alice.workspace, role))

    response = theirs.post("/generations", WORDS)

    assert response.status_code == may
    if may == 403:
        problem(response, 403, "insufficient_scope")
        problem(theirs.upload(a_picture()), 403, "insufficient_scope")
        assert theirs.get("/wallet").status_code == 200
        assert theirs.post("/quotes", WORDS).status_code == 201
        assert not Generation.objects.exists()


def test_everything_of_others_is_not_found(api, others, film):
    others.post("/generations", WORDS)
    one = finished(the_only(), film)
    quote = others.post("/quotes", WORDS).json()["id"]
    theirs = others.get("/me").json()["key"]["id"]

    for method, path in ROUTES:
        if "{" in path:
            names = {"id": one.public_id, "quote": quote, "key": theirs}
            response = getattr(api, method)(path.format(**names))
            problem(response, 404, "not_found")
    assert api.get("/generations").json()["data"] == []
    batch = others.post("/generations", WORDS | {"count": 2}).json()["batch"]
    assert api.get(f"/generations?batch={batch}").json()["data"] == []
    assert api.get("/wallet/transactions").json()["data"][0]["type"] == "deposit"
    assert Generation.objects.get(pk=one.pk).deleted_at is None


@pytest.mark.parametrize("path", ["/generations", "/quotes"])
def test_an_upload_of_others_is_not_found_in_a_body(api, others, path):
    upload = others.upload(a_picture()).json()["id"]

    for id in (upload, "upl_" + "0" * 32, "upl_nonsense"):
        refused = problem(api.post(path, WORDS | {"first_frame_image": id}), 404, "not_found")
        assert faults(refused) == [("first_frame_image", "not_found")]


@pytest.mark.parametrize(
    "id",
    [
        "gen_1",
        "upl_" + "0" * 32,
        "gen_" + "0" * 32,
        "GEN_" + "0" * 32,
        "gen_%00",
        "日本",
        "..%2F..",
    ],
)
def test_what_is_no_id_is_not_found(api, id):
    problem(api.get(f"/generations/{id}"), 404, "not_found")
