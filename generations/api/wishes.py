"""From a body to a wish: what is to be made, how often, from which image, at which price."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from accounts import ids
from accounts.api.fields import checked as checked_body
from accounts.api.problems import Problem
from accounts.models import Workspace
from accounts.outbound.errors import ForbiddenAddress
from accounts.webhooks import addresses
from generations import connect
from generations.api import images
from generations.api.bodies import OrderBody
from generations.api.images import Image
from generations.models import Upload
from generations.orders import Extras
from generations.spec import ClipSpec, checked

#: Fields of the body that are fields of the spec.
SPEC = (
    "model",
    "prompt",
    "duration",
    "resolution",
    "prompt_optimizer",
    "fast_pretreatment",
    "watermark",
    "output_format",
    "output_quality",
    "provider",
    "policy",
    "max_price",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An order as it was understood; nothing has been stored yet."""

    spec: ClipSpec
    count: int
    quote_id: uuid.UUID | None
    image: Image | None
    dry_run: bool
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    webhook_url: str = ""

    @property
    def priced(self) -> ClipSpec:
        """What a price depends on: the prompt does not, and need not be kept with a quote."""
        return replace(self.spec, prompt="")

    def extras(self, first_frame: Upload | None) -> Extras:
        """What is kept with the order; `first_frame` is our copy, where there is one already."""
        return Extras(
            metadata=self.metadata,
            tags=self.tags,
            webhook_url=self.webhook_url,
            first_frame=first_frame,
            image_url=self.image.url if self.image else "",
        )


def understood(
    data: Any,
    *,
    form: type[OrderBody],
    workspace: Workspace,
    need_prompt: bool,
    frame: bytes | None = None,
) -> Wish:
    """
    The wish in a body, its cheap checks done: no image is opened and no money is touched.

    :param frame: the first frame, where it came as a file beside the body.
    :raises ValidationError: naming fields of the wrong type.
    :raises Problem: for an image or quote that is not to be had.
    :raises InvalidSpec: naming what does not exist or does not go together.
    """
    body = checked_body(form, data)
    image = images.found(body.get("first_frame_image"), workspace=workspace)
    image = image if frame is None else Image(content=frame)
    given = {name: body[name] for name in SPEC if body.get(name) is not None}
    spec = ClipSpec(has_image=image is not None, **given)
    return Wish(
        spec=checked(spec, providers=connect.names(), need_prompt=need_prompt),
        count=body["count"],
        quote_id=_quote_id(body.get("quote")),
        image=image,
        dry_run=body["dry_run"],
        metadata=body.get("metadata") or {},
        tags=tuple(body.get("tags") or ()),
        webhook_url=_webhook_url(body.get("webhook_url")),
    )


def _quote_id(text: str | None) -> uuid.UUID | None:
    """What is no id of ours is a quote that does not exist."""
    return None if text is None else ids.private("quo", text) or uuid.UUID(int=0)


def _webhook_url(url: str | None) -> str:
    """Judged by its text; the connection is judged again when it is made."""
    try:
        if url:
            addresses.target(url)
        return url or ""
    except ForbiddenAddress as refused:
        raise Problem("webhook_url_not_allowed", str(refused)) from None
