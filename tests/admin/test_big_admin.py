"""Lists of staff stay quick and their acts small, however much there is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import keys
from accounts.models import APIKey, AuditEntry
from billing.models import StripeEvent, Transfer
from generations.models import Generation
from generations.states import State
from tests.factories import a_user
from tests.many import APPS, Copies, all_but_one_of
from tests.site import lives

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

#: Of these there are as many as there may ever be.
MUCH = [Generation, APIKey, StripeEvent, AuditEntry, Transfer]
LONG = [pytest.mark.long, pytest.mark.timeout(3600)]
#: Seconds that no statement takes.
MOST_SECONDS = 5.0
SEARCHES = ["", "%" * 10_000, "_%" * 500, "boat", "0", "nothing of this kind", "'\"\\;--", "é" * 99]
#: An act of a list, the permission for it is everybody's here, and what it leaves as it is.
ACTS = [
    (APIKey, "revoke", {"revoked_at": None}),
    (Generation, "cancel", {"state": State.QUEUED}),
    (Generation, "look_now", {"state": State.QUEUED}),
    (StripeEvent, "replay_chosen", {"tries": 0}),
]


@pytest.fixture
def desk(db) -> Client:
    browser = Client()
    browser.force_login(a_user("stella@staff.example", is_staff=True, is_superuser=True))
    return browser


@pytest.fixture(params=[300, pytest.param(100_000, marks=LONG)])
def rows(request, alice) -> int:
    """So many of everything that there is much of."""
    lives.ordered(alice, prompt="A paper boat")
    keys.create(maker=alice, name="CI")
    now = {"happened_at": "2026-11-21T09:30:00Z", "payload": {}}
    StripeEvent.objects.create(id="evt_1", type="charge.refunded", object_id="ch_1", **now)
    Copies(kept=all_but_one_of(MUCH)).up_to(request.param)
    return request.param


@contextmanager
def timed() -> Iterator[list[float]]:
    """The seconds of each statement."""
    took: list[float] = []

    def measure(execute: Any, *statement: Any) -> Any:
        began = time.monotonic()
        try:
            return execute(*statement)
        finally:
            took.append(time.monotonic() - began)

    with connection.execute_wrapper(measure):
        yield took


def test_no_search_of_a_long_list_takes_long(desk, rows):
    slow = {}
    for model in admin.site._registry:
        if model._meta.app_label not in APPS:
            continue
        for search in SEARCHES[: rows // 100]:
            with timed() as took:
                answer = desk.get(changelist(model), {"q": search})
            assert answer.status_code in (200, 302), (model, search)
            if max(took) > MOST_SECONDS:
                slow[f"{model.__name__} {search[:20]}"] = max(took)
    assert slow == {}


def test_an_act_on_too_many_rows_does_nothing_and_says_so(desk, rows):
    for model, act, untouched in ACTS:
        some = [str(model._base_manager.values_list("pk", flat=True)[0])]
        chosen = {"action": act, "_selected_action": some, "select_across": "1"}
        before = model._base_manager.filter(**untouched).count()

        began = time.monotonic()
        answer = desk.post(changelist(model), chosen, follow=True)

        assert time.monotonic() - began < MOST_SECONDS, act
        assert "Choose at most 100 at once" in answer.text, act
        assert model._base_manager.filter(**untouched).count() == before > 100


def changelist(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
