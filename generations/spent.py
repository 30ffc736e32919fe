"""What a workspace, a member or a key has spent on clips, for limits that are set later."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, Sum

from accounts import ids
from accounts.models import Workspace
from billing import spending
from billing.spending import Past
from generations.models import Generation


@spending.register
def on_clips(workspace: Workspace, subject: str, since: datetime) -> Past:
    rows = Generation.objects.for_workspace(workspace).filter(created_at__gte=since)
    kind, _, name = subject.partition(":")
    if kind == "member":
        rows = rows.filter(orderer_id=ids.private("usr", name))
    elif kind == "key":
        key = ids.private("key", name)  # and whatever was made by it
        rows = rows.filter(Q(api_key_id=key) | Q(api_key__lineage__contains=[key]))
    ended = rows.exclude(finished_at=None).aggregate(sum=Sum(F("charged") - F("refunded")))
    return Past(
        settled=ended["sum"] or 0,
        held={one.reference: one.quoted for one in rows.filter(finished_at=None)},
    )
