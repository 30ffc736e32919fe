"""Lists and pages ask as much for a thousand of everything as for ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import Erasure, Role, Workspace
from billing.models import Cost, Payer, PromotionCode, Rate, SpendLimit, Wallet
from billing.models.costs import CostAccount
from generations import timing
from generations.models import ProviderStatus
from tests.api import world as worlds
from tests.api.tools import API, queries
from tests.api.world import Place
from tests.factories import a_member, a_user
from tests.many import Copies
from tests.routes import routes
from tests.site import lives
from tests.site.conftest import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 10, 1000
#: Of these there is one in a workspace, or one table for all.
ONE = [Workspace, Wallet, Payer, SpendLimit, Rate, ProviderStatus, PromotionCode]
#: What is for programs, for staff, or no page.
NOT_PAGES = ("accounts/", "api/", "v1/", "admin/", "docs", "webhooks/", "healthz", "readyz")
NOT_PAGES += ("metrics",)
#: Asked with as much as a page shows.
FULL = {"/api/v1/usage": "?by=day,member,model"}
FULL |= dict.fromkeys(["/api/v1/me", "/api/v1/models", "/api/v1/wallet"], "")
FULL |= dict.fromkeys(["/api/v1/openapi.json", "/api/v1/webhook-secret", "/v1/models"], "")
STAFF = [
    kind
    for kind in admin.site._registry
    if kind._meta.app_label in ("accounts", "billing", "generations")
]

Ask = Callable[[], Any]


@pytest.fixture
def place(tmp_path) -> Place:
    """A workspace with one of everything, and orders at several stages."""
    place = worlds.a_place("Oneword", tmp_path)
    a_member(place.workspace, Role.MEMBER, a_user("another@example.org"))
    lives.ordered(place.owner)
    lives.running(lives.ordered(place.owner))
    lives.failed(lives.ordered(place.owner))
    return place


def test_every_list_of_the_api_asks_a_constant_number_of_questions(place):
    api = API(place.owner)
    addresses = [
        f"/{route.path}"
        for route in routes(("api/v1/", "v1/"))
        if "GET" in route.methods and "<" not in route.path and not route.path.endswith("/events")
    ]
    full = [address + FULL.get(address, "?limit=100") for address in addresses]
    headers = {"Authorization": f"Bearer {api.key}"}
    doors = {one: lambda one=one: api.client.get(one, headers=headers) for one in full}

    assert_constant(doors, Copies([*ONE, place.owner, place.owner.user]))
    assert len(api.get("/generations?limit=100").json()["data"]) == 100


def test_every_page_asks_a_constant_number_of_questions(place):
    browser = browser_of(place.owner)
    addresses = [
        f"/{route.path}"
        for route in routes()
        if not route.path.startswith(NOT_PAGES) and "<" not in route.path
    ]
    doors = {one: lambda one=one: browser.get(one) for one in addresses}
    readable = {one: ask for one, ask in doors.items() if ask().status_code == 200}

    assert {"/", "/library", "/wallet", "/keys", "/billing/statements/"} <= set(readable)
    assert_constant(readable, Copies([*ONE, place.owner, place.owner.user]))


def test_every_list_of_the_admin_asks_a_constant_number_of_questions(place):
    browser = browser_of(place.owner)
    place.owner.user.is_staff = place.owner.user.is_superuser = True
    place.owner.user.save()
    for kind in STAFF:
        one_of(kind)
    names = [f"{kind._meta.app_label}_{kind._meta.model_name}" for kind in STAFF]
    lists = [reverse(f"admin:{name}_changelist") for name in names]
    doors = {one: lambda one=one: browser.get(one) for one in ["/admin/", *lists]}

    assert_constant(doors, Copies([Erasure, place.owner.user]))  # nobody is erased twice


def one_of(kind: type[models.Model]) -> None:
    """A row of this kind, made up where there is none."""
    if not kind._base_manager.exists():
        own = {"credit": CostAccount.values[-1]} if kind is Cost else {}
        left_out = (models.AutoField, models.GeneratedField)
        needed = [
            field
            for field in kind._meta.concrete_fields
            if not (field.null or field.has_default() or isinstance(field, left_out))
        ]
        kind._base_manager.create(**{field.name: value_of(field) for field in needed} | own)


def value_of(field: models.Field) -> object:
    if field.related_model:
        one_of(field.related_model)
        return field.related_model._base_manager.last()  # not who looks: they are not copied
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    first = field.choices[0][0] if field.choices else None
    return first or ("x" if isinstance(field, models.CharField) else 1)


def assert_constant(doors: dict[str, Ask], copies: Copies) -> None:
    copies.up_to(FEW)
    timing.forget()
    few = {name: asked(ask) for name, ask in doors.items()}
    copies.up_to(MANY)

    assert {name: asked(ask) for name, ask in doors.items()} == few


def asked(ask: Ask) -> int:
    """What is known of the past is asked anew every half minute, so the least of three counts."""
    counts = []
    for _ in range(3):
        with queries() as statements:
            assert ask().status_code == 200
        counts.append(len(statements))
    return min(counts)
