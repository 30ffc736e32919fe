"""A customer's program that hears of what happens: it believes only what is signed for it."""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from accounts.webhooks import endpoints, loop
from tests.webhooks.receiver import Receiver


class Program:
    def __init__(self, receiver: Receiver, workspace: Workspace) -> None:
        self.receiver = receiver
        self.secret = endpoints.create(workspace, url=receiver.url()).text

    def told(self, type: str = "") -> list[dict[str, Any]]:
        """What has reached it so far, of this type or of all."""
        loop.run()
        said = [post.verified(self.secret) for post in self.receiver.posts]
        return [one for one in said if one["type"].startswith(type)]
