"""
What every adapter must do, whoever its company is: one suite over the registry.

A company brings its documents' examples (see `examples.py`); the rules are the same for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import httpx
import pytest

from generations.providers import REGISTRY, create
from generations.providers.base import (
    REPEATABLE,
    Accepted,
    Busy,
    Misconfigured,
    Provider,
    ProviderError,
    Refused,
    RenderOrder,
    Unclear,
)
from tests.generations.providers.companies import COMPANIES
from tests.generations.providers.examples import FRAME, KEY, Examples, Replies, an_order
from tests.generations.providers.sanity import keepable, sane, sane_error
from tests.generations.providers.wire import Reply, Talk, says, talk

HTML = b"<!doctype html><title>502 Bad Gateway</title>"
UNREADABLE = [
    b"",
    HTML,
    b"null",
    b"5",
    b'"ok"',
    b"true",
    b"NaN",
    b"{",
    b'{"data"',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" + b"1" * 100_000 + b"]",
    b"{}" + b" " * 10_000_000,
]


@pytest.fixture(params=sorted(REGISTRY))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def examples(name: str) -> Examples:
    return COMPANIES[name]


@pytest.fixture
def provider(name: str, examples: Examples) -> Provider:
    return create(name, base_url=examples.base_url, api_key=KEY, options=examples.options)


def orders(provider: Provider) -> Iterator[RenderOrder]:
    """Every SKU a provider claims to make."""
    for route in provider.capabilities.routes:
        for resolution, duration in sorted(route.sizes):
            yield an_order(route.model, route.mode, resolution=resolution, duration=duration)


def submitted(provider: Provider, examples: Examples, order: RenderOrder) -> Talk[Accepted]:
    before = examples.preamble if order.image else ()
    return talk(provider.submit(order), *before, *examples.accepted[0])


# Registered and described ----------------------------------------------------------------------


def test_every_company_has_examples() -> None:
    assert set(COMPANIES) == set(REGISTRY)


def test_a_company_goes_by_the_name_it_is_registered_under(name: str, provider: Provider) -> None:
    assert provider.name == name
    assert provider.label


def test_a_base_address_may_end_with_a_slash(name: str, examples: Examples) -> None:
    provider = create(name, base_url=examples.base_url + "/", api_key=KEY, options=examples.options)

    heard = submitted(provider, examples, next(orders(provider)))

    assert all(str(one.url).startswith(examples.base_url) for one in heard.requests)
    assert not any("//" in str(one.url.raw_path) for one in heard.requests)


def test_a_key_does_not_show_in_what_is_printed(provider: Provider) -> None:
    assert KEY not in repr(provider)


def test_no_route_makes_what_does_not_exist(provider: Provider) -> None:
    for route in provider.capabilities.routes:
        assert ("1080P", 10) not in route.sizes
        assert (route.model, route.mode) != ("hailuo-2.3-fast", "text-to-video")


# Submitting ------------------------------------------------------------------------------------


def test_every_size_it_claims_reaches_the_wire(provider: Provider, examples: Examples) -> None:
    for order in orders(provider):
        heard = submitted(provider, examples, order)
        wish = examples.read(heard.requests)
        route = provider.capabilities.route(model=order.model, mode=order.mode)

        assert route
        assert wish.provider_model == route.provider_model
        assert (wish.resolution, wish.duration) == (order.resolution, order.duration)
        assert wish.prompt == order.prompt
        assert wish.image == (order.image.content if order.image else None)
        assert heard.value.job_id


def test_every_option_is_said_aloud(provider: Provider, examples: Examples) -> None:
    able = provider.capabilities
    choices = product(
        [True, False] if able.optimizer_switch else [True],
        [True, False] if able.fast_pretreatment else [False],
        [True, False] if able.watermark else [False],
        sorted(able.output_formats),
    )
    for optimizer, pretreatment, watermark, output_format in choices:
        order = replace(
            next(orders(provider)),
            prompt_optimizer=optimizer,
            fast_pretreatment=pretreatment,
            watermark=watermark,
            output_format=output_format,
        )
        wish = examples.read(submitted(provider, examples, order).requests)

        assert wish.prompt_optimizer == (optimizer if able.optimizer_switch else None)
        assert wish.fast_pretreatment == (pretreatment if able.fast_pretreatment else None)
        assert wish.watermark == (watermark if able.watermark else None)
        assert wish.output_format in (output_format, None)


def test_a_quality_is_passed_on_where_there_is_one(provider: Provider, examples: Examples) -> None:
    if not provider.capabilities.output_quality:
        pytest.skip("has no output quality")
    for quality in (20, 99):
        order = replace(next(orders(provider)), output_quality=quality)
        wish = examples.read(submitted(provider, examples, order).requests)
        assert wish.output_quality == quality


def test_a_webhook_is_registered_only_when_there_is_one(
    provider: Provider, examples: Examples
) -> None:
    if not provider.capabilities.webhook:
        pytest.skip("sends no webhooks")
    for url in ("https://reelay.example/webhooks/providers/x/token", None):
        order = replace(next(orders(provider)), webhook_url=url)
        wish = examples.read(submitted(provider, examples, order).requests)
        assert wish.webhook_url == url


def test_what_it_cannot_express_is_never_sent(provider: Provider) -> None:
    able = provider.capabilities
    first = next(orders(provider))
    impossible = [
        replace(first, resolution="1080P", duration=10),
        replace(first, duration=7),
        replace(first, resolution="4K"),
        replace(first, model="hailuo-9"),
        replace(first, output_format="gif"),
        replace(first, image=None if first.image else FRAME),
        an_order("hailuo-2.3-fast", "text-to-video"),
        replace(an_order("hailuo-2.3-fast", "image-to-video"), image=None),
    ]
    if not able.watermark:
        impossible.append(replace(first, watermark=True))
    if not able.fast_pretreatment:
        impossible.append(replace(first, fast_pretreatment=True))
    if not able.optimizer_switch:
        impossible.append(replace(first, prompt_optimizer=False))
    if not able.output_quality:
        impossible.append(replace(first, output_quality=50))
    for order in impossible:
        heard = talk(provider.submit(order))
        assert heard.requests == []
        assert isinstance(heard.error, Refused)


@pytest.mark.parametrize(
    "prompt", ["a", "x" * 2000, "\ud800", "\x00", '"}],"', "字" * 2000, "🎬\n"]
)
def test_any_prompt_can_be_sent(provider: Provider, examples: Examples, prompt: str) -> None:
    heard = submitted(provider, examples, replace(next(orders(provider)), prompt=prompt))

    assert examples.read(heard.requests).prompt == prompt


def test_documented_requests_are_reproduced(provider: Provider, examples: Examples) -> None:
    for documented in examples.documented:
        heard = submitted(provider, examples, documented.order)

        assert canonical(examples.bare(heard.requests[-1])) == canonical(documented.request)


def canonical(document: object) -> str:
    return json.dumps(document, sort_keys=True)


def test_a_submission_can_cost_something_and_a_question_cannot(
    provider: Provider, examples: Examples
) -> None:
    heard = submitted(provider, examples, next(orders(provider)))
    asked = talk(provider.look([examples.job]), *examples.silent[0])

    assert not may_be_repeated(heard.requests[-1])
    assert all(may_be_repeated(one) for one in [*heard.requests[:-1], *asked.requests])


def may_be_repeated(request: httpx.Request) -> bool:
    return request.method == "GET" or request.extensions.get(REPEATABLE) is True


def test_a_second_sending_of_an_attempt_is_the_same(provider: Provider, examples: Examples) -> None:
    order = next(orders(provider))
    sent = [submitted(provider, examples, order).requests[-1] for _ in range(2)]

    assert sent[0].content == sent[1].content
    assert sent[0].headers == sent[1].headers


def test_the_key_is_nowhere_but_in_a_header(provider: Provider, examples: Examples) -> None:
    heard = submitted(provider, examples, next(orders(provider)))

    for request in heard.requests:
        assert KEY not in str(request.url)
        assert KEY.encode() not in request.content
        assert any(KEY in value for value in request.headers.values())


def test_an_accepted_order_has_a_job(provider: Provider, examples: Examples) -> None:
    for replies in examples.accepted:
        accepted = talk(provider.submit(an_order()), *replies).value

        assert accepted.job_id == examples.job.id
        keepable(dict(accepted.raw))


def test_an_error_of_a_submission_says_what_to_do_next(
    provider: Provider, examples: Examples
) -> None:
    for replies, kind, code in examples.submit_errors:
        error = talk(provider.submit(an_order()), *replies).error

        assert type(error) is kind, replies
        assert isinstance(error, ProviderError)
        assert error.code == code, replies
        sane_error(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Unclear),
        (204, Unclear),
        (301, Unclear),
        (307, Unclear),
        (400, Refused),
        (401, Misconfigured),
        (402, Misconfigured),
        (403, Misconfigured),
        (404, Refused),
        (408, Unclear),
        (413, Refused),
        (422, Refused),
        (429, Busy),
        (500, Unclear),
        (502, Unclear),
        (503, Unclear),
        (504, Unclear),
        (524, Unclear),
        (599, Unclear),
    ],
)
@pytest.mark.parametrize("body", [b"", HTML, b"[" * 100_000])
def test_a_submission_is_judged_by_its_status_where_nothing_can_be_read(
    provider: Provider, examples: Examples, status: int, kind: type[Exception], body: bytes
) -> None:
    error = talk(provider.submit(an_order()), Reply(body, status)).error

    assert type(error) is kind
    sane_error(error)


@pytest.mark.parametrize("status", [200, 202, 500])
@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_submission_answered_with_nonsense_is_unclear(
    provider: Provider, examples: Examples, body: bytes, status: int
) -> None:
    error = talk(provider.submit(an_order()), Reply(body, status)).error

    assert type(error) is Unclear
    sane_error(error)


def test_a_pause_asked_for_is_passed_on(provider: Provider, examples: Examples) -> None:
    told = [
        ("7", 7),
        ("1.5", 1.5),
        ("86400", 3600),
        ("9" * 30, None),
        ("-5", None),
        ("soon", None),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 3600),
        ("Sat, 99 Nov 2026 10:00:00 GMT", None),
        ("", None),
    ]
    for value, seconds in told:
        headers = {"retry-after": value, "date": "Sat, 21 Nov 2026 10:00:00 GMT"}
        replies = (Reply(b"{}", 429, headers),)
        error = talk(provider.submit(an_order()), *replies).error
        assert isinstance(error, Busy)
        assert error.retry_after == seconds, value


# Looking ---------------------------------------------------------------------------------------


def test_what_a_look_sees_is_translated(provider: Provider, examples: Examples) -> None:
    for replies, expected in examples.looks:
        found = talk(provider.look([examples.job]), *replies).value

        assert set(found) == {examples.job.id}
        snapshot = found[examples.job.id]
        sane(snapshot)
        assert replace(snapshot, raw={}) == expected, replies
        assert snapshot.raw


def test_a_look_that_says_nothing_of_a_job_leaves_it_out(
    provider: Provider, examples: Examples
) -> None:
    for replies in examples.silent:
        assert talk(provider.look([examples.job]), *replies).value == {}


def test_a_look_that_fails_says_nothing_of_any_job(provider: Provider, examples: Examples) -> None:
    for replies, kind in examples.look_errors:
        error = talk(provider.look([examples.job]), *replies).error
        assert type(error) is kind, replies
        sane_error(error)


@pytest.mark.parametrize(
    "status", [200, 204, 302, 400, 404, 408, 418, 429, 500, 502, 503, 504, 524]
)
@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_look_answered_with_nonsense_is_asked_again(
    provider: Provider, examples: Examples, body: bytes, status: int
) -> None:
    error = talk(provider.look([examples.job]), Reply(body, status)).error

    assert type(error) is Busy
    sane_error(error)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_look_refused_for_our_key_tells_staff(
    provider: Provider, examples: Examples, status: int
) -> None:
    assert type(talk(provider.look([examples.job]), Reply(HTML, status)).error) is Misconfigured


def test_nothing_is_asked_about_no_jobs(provider: Provider) -> None:
    heard = talk(provider.look([]))

    assert (heard.requests, heard.result) == ([], {})


# Settling, balance, webhooks -------------------------------------------------------------------


def test_a_lost_submission_can_be_settled_where_it_can_be_looked_up(
    provider: Provider, examples: Examples
) -> None:
    assert bool(examples.settled) == provider.capabilities.lookup
    for replies, expected in examples.settled:
        heard = talk(provider.settle(examples.job), *replies)

        sane(heard.value)
        assert replace(heard.value, raw={}) == expected, replies
        assert all(may_be_repeated(one) for one in heard.requests)
        assert len(heard.requests) == len(replies)


def test_a_job_that_a_webhook_named_is_checked_where_it_can_be(
    provider: Provider, examples: Examples
) -> None:
    assert bool(examples.recognised) == provider.capabilities.recognise
    for replies, expected in examples.recognised:
        heard = talk(provider.recognise(examples.job), *replies)

        sane(heard.value)
        assert replace(heard.value, raw={}) == expected, replies
        assert all(may_be_repeated(one) for one in heard.requests)


def test_only_what_a_provider_can_do_is_claimed(provider: Provider, examples: Examples) -> None:
    able = provider.capabilities
    if not able.lookup:
        with pytest.raises(NotImplementedError):
            provider.settle(examples.job)
    if not able.recognise:
        with pytest.raises(NotImplementedError):
            provider.recognise(examples.job)
    if not able.cancel:
        with pytest.raises(NotImplementedError):
            provider.cancel(examples.job)
    if not able.webhook:
        with pytest.raises(NotImplementedError):
            provider.webhook(headers={}, body=b"{}")


def test_a_balance_is_exact(provider: Provider, examples: Examples) -> None:
    for replies, expected in examples.balances:
        heard = talk(provider.balance(), *replies)

        assert heard.value == expected
        assert type(heard.value) is Decimal
        assert all(may_be_repeated(one) for one in heard.requests)


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_balance_that_cannot_be_read_is_asked_again(
    provider: Provider, examples: Examples, body: bytes
) -> None:
    if not examples.balances:
        pytest.skip("does not tell our balance")
    assert type(talk(provider.balance(), Reply(body)).error) is Busy


def test_a_webhook_names_the_job(provider: Provider, examples: Examples) -> None:
    for body, job_id in examples.knocks:
        assert provider.webhook(headers={}, body=body).job_id == job_id, body


@pytest.mark.parametrize("body", [*UNREADABLE[:10], b"\x00" * 65_536, b"a=1&b=2"])
def test_a_webhook_that_cannot_be_read_is_said_to_be_so(provider: Provider, body: bytes) -> None:
    if not provider.capabilities.webhook:
        pytest.skip("sends no webhooks")
    with pytest.raises(ValueError):
        provider.webhook(headers={}, body=body)


# Secrets ---------------------------------------------------------------------------------------


def test_an_echoed_key_is_never_kept(provider: Provider, examples: Examples) -> None:
    def echoing(replies: Replies) -> Replies:
        return tuple(
            says(echoed(json.loads(one.body)), one.status, **one.headers) for one in replies
        )

    for replies, _, _ in examples.submit_errors:
        sane_error(talk(provider.submit(an_order()), *echoing(replies)).error)
    for replies, _ in examples.looks:
        heard = talk(provider.look([examples.job]), *echoing(replies))
        for snapshot in heard.value.values():
            sane(snapshot)


def echoed(value: Any) -> Any:
    """A document whose every message repeats our key."""
    if isinstance(value, list):
        return [echoed(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        **{key: echoed(member) for key, member in value.items()},
        **({"message": f"Not valid: {KEY}"} if "message" in value else {}),
        "debug": {"authorization": f"Bearer {KEY}", KEY: 1},
    }
