"""
First frames in a body: an address, a data URI, or an upload.

Finding one out is cheap and comes first; opening one is not, and comes when everything else is in
order. What was kept for an order that was not taken is removed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.files.storage import default_storage

from accounts import ids
from accounts.api.problems import FieldError, Problem, invalid
from accounts.models import Workspace
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import ForbiddenAddress
from accounts.outbound.urls import check_url
from generations import frames
from generations.media.images import ImageRefused, judge_image, parse_data_uri
from generations.media.limited import ChildBroken
from generations.models import Generation, Upload

FIELD = "first_frame_image"


@dataclass(frozen=True, slots=True)
class Image:
    """One of the three: an upload of the workspace, an address, or bytes not yet judged."""

    upload: Upload | None = None
    url: str = ""
    content: bytes | None = None

    def judge(self) -> None:
        """Open it, keep nothing. Raises a 422 Problem naming the rule it breaks."""
        if self.content is not None:
            with _named(FIELD):
                judge_image(self.content)


def found(text: str | None, *, workspace: Workspace) -> Image | None:
    """
    Which image is meant. Nothing is opened and nothing fetched.

    :raises Problem: it is none of the three, of another workspace, or at an address that is not
        public.
    """
    if text is None:
        return None
    if text.startswith("upl_"):
        return Image(upload=_upload(text, workspace))
    if text[:5].lower() == "data:":
        with _named(FIELD):
            return Image(content=parse_data_uri(text))
    return Image(url=_address(text))


@contextmanager
def kept(image: Image | None, *, workspace: Workspace) -> Iterator[Upload | None]:
    """
    The upload to order with; bytes are judged and stored for it.

    When no order came of it, what was stored is removed.
    """
    if image is None or image.content is None:
        yield image.upload if image else None
        return
    upload = accept(image.content, workspace=workspace, field=FIELD)
    try:
        yield upload
    finally:
        if not Generation.objects.filter(first_frame=upload).exists():
            discard(upload)


def accept(content: bytes, *, workspace: Workspace, field: str) -> Upload:
    """Judge and keep an image. Raises a 422 Problem naming the field and the rule."""
    with _named(field):
        return frames.accept_within_quota(workspace=workspace, content=content)


def upload_of(workspace: Workspace, text: str) -> Upload | None:
    """The workspace's own upload of this public id."""
    id = ids.private("upl", text)
    return Upload.objects.for_workspace(workspace).filter(id=id).first() if id else None


def discard(upload: Upload) -> None:
    upload.delete()
    default_storage.delete(upload.name)


def _upload(text: str, workspace: Workspace) -> Upload:
    upload = upload_of(workspace, text)
    if upload is None:
        said = FieldError(FIELD, "not_found", "There is no such upload.")
        raise Problem("not_found", f"{FIELD}: {said.message}", errors=[said])
    return upload


def _address(text: str) -> str:
    """Its form and address only; what lies there is judged when a worker fetches it."""
    if "://" not in text:
        raise invalid(FIELD, "invalid", "Give an https:// address, a data URI or an upl_… id.")
    try:
        check_url(text, Guard(), schemes={"https"})
    except ForbiddenAddress as error:
        said = FieldError(FIELD, "image_url_not_allowed", str(error))
        raise Problem(said.code, f"{FIELD}: {said.message}", errors=[said]) from None
    return text


@contextmanager
def _named(field: str) -> Iterator[None]:
    try:
        yield
    except ImageRefused as error:
        raise invalid(field, error.code, str(error)) from None
    except ChildBroken:  # our own fault, not the picture's
        raise Problem("unavailable", "Pictures cannot be judged now.", retry_after=5) from None
