"""Two clicks at the same moment."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from billing import rates
from generations.models import Generation
from generations.orders import Customer
from generations.site import ordering
from generations.spec import ClipSpec
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("deposit", ["10.00", "0.28"])
def test_the_same_form_sent_at_once_orders_once_and_answers_all_alike(deposit):
    """Also where the money is enough for exactly one: nobody is told that it is too little."""
    sku = "hailuo-2.3/text-to-video/768P/6"
    rates.enter([("runware", sku, 280_000)], at=timezone.now(), note="for the race")
    workspace = a_workspace(deposit=deposit)
    wish = ordering.Wish(ClipSpec(model="hailuo-2.3", prompt="A boat"), 1, uuid.uuid4())

    def click(_: int) -> list[uuid.UUID]:
        try:
            customer = Customer(workspace=workspace)
            placed = ordering.place_once(customer=customer, wish=wish, now=timezone.now())
            return [generation.pk for generation in placed.generations]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as fingers:
        answers = list(fingers.map(click, range(6)))

    order = Generation.objects.get()
    assert answers == [[order.pk]] * 6
