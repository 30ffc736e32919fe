"""What we say to a person when their clip is ready, or could not be made."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

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
    letter = LETTERS[notice.type]
    context = {
        "generation": generation,
        "address": f"{settings.SITE_URL}/clips/{generation.public_id}",
    }
    subject = " ".join(render_to_string(f"emails/{letter}.subject.txt", context).split())
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"emails/{letter}.txt", context),
        to=[generation.orderer.email],
        headers={"Message-ID": f"<{notice.id.hex}@reelay>"},
    )
    message.attach_alternative(render_to_string(f"emails/{letter}.html", context), "text/html")
    message.send()
