"""
What every provider adapter is given, and what it gives back.

An adapter is pure translation. It gets frozen dataclasses, yields `httpx.Request`s, is sent their
`httpx.Response`s, and returns frozen dataclasses. It performs no I/O, reads no settings and never
sees a model, a user or a wallet. `generations/transport.py` drives it.

The exceptions say what to do next:

    ProviderError
    ├── Refused          they said no and will keep saying no: fail, release, show their words
    ├── Busy             certainly nothing happened: try again later, or another route
    │   └── Unavailable  this model cannot be had from them now: another route at once
    ├── Unclear          an order was sent and its fate is unknown: never send it again blindly
    └── Misconfigured    our key, or our money with them: pause the provider and tell staff
    BadSignature         a webhook that is not theirs: file nothing
"""

from __future__ import annotations

import enum
import uuid
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import httpx

T = TypeVar("T")

#: A conversation with a provider: yields requests, is sent their responses, returns a result.
Exchange = Generator[httpx.Request, httpx.Response, T]

#: `request.extensions[REPEATABLE] = True` marks a request that costs nothing to lose or repeat.
#: The transport reads a broken answer to such a request as `Busy`, to any other as `Unclear`.
REPEATABLE = "reelay.repeatable"


class ImageForm(enum.Enum):
    """How a provider takes a first frame."""

    DATA_URI = "data-uri"
    LINK = "link"
    UPLOAD = "upload"


class JobState(enum.Enum):
    """What a provider says about a job, in our words."""

    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    MISSING = "missing"  # they do not know it, or not yet: never proof that it does not exist


@dataclass(frozen=True, slots=True)
class Route:
    """One thing a provider makes: our model and mode, and their name for it."""

    model: str
    mode: str
    provider_model: str
    sizes: frozenset[tuple[str, int]] = frozenset({("768P", 6), ("768P", 10), ("1080P", 6)})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can express. The core never asks it for anything else."""

    routes: tuple[Route, ...]
    image_forms: frozenset[ImageForm]
    output_formats: frozenset[str] = frozenset({"mp4"})
    output_quality: bool = False
    largest_image: int | None = None  # bytes; the core makes a larger first frame smaller
    optimizer_switch: bool = True
    fast_pretreatment: bool = False
    watermark: bool = False
    webhook: bool = False
    signed: bool = False  # webhooks carry a `seal`
    idempotent: bool = False  # a repeated submit with the same token is recognised
    lookup: bool = False  # `settle` can find a job by our own token
    recognise: bool = False  # `recognise` can check a job that a webhook named
    relinks: bool = True  # a later look gives a fresh link to the file
    batch: int = 1  # jobs asked about in one request
    cancel: bool = False  # and costs nothing
    blocking: bool = False  # submit answers only when the clip is rendered
    most_in_flight: int = 50  # our jobs with them at once; staff may change it
    most_per_minute: int = 120  # submissions; staff may change it

    def route(self, *, model: str, mode: str) -> Route | None:
        return next((r for r in self.routes if (r.model, r.mode) == (model, mode)), None)


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """Our own, re-encoded copy of the customer's image."""

    content: bytes = field(repr=False)
    content_type: str
    link: str | None = None  # a signed address of ours, only where the world can reach us


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """One attempt's wish, complete: adapters send every default explicitly."""

    token: uuid.UUID  # v4-shaped, chosen by us, the same for every sending of one attempt
    model: str
    mode: str
    prompt: str
    resolution: str  # "768P" or "1080P"
    duration: int  # seconds
    prompt_optimizer: bool = True
    fast_pretreatment: bool = False
    watermark: bool = False
    output_format: str = "mp4"
    output_quality: int | None = None
    image: FirstFrame | None = None
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as we know it, for asking about it, and for telling it from somebody else's."""

    id: str  # theirs; equals str(token) where they let us choose
    token: uuid.UUID
    model: str
    mode: str
    prompt: str = ""
    resolution: str = ""
    duration: int = 0  # seconds
    sent_at: datetime | None = None  # when the attempt was written down, before it was sent


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a render failed: a stable code of ours, and the provider's own words."""

    code: str  # content_policy, invalid_request, provider_error, timeout, expired, canceled
    message: str
    charged: bool | None = None  # whether they charge us for it; None where they do not say


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at one job. `raw` is kept for staff, never believed for anything else."""

    state: JobState
    video_url: str = ""
    expires_at: datetime | None = None  # when video_url stops working, where they say so
    progress: int | None = None  # percent
    seed: int | None = None
    cost: Decimal | None = None  # USD as they report it; None when absent or zero
    failure: Failure | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the order. `snapshot` is set when its answer already says more."""

    job_id: str
    snapshot: Snapshot | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Knock:
    """A webhook, read only as far as to know whose door to look behind."""

    job_id: str | None
    challenge: str | None = None  # to be echoed as {"challenge": …}, before it calls again


class Scheme(enum.Enum):
    """How a webhook is signed."""

    HMAC_SHA256 = "hmac-sha256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Seal:
    """
    What a signed webhook claims: the core checks it, in constant time, with the provider's keys.

    Any of the signatures made with any of the keys will do, so that keys can be rotated.
    """

    scheme: Scheme
    message: bytes = field(repr=False)  # what was signed
    signatures: tuple[bytes, ...]
    sent_at: datetime  # by their clock; one too far from ours is refused


class ProviderError(Exception):
    """Something went wrong at a provider. `code` is ours and stable; `message` is theirs."""

    code: str = "provider_error"

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.raw: Mapping[str, Any] = raw or {}


class Refused(ProviderError):
    """They said no and will keep saying no."""

    code = "invalid_request"


class Busy(ProviderError):
    """Certainly not accepted. `retry_after` is in seconds, None when they did not say."""

    code = "busy"

    def __init__(
        self,
        message: str = "",
        *,
        retry_after: float | None = None,
        code: str | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, raw=raw)
        self.retry_after = retry_after


class Unavailable(Busy):
    """This model cannot be had from them now; counts against their health."""

    code = "model_unavailable"


class Unclear(ProviderError):
    """Sent, outcome unknown. A paid job may exist."""

    code = "outcome_unknown"


class Misconfigured(ProviderError):
    """Our key, our balance with them, or our code."""

    code = "misconfigured"


class BadSignature(Exception):
    """A webhook that does not carry the signature its provider would have put on it."""


class Provider(ABC):
    """
    One company. Subclasses translate; see `runware.py` for the smallest complete example.

    :param base_url: without a trailing slash, as DESIGN section 9 lists them.
    :param options: what this company takes besides a key, by the names of `needs` and `takes`.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    address: ClassVar[str]  # where it is reached, as its documents say; `<NAME>_BASE_URL` replaces
    capabilities: ClassVar[Capabilities]
    needs: ClassVar[tuple[str, ...]] = ()  # `<NAME>_<OPTION>` that it cannot do without
    takes: ClassVar[tuple[str, ...]] = ()  # … and that it can

    def __init__(
        self, *, base_url: str, api_key: str, options: Mapping[str, str] | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._api_key = api_key
        self.options = dict(options or {})

    @property
    def tells_balance(self) -> bool:
        return type(self).balance is not Provider.balance

    @abstractmethod
    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        """Order one clip. Raises any ProviderError."""

    @abstractmethod
    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        """
        Ask about jobs, at most `capabilities.batch` at a time, keyed by `Job.id`.

        A job left out of the answer is one the provider said nothing about. Raises Busy or
        Misconfigured when the question itself failed, which says nothing about any job.
        """

    def settle(self, job: Job) -> Exchange[Snapshot]:
        """Find out what became of a submission whose answer we never read."""
        raise NotImplementedError(f"{self.name} cannot be asked by our own token")

    def recognise(self, job: Job) -> Exchange[Snapshot]:
        """
        Ask about `job.id`, which a webhook named for a submission whose answer we never read.

        Everything the answer contains must match the job; MISSING when it is somebody else's.
        """
        raise NotImplementedError(f"{self.name} cannot check a job that a webhook named")

    def cancel(self, job: Job) -> Exchange[bool]:
        """Stop a job without cost. True when the provider confirmed it."""
        raise NotImplementedError(f"{self.name} cannot cancel")

    def balance(self) -> Exchange[Decimal]:
        """Our money with them, in USD."""
        raise NotImplementedError(f"{self.name} does not tell our balance")

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        """Read a webhook. Raises ValueError when it is unreadable."""
        raise NotImplementedError(f"{self.name} sends no webhooks")

    def seal(self, *, headers: Mapping[str, str], body: bytes) -> Seal:
        """The signature of a webhook (`signed`). Raises BadSignature where there is none."""
        raise NotImplementedError(f"{self.name} does not sign its webhooks")

    def webhook_keys(self) -> Exchange[tuple[bytes, ...]]:
        """The keys their webhooks may be signed with at the moment (`signed`)."""
        raise NotImplementedError(f"{self.name} does not sign its webhooks")
