"""Whatever a provider answers, every door ends with a sane result or a sane error of ours."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.providers.base import Busy, Misconfigured, Provider, RenderOrder, Snapshot
from tests.generations.providers.companies import adapters
from tests.generations.providers.examples import KEY, Examples, Replies, an_order
from tests.generations.providers.sanity import keepable, sane, sane_error
from tests.generations.providers.wire import Reply, every_recorded, talk

pytestmark = pytest.mark.slow

JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    5,
    2**31,
    2**63,
    10**400,
    0.1,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0.28",
    "success",
    "SUCCESS",
    "exploded",
    "\x00",
    "\ud800",
    "🎬",
    "x" * 5_000,
    f"echo of {KEY}",
    "data:image/png;base64," + "A" * 3_000,
    "javascript:alert(1)",
    "ftp://files.example/clip.mp4",
    "http://",
    "https://[::1/clip.mp4",
    "https://exa mple/clip.mp4",
    "https://files.example/clip.mp4",
    [],
    [[]],
    [None],
    ["x", {}],
    {},
    {"code": 5},
    {"code": "invalidApiKey", "message": f"bad key {KEY}"},
    {"": {"": []}},
]


#: Numbers that no serialiser of ours would write, put in by their text.
NUMBERS = ["1e99999999999999999999", "-1E-99999999999999999999", "0e400", "0." + "1" * 5_000]
JUNK += [f"number {place}" for place in range(len(NUMBERS))]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as a container and a key."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, member in members:
        found.append((value, key))
        if isinstance(member, dict | list):
            found += places(member)
    return found


def mutated(document: Any, choose: Callable[[int], int]) -> bytes:
    """The document with one to three things wrong with it. `choose(n)` picks one of n."""
    document = json.loads(json.dumps(document))
    for _ in range(choose(3) + 1):
        found = places(document)
        if not found:
            break
        container, key = found[choose(len(found))]
        what = choose(5)
        if what == 0:
            del container[key]
        elif what == 1:
            container[key] = [container[key]]
        elif what == 2 and isinstance(container, list):
            container.append(container[key])
        else:
            container[key] = copy.deepcopy(JUNK[choose(len(JUNK))])
    text = json.dumps(document)
    for place, number in enumerate(NUMBERS):
        text = text.replace(f'"number {place}"', number)
    if choose(20) == 0:
        text = text[: choose(len(text) + 1)]
    if choose(20) == 0:
        text = text.replace("{", '{"taskUUID":7,"status":[],', 1)  # duplicate members
    return text.encode()


def survives(provider: Provider, examples: Examples, reply: Reply) -> None:
    """Whatever the answer, every door ends with a sane result or a sane error of ours."""
    job = examples.job

    for order, answers in submissions(provider, examples, reply):
        submit = talk(provider.submit(order), *answers)
        if submit.error:
            sane_error(submit.error)
            continue
        assert submit.value.job_id
        keepable(dict(submit.value.raw))
        if submit.value.snapshot:
            sane(submit.value.snapshot)

    for answers in questions(examples.looks, reply):
        look = talk(provider.look([job]), *answers)
        if look.error:
            sane_error(look.error)
            assert isinstance(look.error, Busy | Misconfigured)
            continue
        assert set(look.value) <= {job.id}
        for snapshot in look.value.values():
            sane(snapshot)

    if provider.capabilities.lookup:
        for answers in questions(examples.settled, reply):
            settle = talk(provider.settle(job), *answers)
            if settle.error:
                sane_error(settle.error)
                assert isinstance(settle.error, Busy | Misconfigured)
            else:
                sane(settle.value)

    if provider.capabilities.recognise:
        for answers in questions(examples.recognised, reply):
            recognised = talk(provider.recognise(job), *answers)
            if recognised.error:
                sane_error(recognised.error)
                assert isinstance(recognised.error, Busy | Misconfigured)
            else:
                sane(recognised.value)

    if examples.balances:
        balance = talk(provider.balance(), reply)
        if balance.error:
            sane_error(balance.error)
        else:
            assert balance.value.is_finite()

    if provider.capabilities.webhook:
        try:
            knock = provider.webhook(headers={}, body=reply.body)
        except ValueError:
            return
        assert knock.job_id is None or len(knock.job_id) <= 200


def submissions(
    provider: Provider, examples: Examples, reply: Reply
) -> Iterator[tuple[RenderOrder, tuple[Reply, ...]]]:
    """Orders that meet this answer: at their end, and before it where something precedes it."""
    yield an_order(), (reply,)
    if examples.preamble:
        order = an_order("hailuo-2.3", "image-to-video")
        yield order, (*examples.preamble, reply)
        yield order, (reply, *examples.accepted[0])


def questions(
    known: Sequence[tuple[Replies, Snapshot]], reply: Reply
) -> Iterator[tuple[Reply, ...]]:
    """Exchanges that meet this answer: at each step, and only at the last of the longest known."""
    longest = max((replies for replies, _ in known), key=len)
    yield (reply,) * len(longest)
    yield (*longest[:-1], reply)


STATUSES = [200, 200, 200, 202, 301, 400, 401, 402, 404, 429, 500, 503]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(data=st.data())
def test_a_mutated_answer_never_breaks_an_adapter(data: st.DataObject) -> None:
    provider, examples = data.draw(st.sampled_from(adapters()))
    recorded = data.draw(st.sampled_from(every_recorded(provider.name)))
    status = data.draw(st.sampled_from(STATUSES))

    def choose(count: int) -> int:
        return data.draw(st.integers(0, count - 1))

    body = mutated(json.loads(recorded.body), choose)
    survives(provider, examples, Reply(body, status))


@QUICK
@given(body=st.binary(max_size=200), status=st.integers(200, 599))
def test_noise_never_breaks_an_adapter(body: bytes, status: int) -> None:
    for provider, examples in adapters():
        survives(provider, examples, Reply(body, status))


def answers(count: int, seed: int) -> Iterator[tuple[Provider, Examples, Reply]]:
    chance = random.Random(seed)
    for provider, examples in adapters():
        documents = [json.loads(reply.body) for reply in every_recorded(provider.name)]
        for _ in range(count):
            body = mutated(chance.choice(documents), chance.randrange)
            yield provider, examples, Reply(body, chance.choice(STATUSES))


def test_a_thousand_mutated_answers_never_break_an_adapter() -> None:
    for provider, examples, reply in answers(1_000, seed=2026):
        survives(provider, examples, reply)


@pytest.mark.long
def test_ten_thousand_mutated_answers_never_break_an_adapter() -> None:
    for provider, examples, reply in answers(10_000, seed=11):
        survives(provider, examples, reply)
