"""Whatever is told in Stripe's name, only what Stripe itself says was paid is in a wallet."""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from datetime import timedelta

import pytest
import stripe
from django.utils import timezone

from billing.models import StripeEvent
from billing.payments import events
from tests.billing.payments.conftest import SECRET, deliver, signed
from tests.generations.providers.test_mutations import mutated

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

CREDIT = [("deposit", "stripe", "available", "25.00")]
HOURS = 5
LONG = [pytest.mark.long, pytest.mark.timeout(3600)]


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261130)


@pytest.fixture
def told(shopper, house) -> list[dict]:
    """One payment that was made, and the same events about one that never was."""
    paid, unpaid = shopper.wants("25"), shopper.wants("40")
    shopper.pays(paid)
    names = {paid.session: unpaid.session, paid.public_id: unpaid.public_id}
    true = house.events()
    assert {"checkout.session.completed", "payment_intent.succeeded"} <= {e["type"] for e in true}
    return [*true, *[renamed(event, names) for event in true]]


def renamed(value, names: dict[str, str]):
    if isinstance(value, dict):
        return {key: renamed(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [renamed(member, names) for member in value]
    return names.get(value, value) if isinstance(value, str) else value


def processed() -> None:
    """Now, and again as often as what could not be asked is tried within hours."""
    for hour in range(HOURS):
        while events.process_due(now=timezone.now() + timedelta(hours=hour)):
            pass


@pytest.mark.parametrize("count", [150, pytest.param(5_000, marks=LONG)])
def test_events_with_anything_wrong_credit_what_was_paid_and_once(shopper, told, chance, count):
    """They are signed: the worst that could be told is what Stripe's own mistakes would be."""
    answers = Counter()
    for number in range(count):
        event = copy.deepcopy(chance.choice(told)) | {"id": f"evt_{number}"}
        body = mutated(event, chance.randrange)
        answers[deliver(body, header(body)).status_code] += 1
        if number % 50 == 49:
            events.process_due()
    processed()

    assert set(answers) <= {200, 400, 413}
    assert answers[200] > count // 4
    assert shopper.moves in ([], CREDIT)
    assert not StripeEvent.objects.filter(note__contains="Error:").exists(), notes()


def notes() -> Counter:
    return Counter(StripeEvent.objects.values_list("note", flat=True))


def header(body: bytes) -> str:
    return stripe.WebhookSignature.generate_signature_header(
        body.decode(), SECRET, timestamp=int(time.time())
    )


@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=LONG)])
def test_no_other_signature_than_the_right_one_opens(shopper, told, chance, count):
    for _ in range(count):
        body, right = signed(chance.choice(told))
        assert deliver(body, forged(body, right, chance)).status_code == 400

    assert not StripeEvent.objects.exists()
    assert shopper.moves == []


def forged(body: str, right: str, chance: random.Random) -> str:
    when, seal = (part.partition("=")[2] for part in right.split(","))
    at = chance.randrange(len(seal))
    digit = chance.choice([one for one in "0123456789abcdef" if one != seal[at]])
    off = chance.choice([-(10**9), -3600, -1, 1, 3600, 10**9])
    early, late = (signed_at(body, int(when) + seconds) for seconds in (-301, 120))
    return chance.choice(
        [
            f"t={when},v1={seal[:at]}{digit}{seal[at + 1 :]}",
            f"t={when},v1={seal[:at]}",
            f"t={when},v1={seal}{digit}",
            f"t={when},v1={seal[:at]} {seal[at:]}",
            f"t={when},v1={''.join(chance.sample(seal, len(seal)))}",
            f"t={int(when) + off},v1={seal}",
            f"t={int(when) + off},t={when},v1={seal}",
            f"t={when},v{chance.choice('0239')}={seal}",
            f"t={when},v1=",
            f"t={when}",
            f"v1={seal}",
            f"t={when};v1={seal}",
            f"t={when}.5,v1={seal}",
            f"t=-{when},v1={seal}",
            f"t=٠{when},v1={seal}",
            f"t={when},v1={seal.upper()}",
            f"t={when},v1=é{seal}",
            f"{seal}",
            signed(body)[1] if chance.random() < 0.5 else "",
            early,
            late,
            signed(body + " ")[1],
            stripe.WebhookSignature.generate_signature_header(body, "whsec_x"),
        ]
    )


def signed_at(body: str, when: int) -> str:
    return stripe.WebhookSignature.generate_signature_header(body, SECRET, timestamp=when)
