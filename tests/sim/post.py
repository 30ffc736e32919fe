"""Letters to customers: kept by their Message-ID, unless the post is down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

#: Message-ID -> how often it was sent
sent: Counter[str] = Counter()
state = {"is_down": False}


class Post(BaseEmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if state["is_down"]:
            raise ConnectionRefusedError(111, "Connection refused")
        sent.update(message.extra_headers["Message-ID"] for message in messages)
        return len(messages)
