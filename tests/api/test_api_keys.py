"""Keys that make, rotate and revoke keys, never wider than themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, AuditEntry, IdempotencyRecord, Membership, Role
from accounts.moments import moment
from billing import spending
from generations.models import Generation
from tests.api.tools import API, WORDS, faults, problem, together
from tests.factories import a_member

pytestmark = pytest.mark.django_db

CLIP = 280_000


def made(api: API, **body: object) -> dict:
    answer = api.post("/api-keys", {"name": "Render server", **body})
    assert answer.status_code == 201, answer.content
    return answer.json()


def narrow(alice: Membership, **wish: object) -> API:
    """The API with a key that is narrower than Alice."""
    return API(text=keys.create(maker=alice, name="narrow", **wish).text)


def in_days(days: int) -> str:
    return moment(timezone.now() + timedelta(days=days))


# Making


def test_a_key_that_was_made_opens_and_is_told_once(api, alice):
    new = made(api)
    theirs = API(text=new["key"])

    assert theirs.get("/me").json()["key"]["id"] == new["id"]
    assert new["scopes"] == ["read", "generate"]
    assert new["rate_limits"]["paid_per_minute"] > 0
    shown = api.get("/api-keys").json()["data"]
    assert [one["name"] for one in shown] == ["Render server", "test"]
    assert new["key"] not in str(shown)
    assert shown[0] | {"key": new["key"]} == new | {
        "last_used_at": shown[0]["last_used_at"],
        "last_used_from": "127.0.0.1",
    }


def test_asking_again_makes_no_second_key_and_tells_its_text_no_more(api):
    first = api.post("/api-keys", {"name": "CI"}, Idempotency_Key="once")
    again = api.post("/api-keys", {"name": "CI"}, Idempotency_Key="once")

    assert again["Idempotent-Replayed"] == "true"
    assert again.status_code == 201
    assert again.json() == first.json() | {"key": None}
    assert APIKey.objects.filter(name="CI").count() == 1
    assert first.json()["key"] not in IdempotencyRecord.objects.get().answer


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": "read"}, "scopes"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": 1_800_000_000}, "expires_at"),
        ({"allowed_addresses": ["203.0.113.7/24"]}, "allowed_addresses.0"),
        ({"allowed_addresses": ["here", "10.0.0.1"]}, "allowed_addresses.0"),
        ({"allowed_addresses": ["fe80::1%eth0"]}, "allowed_addresses.0"),
        ({"allowed_addresses": [7]}, "allowed_addresses.0"),
        ({"allowed_addresses": ["10.0.0.0/8"] * 51}, "allowed_addresses"),
        ({"spend_limits": {"year": "5.00"}}, "spend_limits.year"),
        ({"spend_limits": {"day": 5}}, "spend_limits.day"),
        ({"spend_limits": "5"}, "spend_limits"),
        ({"rate_limits": {"paid_per_minute": 0}}, "rate_limits.paid_per_minute"),
        ({"rate_limits": {"per_hour": 5}}, "rate_limits.per_hour"),
        ({"secret": "mine"}, "secret"),
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_at_its_field(api, body, field):
    whole = body if "name" in body or not body else {"name": "CI", **body}

    refused = problem(api.post("/api-keys", whole), 422, "invalid_request")

    assert field in [name for name, _ in faults(refused)]
    assert APIKey.objects.count() == 1


def test_a_key_is_never_wider_than_the_one_that_makes_it(alice):
    until = timezone.now() + timedelta(days=10)
    api = narrow(
        alice,
        scopes=["read", "generate", "admin"],
        expires_at=until,
        allowed_addresses=["127.0.0.0/8", "2001:db8::/32"],
        rates={"paid_per_minute": 10},
    )
    mine = APIKey.objects.get(name="narrow")
    subject = f"key:{mine.public_id}"
    spending.set_limit(alice.workspace, subject=subject, window="month", amount=5_000_000)

    wishes = {
        "scopes": ["read", "billing"],
        "expires_at": in_days(11),
        "allowed_addresses": ["127.0.0.1", "0.0.0.0/0"],
        "spend_limits": {"month": "5.01", "day": "100.00"},
        "rate_limits": {"paid_per_minute": 11},
    }
    refused = problem(api.post("/api-keys", {"name": "wide", **wishes}), 422, "invalid_request")

    said = {one["field"]: one["message"] for one in refused["errors"]}
    assert said == {
        "scopes": "You may grant read, generate, admin.",
        "expires_at": f"At the latest {moment(until)}, when the key that makes it expires.",
        "allowed_addresses": "Only what lies in 127.0.0.0/8, 2001:db8::/32.",
        "spend_limits.month": "At most 5.00.",
        "rate_limits.paid_per_minute": "At most 10.",
    }
    assert {code for _, code in faults(refused)} == {"too_wide"}
    assert not APIKey.objects.filter(name="wide").exists()


def test_what_is_left_out_is_as_the_maker_has_it(alice):
    until = timezone.now() + timedelta(days=10)
    api = narrow(
        alice,
        scopes=["read", "admin"],
        expires_at=until,
        allowed_addresses=["127.0.0.0/8"],
        rates={"other_burst": 7},
    )

    new = made(api, expires_at=None, allowed_addresses=[])

    assert new["scopes"] == ["read"]
    assert new["expires_at"] == moment(until)
    assert new["allowed_addresses"] == ["127.0.0.0/8"]
    assert new["rate_limits"]["other_burst"] == 7
    assert new["made_by"] == APIKey.objects.get(name="narrow").public_id


def test_a_key_that_can_only_make_keys_has_nothing_to_hand_on_unasked(alice):
    api = narrow(alice, scopes=["admin"])

    refused = problem(api.post("/api-keys", {"name": "CI"}), 422, "invalid_request")
    assert faults(refused) == [("scopes", "too_wide")]
    assert made(api, scopes=["admin"])["scopes"] == ["admin"]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.BILLING])
def test_who_does_not_manage_the_workspace_makes_no_keys(alice, role):
    theirs = API(a_member(alice.workspace, role))

    problem(theirs.post("/api-keys", {"name": "CI"}), 403, "insufficient_scope")
    problem(theirs.get("/api-keys"), 403, "insufficient_scope")
    assert APIKey.objects.count() == 1


def test_a_key_made_while_its_maker_is_revoked_does_not_outlive_it(alice):
    parent = keys.create(maker=alice, name="parent").key
    keys.revoke(key=parent, now=timezone.now())

    with pytest.raises(keys.KeyRefused, match="revoked"):
        keys.create(maker=alice, name="child", parent=parent)


@pytest.mark.django_db(transaction=True)
def test_of_keys_made_in_a_crowd_none_survives_the_revocation_of_their_maker(alice):
    for _ in range(3):
        parent = keys.create(maker=alice, name="parent")
        api = API(text=parent.text)

        def make(number: int, api: API = api) -> int:
            return api.post("/api-keys", {"name": f"child {number}"}).status_code

        def revoke(key: APIKey = parent.key) -> int:
            keys.revoke(key=key, now=timezone.now())
            return 204

        ends = together([*[lambda n=n: make(n) for n in range(5)], revoke, *[lambda: make(9)] * 5])

        assert set(ends) <= {201, 204, 401, 404}
        children = APIKey.objects.filter(lineage__contains=[parent.key.pk])
        assert children.count() == ends.count(201)
        assert not children.filter(revoked_at=None).exists()


# What they spend


def test_what_a_key_spends_counts_against_every_key_above_it(api, alice):
    middle = made(api, scopes=["read", "generate", "admin"], spend_limits={"lifetime": "0.60"})
    last = made(API(text=middle["key"]), spend_limits={"day": "5.00"})
    spender, above = API(text=last["key"]), API(text=middle["key"])

    assert last["spend_limits"] == {"day": "5.00", "month": None, "lifetime": None}
    assert above.post("/generations", WORDS).status_code == 202
    assert spender.post("/generations", WORDS).status_code == 202
    said = problem(spender.post("/generations", WORDS), 403, "spend_limit_reached")

    assert (said["limit"], said["subject"]) == ("key per lifetime", middle["id"])
    assert said["remaining"] == "0.04"
    assert said["detail"].startswith("The API key that made this one may spend 0.60 USD in all")
    problem(above.post("/generations", WORDS), 403, "spend_limit_reached")
    assert api.post("/generations", WORDS).status_code == 202
    assert Generation.objects.count() == 3


def test_the_limit_of_the_key_itself_is_named_before_those_above_it(api, alice):
    middle = made(api, scopes=["read", "generate", "admin"], spend_limits={"month": "0.10"})
    last = made(API(text=middle["key"]), spend_limits={"month": "0.10"})

    said = problem(API(text=last["key"]).post("/generations", WORDS), 403, "spend_limit_reached")

    assert said["subject"] == last["id"]
    assert said["detail"].startswith("This API key may")


def test_a_limit_set_later_counts_what_the_keys_below_have_spent(api, alice):
    child = made(api)
    assert API(text=child["key"]).post("/generations", WORDS).status_code == 202
    mine = f"key:{APIKey.objects.get(name='test').public_id}"

    limit = spending.set_limit(alice.workspace, subject=mine, window="day", amount=CLIP)

    assert limit.spent == CLIP
    problem(api.post("/generations", WORDS), 403, "spend_limit_reached")


@pytest.mark.django_db(transaction=True)
def test_a_family_of_keys_in_a_crowd_never_passes_the_limit_of_its_eldest(alice, audited):
    parent = ["read", "generate", "admin"]
    eldest = made(API(alice), scopes=parent, spend_limits={"day": "1.40"})
    second = made(API(text=eldest["key"]), scopes=parent)
    third = made(API(text=second["key"]), spend_limits={"month": "0.56"})
    family = [API(text=one["key"]) for one in (eldest, second, third)]

    answers = together([lambda n=n: family[n % 3].post("/generations", WORDS) for n in range(24)])

    codes = [answer.status_code for answer in answers]
    assert set(codes) == {202, 403}
    assert codes.count(202) == 5
    youngest = APIKey.objects.get(lineage__len=3)
    assert Generation.objects.filter(api_key=youngest).count() <= 2


# Revoking


def test_revoking_a_key_closes_every_key_it_made_and_no_other(api):
    middle = made(api, scopes=["read", "admin"])
    last = made(API(text=middle["key"]))
    other = made(api)

    assert api.delete(f"/api-keys/{middle['id']}").status_code == 204
    assert api.delete(f"/api-keys/{middle['id']}").status_code == 204

    for text in (middle["key"], last["key"]):
        said = problem(API(text=text).get("/me"), 401, "unauthorized")
        assert "revoked" in said["detail"]
    assert API(text=other["key"]).get("/me").status_code == 200
    left = [one["id"] for one in api.get("/api-keys").json()["data"]]
    assert other["id"] in left
    assert not {middle["id"], last["id"]} & set(left)
    gone = api.get("/api-keys?status=revoked").json()["data"]
    assert [one["id"] for one in gone] == [last["id"], middle["id"]]
    assert all(one["revoked_at"] for one in gone)


def test_keys_of_others_are_not_found(api, others):
    theirs = others.get("/me").json()["key"]["id"]

    for id in (theirs, "key_" + "0" * 32, "key_1", "gen_" + "0" * 32):
        problem(api.delete(f"/api-keys/{id}"), 404, "not_found")
        problem(api.post(f"/api-keys/{id}/rotate"), 404, "not_found")
    assert others.get("/me").status_code == 200
    assert theirs not in str(api.get("/api-keys").json())


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_key_is_not_changed(api, method):
    id = api.get("/me").json()["key"]["id"]
    headers = {"Authorization": f"Bearer {api.key}"}

    answer = getattr(api.client, method)(f"/api/v1/api-keys/{id}", headers=headers)

    problem(answer, 405, "method_not_allowed")
    assert "DELETE" in answer["Allow"]


# Rotating


def test_after_a_rotation_both_texts_open_until_the_overlap_is_over(api):
    old = made(api)
    new = api.post(f"/api-keys/{old['id']}/rotate", {"overlap_seconds": 3600}).json()
    assert new["id"] == old["id"]
    assert new["key"] != old["key"]
    for text in (old["key"], new["key"]):
        assert API(text=text).get("/me").json()["key"]["ending"] == new["ending"]

    APIKey.objects.filter(name="Render server").update(previous_until=timezone.now())

    said = problem(API(text=old["key"]).get("/me"), 401, "unauthorized")
    assert "rotated out" in said["detail"]
    assert API(text=new["key"]).get("/me").status_code == 200


def test_a_rotation_lasts_a_day_unless_it_is_said_otherwise(api):
    old = made(api)
    until = APIKey.objects.filter(name="Render server").values_list("previous_until", flat=True)

    api.post(f"/api-keys/{old['id']}/rotate")
    assert timedelta(hours=23) < until.get() - timezone.now() <= timedelta(hours=24)
    api.post(f"/api-keys/{old['id']}/rotate", {"overlap_seconds": 0})
    assert until.get() <= timezone.now()
    for seconds in (-1, 604_801, "1", 1.5):
        answer = api.post(f"/api-keys/{old['id']}/rotate", {"overlap_seconds": seconds})
        assert faults(problem(answer, 422, "invalid_request"))[0][0] == "overlap_seconds"


def test_a_rotation_sent_twice_happens_once(api):
    old = made(api)
    path = f"/api-keys/{old['id']}/rotate"

    first = api.post(path, Idempotency_Key="once").json()
    again = api.post(path, Idempotency_Key="once").json()

    assert again == first | {"key": None}
    assert API(text=old["key"]).get("/me").status_code == 200
    assert API(text=first["key"]).get("/me").status_code == 200


def test_a_key_rotates_itself(api):
    id = api.get("/me").json()["key"]["id"]

    new = api.post(f"/api-keys/{id}/rotate", {"overlap_seconds": 0}).json()

    problem(api.get("/me"), 401, "unauthorized")
    assert API(text=new["key"]).get("/me").json()["key"]["id"] == id


def test_nobody_gets_the_text_of_a_wider_key_by_rotating_it(api, alice):
    wide = api.get("/me").json()["key"]["id"]
    child = API(text=made(api, scopes=["admin"])["key"])

    refused = problem(child.post(f"/api-keys/{wide}/rotate"), 403, "insufficient_scope")

    assert "itself and the keys it made" in refused["detail"]
    assert api.get("/me").status_code == 200


def test_a_revoked_key_is_not_rotated(api):
    old = made(api)
    api.delete(f"/api-keys/{old['id']}")

    problem(api.post(f"/api-keys/{old['id']}/rotate"), 404, "not_found")


# Lists


def test_the_list_goes_page_by_page(api):
    names = [made(api, name=f"key {number}")["name"] for number in range(5)]
    seen, cursor = [], ""

    while cursor is not None:
        page = api.get(f"/api-keys?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [one["name"] for one in page["data"]]
        cursor = page["next_cursor"]

    assert seen == [*reversed(names), "test"]
    problem(api.get("/api-keys?status=lost"), 422, "invalid_request")


def test_expired_keys_say_so(api, alice):
    expired = made(api, expires_at=in_days(1))
    APIKey.objects.filter(name="Render server").update(expires_at=timezone.now())

    states = {one["id"]: one["status"] for one in api.get("/api-keys").json()["data"]}
    assert states[expired["id"]] == "expired"
    only = api.get("/api-keys?status=expired").json()["data"]
    assert [one["id"] for one in only] == [expired["id"]]
    assert expired["id"] not in str(api.get("/api-keys?status=active").json())


# Who did it


def test_making_rotating_and_revoking_stand_in_the_audit(api, alice):
    AuditEntry.objects.all().delete()
    mine = api.get("/me").json()["key"]["id"]
    new = made(api, scopes=["read"])
    rotated = api.post(f"/api-keys/{new['id']}/rotate").json()
    api.delete(f"/api-keys/{new['id']}")

    entries = AuditEntry.objects.filter(workspace=alice.workspace).order_by("id")

    told = [(one.actor, one.action, one.subject, one.address) for one in entries]
    assert told == [
        (mine, f"api_key.{what}", new["id"], "127.0.0.1")
        for what in ("created", "rotated", "revoked")
    ]
    assert entries[0].data["scopes"] == ["read"]
    for text in (new["key"], rotated["key"]):
        assert text[20:] not in str([one.data for one in entries])


def test_a_refused_key_leaves_no_entry(api):
    before = AuditEntry.objects.count()

    api.post("/api-keys", {"name": "CI", "expires_at": "2020-01-01T00:00:00Z"})

    assert AuditEntry.objects.count() == before


def test_without_a_second_factor_of_its_holder_a_key_makes_no_key(api, alice, settings):
    settings.KEYS_NEED_MFA = True

    refused = api.post("/api-keys", {"name": "CI"}, Idempotency_Key="once")

    told = problem(refused, 403, "insufficient_scope")
    assert "second factor" in told["detail"]
    assert APIKey.objects.count() == 1

    Authenticator.objects.create(user=alice.user, type="totp", data={"secret": "x"})
    assert made(api, name="CI")["name"] == "CI"


def test_a_key_rotates_and_revokes_without_a_second_factor(api, settings):
    new = made(api, name="CI")
    settings.KEYS_NEED_MFA = True

    assert api.post(f"/api-keys/{new['id']}/rotate", {}).status_code == 200
    assert api.delete(f"/api-keys/{new['id']}").status_code == 204
