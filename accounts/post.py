"""One e-mail, twice over: plain and on our letterhead, with a way to stop its kind."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts import topics
from accounts.models import User

STOP = "\nNo more letters of this kind: {}\n"


def send(*, to: str, template: str, context: dict[str, Any], id: uuid.UUID) -> bool:
    """Returns whether it went out: not where its reader switched its topic off."""
    topic = topics.of(template)
    reader = User.objects.filter(email=to.lower()).first() if topic else None
    if topic and reader and topic.name in reader.muted_topics:
        return False
    stop = topics.address_to_stop(reader, topic) if topic and reader else ""
    letter = {**context, "site": settings.SITE_URL, "stop": stop, "topic": topic}
    _message(to, template, letter, id, stop).send()
    return True


def _message(
    to: str, template: str, letter: dict[str, Any], id: uuid.UUID, stop: str
) -> EmailMultiAlternatives:
    name = f"emails/{template}"
    subject = " ".join(render_to_string(f"{name}.subject.txt", letter).split())
    body = render_to_string(f"{name}.txt", letter) + (STOP.format(stop) if stop else "")
    headers = {"Message-ID": f"<{id.hex}@reelay>", **_stopping(stop)}
    message = EmailMultiAlternatives(subject=subject, body=body, to=[to], headers=headers)
    message.attach_alternative(render_to_string(f"{name}.html", letter), "text/html")
    return message


def _stopping(stop: str) -> dict[str, str]:
    """As mail programs understand it (RFC 8058): one press, no page."""
    if not stop:
        return {}
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
