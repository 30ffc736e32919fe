"""
Nobody reaches what belongs to others: every route × method × caller × own, foreign, deleted and
random id, from the URL map. A route without a row here fails, with the row to add.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import ALLOWED, Act
from tests.api import world as worlds
from tests.api.world import WHICH, Caller, World
from tests.routes import Route, routes

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Row:
    """
    What a route is about, and for each method the act it takes and what its own people get.

    `free` is what everybody gets, whoever they are; `why` is why a route is not asked here.
    """

    kind: str = ""
    methods: dict[str, str] = field(default_factory=dict)
    is_page: bool = False
    free: int = 0
    why: str = ""


def api(kind: str = "", **methods: str) -> Row:
    """For programs, with a key."""
    return Row(kind, methods)


def page(kind: str = "", **methods: str) -> Row:
    """For people, with a session; a POST is sent empty."""
    return Row(kind, methods, is_page=True)


def free(status: int = 200) -> Row:
    return Row(free=status)


def elsewhere(why: str) -> Row:
    return Row(why=why)


#: route → `api("kind of thing named in it", METHOD="act it takes, status for its own owner")`
TABLE: dict[str, Row] = {
    "api/v1/me": api(GET="read 200"),
    "api/v1/models": api(GET="read 200"),
    "api/v1/usage": api(GET="read 200"),
    "api/v1/wallet": api(GET="read 200"),
    "api/v1/wallet/transactions": api(GET="read 200"),
    "api/v1/wallet/top-ups": api(POST="billing 422"),
    "api/v1/wallet/top-ups/<str:id>": api("top-up", GET="read 200"),
    "api/v1/quotes": api(POST="read 422"),
    "api/v1/quotes/<str:id>": api("quote", GET="read 200"),
    "api/v1/uploads": api(POST="order 415"),
    "api/v1/generations": api(GET="read 200", POST="order 422"),
    "api/v1/generations/<str:id>": api("generation", GET="read 200", DELETE="order 204"),
    "api/v1/generations/<str:id>/cancel": api("generation", POST="order 409"),
    "api/v1/generations/<str:id>/content": api("generation", GET="read 200"),
    "api/v1/generations/<str:id>/poster": api("generation", GET="read 200"),
    "api/v1/generations/<str:id>/events": elsewhere("a stream has no end: test_streams.py"),
    "api/v1/events": elsewhere("a stream has no end: test_streams.py"),
    "api/v1/api-keys": api(GET="manage 200", POST="manage 422"),
    "api/v1/api-keys/<str:id>": api("key", DELETE="manage 204"),
    "api/v1/api-keys/<str:id>/rotate": api("key", POST="manage 403"),
    "api/v1/webhook-endpoints": api(GET="read 200", POST="manage 422"),
    "api/v1/webhook-endpoints/<str:id>": api(
        "endpoint", GET="read 200", PATCH="manage 200", DELETE="manage 204"
    ),
    "api/v1/webhook-endpoints/<str:id>/ping": api("endpoint", POST="manage 202"),
    "api/v1/webhook-endpoints/<str:id>/rotate": api("endpoint", POST="manage 200"),
    "api/v1/webhook-endpoints/<str:id>/replay-missing": api("endpoint", POST="manage 200"),
    "api/v1/webhook-deliveries": api(GET="read 200"),
    "api/v1/webhook-deliveries/<str:id>/replay": api("delivery", POST="manage 202"),
    "api/v1/webhook-secret": api(GET="manage 200"),
    "api/v1/webhook-secret/rotate": api(POST="manage 200"),
    "v1/models": api(GET="read 200"),
    "v1/models/<str:name>": api(GET="read 404"),
    "v1/videos": api(GET="read 200", POST="order 400"),
    "v1/videos/<str:id>": api("generation", GET="read 200", DELETE="order 200"),
    "v1/videos/<str:id>/content": api("generation", GET="read 200"),
    "v1/videos/<str:id>/remix": elsewhere("the body is read first: tests/openai/test_videos.py"),
    "v1/^videos/(characters|edits|extensions)": free(404),
    "v1/^": free(404),
    "": free(),
    "healthz": free(),
    "readyz": free(),
    "api/docs": free(),
    "api/v1/openapi.json": free(),
    "api/^": free(404),
    "docs": free(),
    "docs/<slug:slug>": free(404),
    "docs/errors/<slug:code>": free(404),
    "files/<str:token>": elsewhere("the address is the secret: test_files.py"),
    "webhooks/providers/<slug:provider>/<str:token>": elsewhere("the address is: test_doors.py"),
    "csp-reports": elsewhere("browsers tell, nobody is told: tests/operations/test_events.py"),
    "webhooks/stripe": elsewhere("the signature is: tests/billing/payments"),
    "account": page(GET="read 200", POST="read 200"),
    "account/letters": page(GET="read 200", POST="read 302"),
    "account/sessions/<int:session_id>/end": elsewhere("of a person: tests/site/test_security.py"),
    "account/data": page(GET="read 200", POST="read 302"),
    "account/exports/<str:export_id>": elsewhere("of a person: tests/privacy/test_exports.py"),
    "account/delete": page(GET="read 200", POST="read 422"),
    "account/back/<str:token>": elsewhere("the address is the secret: tests/privacy"),
    "letters/stop/<str:token>": elsewhere("the address is the secret: tests/site/test_letters.py"),
    "workspace/retention": page(GET="read 200", POST="manage 302"),
    "keys": page(GET="read 200", POST="manage 422"),
    "keys/<str:key_id>/revoke": page("key", POST="manage 302"),
    "keys/<str:key_id>/rotate": elsewhere("only its maker may: tests/site/test_keys.py"),
    "team": page(GET="read 200", POST="manage 422"),
    "team/name": page(POST="manage 422"),
    "team/leave": elsewhere("everybody but the owner: tests/team/test_members.py"),
    "team/ownership/<slug:answer>": elsewhere("no id in it: tests/team/test_ownership.py"),
    "team/members/<str:member_id>": page("member", GET="read 200", POST="billing 302"),
    "team/members/<str:member_id>/role": page("member", POST="manage 302"),
    "team/members/<str:member_id>/remove": page("member", POST="manage 302"),
    "team/members/<str:member_id>/owner": page("member", POST="own 302"),
    "team/invitations/<str:invitation_id>/send": page("invitation", POST="manage 302"),
    "team/invitations/<str:invitation_id>/withdraw": page("invitation", POST="manage 302"),
    "invitations/<str:token>": elsewhere("the address is the secret: tests/team"),
    "workspaces": page(GET="read 200", POST="read 422"),
    "usage": page(GET="read 200"),
    "usage.csv": page(GET="read 200"),
    "webhooks": page(GET="read 200", POST="manage 422"),
    "webhooks/orders": page(GET="read 200", POST="manage 200"),
    "webhooks/endpoints/<str:endpoint_id>": page("endpoint", GET="read 200", POST="manage 422"),
    "webhooks/endpoints/<str:endpoint_id>/switch": page("endpoint", POST="manage 302"),
    "webhooks/endpoints/<str:endpoint_id>/rotate": page("endpoint", POST="manage 302"),
    "webhooks/endpoints/<str:endpoint_id>/remove": page("endpoint", POST="manage 302"),
    "webhooks/endpoints/<str:endpoint_id>/ping": page("endpoint", POST="manage 302"),
    "webhooks/endpoints/<str:endpoint_id>/missing": page("endpoint", POST="manage 422"),
    "webhooks/deliveries/<str:delivery_id>": page("delivery", GET="read 200"),
    "webhooks/deliveries/<str:delivery_id>/row": page("delivery", GET="read 200"),
    "webhooks/deliveries/<str:delivery_id>/outcome": page("delivery", GET="read 200"),
    "webhooks/deliveries/<str:delivery_id>/replay": page("delivery", POST="manage 302"),
    "live": elsewhere("a stream has no end: tests/site/test_live.py"),
    "wallet/balance": page(GET="read 200"),
    "studio/reel": page(GET="read 200"),
    "library/marked": page(POST="order 302"),
    "generations/<str:generation_id>/favourite": page("generation", POST="order 302"),
    "generations/<str:generation_id>/tags": page("generation", POST="order 302"),
    "generations/<str:generation_id>/shares": page("generation", POST="order 302"),
    "shares/<int:share_id>/revoke": elsewhere("numbered: tests/site/test_shares.py"),
    "s/<slug:token>": elsewhere("the address is the secret: tests/site/test_shares.py"),
    "s/<slug:token>/report": elsewhere("for anybody: tests/operations/test_moderation.py"),
    "s/<slug:token>/<slug:kind>": elsewhere("the address is: tests/site/test_shares.py"),
    "metrics": elsewhere("a token or the loopback: tests/operations"),
    "workspace": page(POST="read 404"),
    "wallet": page(GET="read 200"),
    "wallet/top-up": page(POST="billing 422"),
    "wallet/top-ups/<str:top_up_id>": page("top-up", GET="read 200"),
    "wallet/cards": page(POST="billing 302"),
    "wallet/automatic": page(POST="billing 422"),
    "wallet/api-charges": page(POST="own 302"),
    "wallet/code": page(POST="billing 422"),
    "wallet/limits": page(GET="read 200", POST="billing 422"),
    "billing/statements/": page(GET="books 200"),
    "studio": page(GET="read 200", POST="order 422"),
    "studio/price": page(GET="read 200"),
    "library": page(GET="read 200"),
    "clips/<str:generation_id>": page("generation", GET="read 200"),
    "clips/<str:generation_id>/live": page("generation", GET="read 200"),
    "frames/<str:upload_id>": page("upload", GET="read 200"),
    "generations/<str:generation_id>/card": page("generation", GET="read 200"),
    "generations/<str:generation_id>/cancel": page("generation", POST="order 302"),
    "generations/<str:generation_id>/delete": page("generation", POST="order 302"),
    "billing/statements/<str:workspace>/ledger": page("workspace", GET="books 200"),
    "billing/statements/<str:workspace>/<str:month>.csv": elsewhere("tests/billing/statements"),
    "billing/statements/<str:workspace>/<str:month>.pdf": elsewhere("tests/billing/statements"),
}
#: Others' code: prefix → what is asked of it instead.
NOT_OURS = {"admin/": "for staff: test_nobody_but_staff_sees_the_admin", "accounts/": "allauth"}
#: May read the books, and does so although the workspace is suspended.
BOOKS = "books"

OURS = [route for route in routes() if not route.path.startswith(tuple(NOT_OURS))]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """Once for all; nothing of it is ever committed."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "spool").mkdir()
    storages = {
        "default": {
            "BACKEND": "tests.api.world.KeepingStorage",
            "OPTIONS": {"location": folder / "media"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with (
        override_settings(STORAGES=storages, SPOOL=folder / "spool", API_FAILED_PER_MINUTE=10**6),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield worlds.build(folder)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _media_of_its_own(world):
    """The world's, for all tests here; likewise the two below."""


@pytest.fixture(autouse=True)
def _price_table(world):
    pass


@pytest.fixture(autouse=True)
def _on_sale(world):
    pass


@pytest.fixture(autouse=True)
def _audited(world):
    pass


@pytest.mark.parametrize("path", [route.path for route in OURS])
def test_every_route_has_a_row(path):
    assert path in TABLE, f'add to TABLE: "{path}": api("kind", GET="read 200"),   (or page(…))'


def test_every_row_has_a_route():
    assert set(TABLE) <= {route.path for route in OURS}


@pytest.mark.slow
@pytest.mark.parametrize("route", OURS, ids=lambda route: route.path)
def test_the_matrix(world, route):
    row = TABLE[route.path]
    if row.why:
        pytest.skip(row.why)
    wrong = []
    for caller in world.people if row.is_page else world.programs:
        for method in METHODS:
            for which in WHICH if row.kind else ("own",):
                wrong += _cell(world, route, row, caller, method, which)
    assert not wrong, "\n".join(wrong)


def test_nobody_but_staff_sees_the_admin(world):
    owner = next(caller for caller in world.people if caller.role)
    for route in routes("admin/"):
        if "login" in route.path or "jsi18n" in route.path:
            continue
        with worlds.undone():
            answer = owner.ask("GET", route.at("1").replace("^", "").replace("$", ""))
        assert answer.status_code in (302, 403, 404), route.path
        assert world.ours.word.encode() not in answer.whole, route.path


def _cell(
    world: World, route: Route, row: Row, caller: Caller, method: str, which: str
) -> list[str]:
    """What is wrong with one cell of the matrix."""
    id = world.id(caller, row.kind, which) if row.kind else "own"
    if id is None:
        return []
    other = world.other(caller)
    with worlds.undone():
        before = worlds.fingerprint(other.workspace) if method != "GET" else ""
        answer = caller.ask(method, route.at(id))
        after = worlds.fingerprint(other.workspace) if method != "GET" else ""
    expected = _expected(row, caller, method, which)
    where = f"{method} {route.path} by {caller.name}, {which} id"
    wrong = []
    if answer.status_code not in expected:
        wrong.append(f"{where}: {answer.status_code}, not {expected}")
    if before != after:
        wrong.append(f"{where} changed rows of {other.word}")
    if other.word.encode() in answer.whole:
        wrong.append(f"{where} shows something of {other.word}")
    return wrong


def _expected(row: Row, caller: Caller, method: str, which: str) -> set[int]:
    if row.free:
        return {row.free, *([405] if method != "GET" else [])}
    if method not in row.methods:
        return _unlisted(row, caller)
    act, _, status = row.methods[method].partition(" ")
    if caller.shut_out:
        return {302, 405} if row.is_page else {401}
    if act == BOOKS:
        act = Act.SPEND_SETTINGS
    elif caller.suspended and act != Act.READ:
        return {403}
    if row.kind and which != "own" and (row.is_page is False or act != BOOKS):
        return {404} if caller.role in ALLOWED[act] else {403, 404}
    return {int(status)} if caller.role in ALLOWED[act] else {403}


def _unlisted(row: Row, caller: Caller) -> set[int]:
    """
    A program is told that there is no such method, once it has shown a key that may do anything
    at all. A page takes what is neither GET nor POST for a GET, or refuses it.
    """
    if not row.is_page:
        return {401} if caller.shut_out else {403, 405}
    reading = {200, 204, 404} if "GET" in row.methods else set()
    return reading | {302, 403, 405}
