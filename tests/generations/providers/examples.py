"""
What the contract suite needs to know of a provider.

A new company adds `examples_<name>.py` with an `EXAMPLES`, its documents' answers under
`replies/<name>/`, and a line in `companies.py`. `test_contract.py` and `test_mutations.py` do
the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import httpx

from generations.providers.base import FirstFrame, Job, RenderOrder, Snapshot
from tests.generations.providers.wire import Reply

Replies = tuple[Reply, ...]

KEY = "k-5f1c7e0a-our-own-secret"
FRAME = FirstFrame(content=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, content_type="image/png")


@dataclass(frozen=True)
class Wish:
    """An order as its provider would understand the request we sent."""

    provider_model: str
    prompt: str
    resolution: str
    duration: int
    prompt_optimizer: bool | None = None  # None where they have no such switch
    fast_pretreatment: bool | None = None
    watermark: bool | None = None
    output_format: str | None = None
    output_quality: int | None = None
    image: bytes | None = None
    webhook_url: str | None = None


@dataclass(frozen=True)
class Documented:
    """A request from a provider's own page, and the order that must produce it."""

    order: RenderOrder
    request: object


@dataclass(frozen=True)
class Examples:
    """
    One provider's examples. Replies come in tuples, one for each request of the exchange.

    :param job: the one that all replies speak about.
    :param read: what a provider understands of our requests.
    :param bare: a request's body as the documents have it, without what we add explicitly.
    :param recognised: asked about `job.id`, as a webhook would have named it.
    :param preamble: what is answered before the request that submits an order with a first frame.
    :param options: what the adapter needs besides a key.
    """

    base_url: str
    job: Job
    read: Callable[[Sequence[httpx.Request]], Wish]
    bare: Callable[[httpx.Request], object]
    documented: Sequence[Documented]
    accepted: Sequence[Replies]
    looks: Sequence[tuple[Replies, Snapshot]]
    silent: Sequence[Replies]  # looks that say nothing about the job
    submit_errors: Sequence[tuple[Replies, type[Exception], str]]
    look_errors: Sequence[tuple[Replies, type[Exception]]]
    settled: Sequence[tuple[Replies, Snapshot]] = ()
    balances: Sequence[tuple[Replies, Decimal]] = ()
    knocks: Sequence[tuple[bytes, str | None]] = ()
    recognised: Sequence[tuple[Replies, Snapshot]] = ()
    preamble: Replies = ()
    options: Mapping[str, str] = field(default_factory=dict)


def an_order(
    model: str = "hailuo-2.3", mode: str = "text-to-video", **wishes: object
) -> RenderOrder:
    order = RenderOrder(
        token=uuid.UUID("12c20a98-991b-459f-b3a3-41741a7dfd19"),
        model=model,
        mode=mode,
        prompt="A red kite [Pan left, Pedestal up] over Füssen",
        resolution="768P",
        duration=6,
        image=FRAME if mode == "image-to-video" else None,
    )
    return replace(order, **wishes)  # type: ignore[arg-type]
