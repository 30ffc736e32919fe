"""What we say to a person when their clip is ready, or could not be made."""

from __future__ import annotations

from django.conf import settings

from accounts import post, topics
from generations.models import Notice

#: notice type -> template
LETTERS = {
    "generation.succeeded": "clip_ready",
    "generation.failed": "clip_failed",
}


def send(notice: Notice) -> None:
    """One letter to who ordered it. After a crash it may come twice; it is never lost."""
    generation = notice.generation
    if generation.orderer is None or not generation.orderer.is_active:
        return
    context = {
        "generation": generation,
        "address": f"{settings.SITE_URL}/clips/{generation.public_id}",
    }
    post.send(
        to=generation.orderer.email, template=LETTERS[notice.type], context=context, id=notice.id
    )


topics.register(
    "clips_ready",
    title="A clip is ready",
    words="when a clip that you ordered can be watched",
    templates=["clip_ready"],
)
topics.register(
    "clips_failed",
    title="A clip could not be made",
    words="with the reason, and where your money is",
    templates=["clip_failed"],
)
