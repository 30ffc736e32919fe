"""A query whose SQL is made once answers as the query itself does."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey
from accounts.prepared import Prepared
from billing import limits, rates
from billing.models import SpendLimit
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db


def test_what_is_joined_and_annotated_comes_along(bob, django_assert_num_queries):
    key = keys.create(maker=bob, name="CI").key
    keys.note_use(key, now=timezone.now(), address="2001:db8::1")

    with django_assert_num_queries(1):
        (found,) = keys._with_lookup(key.lookup, "2001:db8::1")
        assert found.workspace.name == bob.workspace.name
        assert found.maker.user.email == bob.user.email
    (elsewhere,) = keys._with_lookup(key.lookup, "192.0.2.7")

    assert vars(found)["last_used_here"] is not None
    assert vars(elsewhere)["last_used_here"] is None


def test_it_asks_for_what_it_is_called_with_each_time():
    now = timezone.now()
    rates.enter([("runware", "a", 100_000), ("toapis", "b", 200_000)], at=now, note="")
    rates.enter([("runware", "a", 300_000)], at=now + timedelta(days=1), note="dearer")

    def cost(sku: str, at) -> list[int]:
        return [price.cost for price in rates.prices(at=at, sku=sku)]

    assert (cost("a", now), cost("b", now), cost("c", now)) == ([100_000], [200_000], [])
    assert cost("a", now + timedelta(days=2)) == [300_000]
    assert cost("a", now - timedelta(days=1)) == []


def test_every_limit_of_a_spender_is_found_however_many_names_it_has():
    workspace = a_workspace()
    for subject in ("workspace", "member:mem_1", "key:key_1", "key:key_2", "key:other"):
        SpendLimit.objects.create(workspace=workspace, subject=subject, window="day", amount=1)

    found = limits._counting(
        limits.spender(workspace, member="mem_1", key="key_2", above=["key_1"])
    )
    few = limits._counting(limits.spender(workspace))

    assert [one.subject for one in found] == ["key:key_1", "key:key_2", "member:mem_1", "workspace"]
    assert [one.subject for one in few] == ["workspace"]


def test_a_parameter_that_the_query_does_not_use_is_a_mistake():
    forgetful = Prepared(lambda id: APIKey.objects.filter(name="fixed"), uuid.UUID)

    with pytest.raises(TypeError, match="not among the parameters"):
        forgetful(uuid.uuid4())
