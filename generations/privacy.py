"""What generations hold about a person: what they ordered, and the files of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.moments import moment
from accounts.privacy import holders
from accounts.privacy.holders import File, Holder, Obstacle, Person
from generations import orders, storage
from generations.api import present
from generations.models import Attempt, Generation, Knock, Notice, Share, Upload


class Generations(Holder):
    def obstacles(self, person: Person) -> Iterable[Obstacle]:
        for workspace in person.alone:
            if Generation.objects.filter(workspace=workspace, finished_at=None).exists():
                yield Obstacle(
                    f"Clips of “{workspace}” are under way. Cancel them, or wait for them."
                )

    def files(self, person: Person) -> Iterable[File]:
        yield "generations.jsonl", _ordered(person)
        yield "first-frames.jsonl", _uploaded(person)

    def erase(self, person: Person, *, gives_up: bool) -> None:
        """What somebody ordered in a workspace of others belongs to that, and stays."""
        for workspace in person.alone:
            _forget(workspace)


def _ordered(person: Person) -> Iterator[str]:
    """What they ordered anywhere, and whatever was ordered in workspaces that they own."""
    theirs = Generation.objects.filter(
        Q(orderer=person.user) | Q(workspace__in=person.owned), deleted_at=None
    )
    now = timezone.now()
    for one in theirs.whole().order_by("id").iterator(chunk_size=500):
        yield _line({"workspace": one.workspace.public_id, **present.generation(one, now=now)})


def _uploaded(person: Person) -> Iterator[str]:
    for one in Upload.objects.filter(workspace__in=person.owned).order_by("id").iterator():
        yield _line(
            {"id": one.public_id, "sha256": one.sha256, "uploaded_at": moment(one.created_at)}
        )


def _line(told: dict[str, Any]) -> str:
    return f"{json.dumps(told, ensure_ascii=False, default=str)}\n"


def _forget(workspace: Workspace) -> None:
    """The rows stay, as money moved by them; what was in them goes."""
    everything = Generation.objects.filter(workspace=workspace)
    for rows in (everything.filter(deleted_at=None), everything.hidden()):
        for one in rows.select_related("first_frame").iterator():
            orders.delete(generation=one)
    for upload in Upload.objects.filter(workspace=workspace).iterator():
        storage.forget_upload(upload)
    everything.update(
        prompt="", image_url="", webhook_url="", provider_message="", metadata={}, tags=[]
    )
    Knock.objects.filter(attempt__generation__workspace=workspace).delete()
    Notice.objects.filter(generation__workspace=workspace).delete()
    Share.objects.filter(generation__workspace=workspace).delete()
    Attempt.objects.filter(generation__workspace=workspace).update(
        raw={}, result_url="", error_message=""
    )


holders.register(holders.GENERATIONS, Generations())
