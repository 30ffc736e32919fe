"""How long things are kept: by the settings, or by the workspace's own choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Workspace

#: What can be kept for a time of the workspace's own: what it is called, and what it is.
KINDS = {
    "clips": "Clips, with their prompts",
    "uploads": "First frames that you uploaded",
    "logs": "Request logs: kept answers, webhook deliveries, where keys were used",
}
DAYS = (1, 7, 30, 90, 365)


def usual(kind: str) -> int:
    """Days, as the settings have it; 0: for ever."""
    return int(getattr(settings, f"{kind.upper()}_KEPT_DAYS"))


def cutoffs(
    kind: str, now: datetime, *, of: str = "workspace"
) -> list[tuple[dict[str, Any], datetime]]:
    """
    For every time that is in force: the filter for its workspaces, and the moment before which
    things of theirs go.

    :param of: how the rows name their workspace.
    """
    column = f"{kind}_kept_days"
    own = Workspace.objects.exclude(**{column: None}).order_by().values_list(column, flat=True)
    times: dict[int | None, int] = {days: days for days in own.distinct()}
    times[None] = usual(kind)
    return [
        ({f"{of}__{column}": chosen}, now - timedelta(days=days))
        for chosen, days in times.items()
        if days
    ]


@transaction.atomic
def choose(workspace: Workspace, chosen: dict[str, int | None], *, by: Actor) -> bool:
    """Keep things for so many days; None: as the settings have it. Returns whether it is new."""
    wanted = {f"{kind}_kept_days": chosen[kind] for kind in KINDS}
    before = {column: getattr(workspace, column) for column in wanted}
    if wanted == before:
        return False
    Workspace.objects.filter(pk=workspace.pk).update(**wanted)
    audit.record(
        workspace=workspace,
        by=by,
        action="retention.changed",
        subject=workspace.public_id,
        **wanted,
    )
    return True
