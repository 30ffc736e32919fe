"""Troubles that take more than one order to tell: pauses, breakers, uploads, and late news."""

from __future__ import annotations

import base64
import io
from datetime import timedelta

import psutil
import pytest
from PIL import Image

from generations.sandbox.notes import OPENING_BALANCE
from tests.faults.house import PRICES, PROVIDERS, House, Seen, wait_until
from tests.faults.outcomes import HARD, UNKNOWN_WITH_LOOKUP, UNKNOWN_WITHOUT_LOOKUP

pytestmark = pytest.mark.slow

MINUTE = timedelta(seconds=61)


@pytest.fixture
def house(shared) -> House:
    shared.database.make_well()
    return shared


def test_a_key_they_do_not_know_pauses_each_of_them_until_it_works_again(house):
    prompt = "A kite without a key [[stock, invalid-key]]"
    house.knob("runware", times=1, balance_object=True)
    named = {name: house.order(f"{prompt} {name}", provider=name) for name in PROVIDERS}
    wait_until(lambda: all(house.database.health(name)["pause"] for name in PROVIDERS))

    for name in PROVIDERS:
        health = house.database.health(name)
        assert 50 < health["paused"] <= 60
        assert health["error"].startswith("misconfigured: "), "staff read what they said"
        answer = house.customer.api.post("/generations", json=wish(provider=name))
        assert answer.status_code == 409
        assert answer.json()["code"] == "provider_paused"
        assert 50 < int(answer.headers["Retry-After"]) <= 60
    left_to_us = house.order("A kite for whoever can [[stock]]")
    assert set(house.database.states([*named.values(), left_to_us]).values()) == {"queued"}

    spent = house.counters().get("runware.billed_micro", 0)
    house.database.pass_time_for_providers(MINUTE)
    ends = house.follow([*named.values(), left_to_us], within=30)

    assert set(ends.values()) == {"succeeded"}
    assert [house.database.health(name)["pause"] for name in PROVIDERS] == [0] * 5
    told = OPENING_BALANCE - house.database.health("runware")["balance"]
    assert spent <= told <= house.counters()["runware.billed_micro"], "asked anew, and understood"
    assert not house.rules()
    seen = house.seen()
    assert {seen[name, f"{prompt} {name}"].submits for name in PROVIDERS} == {2}


def test_five_bad_submissions_open_the_breaker_and_one_good_one_closes_it(house):
    prompts = [f"A kite in the storm {n} [[stock, error-before=500]]" for n in range(5)]
    lost = [house.order(prompt, provider="minimax") for prompt in prompts]
    wait_until(lambda: house.database.health("minimax")["break"])

    answer = house.customer.api.post("/generations", json=wish(provider="minimax"))
    assert (answer.status_code, answer.json()["code"]) == (409, "provider_paused")
    house.database.pass_time_for_providers(timedelta(seconds=31))
    good = house.order("A kite after the storm [[stock]]", provider="minimax")

    assert house.follow([good], within=20) == {good: "succeeded"}
    assert house.database.health("minimax")["break"] == 0
    house.database.pass_time(lost, UNKNOWN_WITHOUT_LOOKUP)
    assert set(house.follow(lost, within=20).values()) == {"failed"}


#: What the uploader of first frames does wrong, and how the order ends.
UPLOADS = [
    ({"upload_error": 401}, "succeeded", ""),
    ({"upload_error": 429}, "succeeded", ""),
    ({"upload_error": 500}, "succeeded", ""),
    ({"upload_error": 502}, "succeeded", ""),
    ({"upload_false": 400}, "failed", "invalid_request"),
]


@pytest.fixture(scope="module")
def uploaded(shared) -> dict[str, str]:
    """What goes wrong with a first frame → the order that meets it."""
    orders = {}
    with shared.database.kept_well():
        for fault, _, _ in UPLOADS:
            shared.knob("toapis", times=1, **fault)
            orders[str(fault)] = shared.order(
                with_frame(fault), provider="toapis", first_frame_image=picture()
            )
            wait_until(lambda: not shared.rules())
        shared.follow(orders.values(), within=60)
    return orders


@pytest.mark.parametrize(("fault", "ends", "code"), UPLOADS, ids=str)
def test_a_first_frame_that_cannot_be_uploaded_is_no_order_yet(house, uploaded, fault, ends, code):
    end = house.customer.look(uploaded[str(fault)])

    assert (end["status"], (end["error"] or {"code": ""})["code"]) == (ends, code)
    ordered = Seen(1, 1, PRICES["toapis"]) if ends == "succeeded" else Seen()
    assert house.seen()["toapis", with_frame(fault)] == ordered


#: Who tells of it after we gave it up, in which state, and because of which deadline.
LATE = [
    ("pixazo", "cut-after-accept, webhook-late=12", "unknown", UNKNOWN_WITHOUT_LOOKUP),
    ("pixazo", "slow=12", "running", HARD),
    ("minimax", "slow=12", "running", HARD),
    ("runware", "slow=12", "running", HARD),
]


@pytest.fixture(scope="module")
def given_up(shared) -> dict[str, str]:
    """Prompt → the order that had failed by the time its provider was done with it."""
    shared.database.make_well()
    orders = {}
    for provider, knobs, state, age in LATE:
        order = orders[late(provider, knobs)] = shared.order(
            late(provider, knobs), provider=provider
        )
        shared.follow([order], until={state}, within=10)
        shared.database.pass_time([order], age)
    assert set(shared.follow(orders.values(), within=10).values()) == {"failed"}
    return orders


@pytest.mark.parametrize(("provider", "knobs"), [line[:2] for line in LATE])
def test_what_is_told_after_we_gave_up_is_kept_for_staff_and_costs_nobody(
    house, given_up, provider, knobs
):
    order = given_up[late(provider, knobs)]

    wait_until(lambda: "attempt.late_result" in kinds(house, order), within=40)

    assert house.customer.look(order)["status"] == "failed"
    assert [move["type"] for move in house.movements()[order]] == ["hold", "release"]
    assert house.seen()[provider, late(provider, knobs)] == Seen(1, 1, PRICES[provider])


def test_what_is_held_open_for_ever_ends_with_the_worker_and_then_with_the_deadline(house):
    prompt = "A kite that Cloudflare never brings [[stock, never]]"
    order = house.order(prompt, provider="cloudflare")
    assert house.follow([order], until={"running"}, within=10) == {order: "running"}

    psutil.Process(house.site.pids()["worker"]).terminate()
    assert house.follow([order], until={"unknown"}, within=30) == {order: "unknown"}
    assert [move["type"] for move in house.movements()[order]] == ["hold"]
    house.database.pass_time([order], UNKNOWN_WITH_LOOKUP)

    assert house.follow([order], within=30) == {order: "failed"}
    assert house.customer.look(order)["error"]["code"] == "outcome_unknown"
    assert house.seen()["cloudflare", prompt] == Seen(1, 1, 0)


@pytest.mark.parametrize("fault", ["submit-latency=12", "result-slow=80000"])
def test_one_that_is_slow_holds_up_nobody_else(house, fault):
    slow = [house.order(f"A slow kite {n} [[stock, {fault}]]", provider="toapis") for n in range(8)]
    if fault.startswith("result"):
        house.follow(slow, until={"storing"}, within=20)
    others = [name for name in PROVIDERS if name != "toapis"]

    quick = [
        house.order(f"A quick kite beside {fault} [[stock]]", provider=name) for name in others
    ]
    seen = house.follow(quick, within=8)

    house.follow([*slow, *quick], within=60)
    assert set(seen.values()) == {"succeeded"}


def wish(**more: object) -> dict[str, object]:
    return {"model": "hailuo-2.3", "prompt": "A kite [[stock]]", **more}


def with_frame(fault: object) -> str:
    return f"A kite with a first frame [[stock]] {fault}"


def late(provider: str, knobs: str) -> str:
    return f"A kite that {provider} tells of late [[stock, {knobs}]]"


def kinds(house: House, order: str) -> list[str]:
    return [event["type"] for event in house.customer.look(order)["timeline"]]


def picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 360), (200, 90, 30)).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
