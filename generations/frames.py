"""First frames: judged, re-encoded, kept. Providers only ever get our own copy."""

from __future__ import annotations

import io

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from accounts.claims import Claim
from accounts.models import Workspace
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import FetchError
from generations import lifecycle, storage
from generations.media.fetch import fetch
from generations.media.images import ImageRefused, judge_image
from generations.models import Generation, Upload

MAX_BYTES = 20 << 20
FULL = (
    "There is no room for more first frames. Delete clips you do not need any more, or say "
    "under “How long things are kept” when first frames go."
)
FETCH_TIMEOUT = 20.0

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def accept_within_quota(*, workspace: Workspace, content: bytes) -> Upload:
    """
    Likewise, where nothing is paid for it yet. A frame of a paid order is never in the way.

    :raises ImageRefused: naming the rule it breaks; `storage_full` where there is no more room.
    """
    kept = Upload.objects.for_workspace(workspace).aggregate(bytes=Sum("bytes"), files=Count("pk"))
    most_bytes, most_files = settings.UPLOADS_MAX_BYTES, settings.UPLOADS_MAX_FILES
    has_room = most_bytes is None or (kept["bytes"] or 0) + len(content) <= most_bytes
    if not has_room or (most_files is not None and kept["files"] >= most_files):
        raise ImageRefused("storage_full", FULL)
    return accept(workspace=workspace, content=content)


def accept(*, workspace: Workspace, content: bytes) -> Upload:
    """
    Judge an image and keep our copy of it.

    :raises ImageRefused: naming the rule it breaks.
    """
    judged = judge_image(content)
    name = storage.upload_name(EXTENSIONS[judged.content_type])
    return Upload.objects.create(
        workspace=workspace,
        name=storage.keep_bytes(judged.content, name),
        content_type=judged.content_type,
        width=judged.width,
        height=judged.height,
        bytes=len(judged.content),
        sha256=judged.sha256,
    )


def ready(claim: Claim[Generation]) -> bool:
    """
    Fetch the first frame that was given as an address, before any provider is contacted.

    False when it cannot be had: then the generation has failed and its hold is released.
    """
    generation = claim.row
    if not generation.image_url or generation.first_frame_id:
        return True
    connection.close()  # it may take a while
    try:
        content = _fetched(generation.image_url)
        upload = accept(workspace=generation.workspace, content=content)
    except FetchError as error:
        lifecycle.failed(claim, code="image_unreachable", provider_message=str(error))
        return False
    except ImageRefused as error:
        lifecycle.failed(claim, code="image_invalid", provider_message=str(error))
        return False
    Generation.objects.filter(pk=generation.pk).update(first_frame=upload)
    generation.first_frame = upload
    return True


def _fetched(url: str) -> bytes:
    """Only from public addresses: what may be private for result files may not be here."""
    content = io.BytesIO()
    fetch(
        url,
        into=content,
        guard=Guard(),
        schemes={"https"},
        ports={443},
        max_bytes=MAX_BYTES,
        timeout_total=FETCH_TIMEOUT,
        redirects=3,
    )
    return content.getvalue()
