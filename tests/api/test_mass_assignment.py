"""Every column of every table, sent to every endpoint that takes a body: nothing of it sticks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import APIKey, Membership
from billing import ledger
from generations.models import Generation
from tests.api.tools import WORDS, a_picture, faults, problem
from tests.api.world import fingerprint
from tests.routes import API, Route, routes

pytestmark = pytest.mark.django_db

OUR_APPS = ("accounts", "billing", "generations")
#: What somebody might hope for, by the beginning of a column's type.
HOPES = {
    "Boolean": True,
    "Big": 10**12,
    "Positive": 10**6,
    "DateTime": "2030-01-01T00:00:00Z",
    "JSON": {"price": "0.00"},
    "UUID": "00000000-0000-7000-8000-000000000000",
}


def columns() -> dict[str, object]:
    """Every column of ours, by both of its names, with a value that would be worth something."""
    found: dict[str, object] = {}
    for app in OUR_APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.fields:
                kind = field.get_internal_type()
                hope = next((hope for start, hope in HOPES.items() if kind.startswith(start)), "x")
                found |= {field.name: hope, field.attname: hope}
    return found


def writable() -> list[tuple[str, Route]]:
    return [
        (method, route)
        for route in routes(API)
        for method in sorted(route.methods & {"POST", "PUT", "PATCH"})
    ]


@pytest.mark.parametrize(("method", "route"), writable(), ids=lambda one: getattr(one, "path", one))
def test_columns_that_are_no_fields_are_refused_and_change_nothing(api, alice, method, route):
    """All at once, so that one that is taken does not hide behind another."""
    id = api.post("/generations", WORDS).json()["id"]
    before = fingerprint(alice.workspace)

    address = route.at(id).removeprefix("/api/v1")
    answer = getattr(api, method.lower())(address, columns())

    assert 400 <= answer.status_code < 500, answer.content
    assert fingerprint(alice.workspace) == before


#: A column of ours that an order has a field for.
FIELDS = {
    "model", "prompt", "resolution", "duration", "prompt_optimizer", "fast_pretreatment",
    "watermark", "output_format", "output_quality", "policy", "provider", "max_price", "metadata",
    "tags", "quote", "count", "webhook_url",
}  # fmt: skip


def test_an_order_names_each_column_that_it_does_not_take(api):
    for some in bites(set(columns()) - FIELDS):
        answer = api.post("/generations", WORDS | some)

        refused = problem(answer, 422, "invalid_request")
        assert sorted(faults(refused)) == [(name, "unknown") for name in sorted(some)]
    assert not Generation.objects.exists()


def test_a_form_takes_nothing_but_its_file(api, alice):
    api.get("/me")  # now its key was used, which is written down
    before = fingerprint(alice.workspace)
    for some in bites(set(columns())):
        form = {"file": SimpleUploadedFile("frame.png", a_picture()), **dict.fromkeys(some, "1")}

        answer = api.client.post("/api/v1/uploads", form, headers=api._headers({}))

        problem(answer, 422, "invalid_request")
    assert fingerprint(alice.workspace) == before


def test_pages_take_nothing_but_their_forms(alice, wallet):
    """Forms of the site do not refuse what they do not know: it must simply not matter."""
    browser = Client()
    browser.force_login(alice.user)
    for some in bites(set(columns()) - {"name"}):
        hopes = {name: str(hope) for name, hope in some.items()}
        browser.post("/account", {"name": "Alice"} | hopes)

    alice.user.refresh_from_db()
    assert (alice.user.name, alice.user.is_staff, alice.user.is_superuser) == (
        "Alice",
        False,
        False,
    )
    assert Membership.objects.get(pk=alice.pk).role == "owner"
    assert ledger.balance(wallet).available == 10_000_000
    assert not APIKey.objects.exists()


def bites(names: set[str]) -> Iterator[dict[str, object]]:
    """A form takes a hundred fields, and a problem names fifty."""
    ordered, hopes = sorted(names), columns()
    for start in range(0, len(ordered), 40):
        yield {name: hopes[name] for name in ordered[start : start + 40]}
