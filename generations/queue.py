"""
Whose turn it is: a provider's places go round the workspaces.

A thousand orders of one customer do not starve another's single one. Everybody's next order comes
before anybody's next but one, counting what each already has in flight.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from generations.models import Generation
from generations.states import IN_FLIGHT

#: Of one workspace no more is examined at once.
OF_ONE = 200

#: Hops from workspace to workspace along an index, and takes the oldest few of each, so that a
#: queue of a hundred thousand costs no more than a short one.
NEXT = """
WITH RECURSIVE waiting AS (
    (SELECT workspace_id FROM generations_generation
      WHERE state = 'queued' ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT g.workspace_id FROM generations_generation g
             WHERE g.state = 'queued' AND g.workspace_id > waiting.workspace_id
             ORDER BY g.workspace_id LIMIT 1)
      FROM waiting WHERE waiting.workspace_id IS NOT NULL
), under_way AS (
    SELECT workspace_id, count(*) AS jobs FROM generations_generation
     WHERE state = ANY(%(in_flight)s) GROUP BY workspace_id
)
SELECT next.id
  FROM waiting
 CROSS JOIN LATERAL (
       SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
              SELECT id FROM generations_generation
               WHERE state = 'queued' AND workspace_id = waiting.workspace_id
                 AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
                 AND (image_url = '' OR first_frame_id IS NOT NULL)
               ORDER BY id LIMIT %(of_one)s) oldest) next
  LEFT JOIN under_way USING (workspace_id)
 ORDER BY coalesce(under_way.jobs, 0) + next.place, next.id
 LIMIT %(limit)s"""


def turns(*, limit: int, at: datetime) -> list[Generation]:
    """Orders that could be sent now, the one whose turn it is first."""
    names: dict[str, Any] = {
        "now": at,
        "limit": limit,
        "of_one": OF_ONE,
        "in_flight": sorted(IN_FLIGHT),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEXT, names)
        order: list[uuid.UUID] = [row[0] for row in cursor.fetchall()]
    rows = Generation.objects.select_related("workspace").in_bulk(order)
    return [rows[one] for one in order if one in rows]


#: How many wait and how many are under way, of every workspace where any wait.
CROWD = """
SELECT workspace_id, count(*) FILTER (WHERE state = 'queued') AS waiting,
       count(*) FILTER (WHERE state <> 'queued') AS under_way,
       min(id::text) FILTER (WHERE state = 'queued') AS oldest
  FROM generations_generation
 WHERE state = 'queued' OR state = ANY(%(in_flight)s)
 GROUP BY workspace_id HAVING count(*) FILTER (WHERE state = 'queued') > 0"""

PLACES = """
SELECT next.id, next.workspace_id, next.place
  FROM unnest(%(workspaces)s::uuid[]) AS own(workspace_id)
 CROSS JOIN LATERAL (
       SELECT id, workspace_id, row_number() OVER (ORDER BY id) AS place FROM (
              SELECT id, workspace_id FROM generations_generation
               WHERE state = 'queued' AND workspace_id = own.workspace_id
               ORDER BY id LIMIT %(furthest)s) oldest) next"""


def positions(waiting: Iterable[Generation], *, furthest: int) -> dict[uuid.UUID, int]:
    """
    Whose turn it would be how many orders from now, itself included: 1 is next.

    Whoever is further back than `furthest` is told that number. Two queries.
    """
    ids = {one.pk: one.workspace_id for one in waiting}
    if not ids:
        return {}
    crowd = {workspace: (n, busy, oldest) for workspace, n, busy, oldest in _asked(CROWD)}
    places = _asked(PLACES, workspaces=sorted(set(ids.values())), furthest=furthest)
    found = {
        pk: min(furthest, _position(workspace, place, crowd))
        for pk, workspace, place in places
        if pk in ids
    }
    return {pk: found.get(pk, furthest) for pk in ids}


def _position(own: uuid.UUID, place: int, crowd: Mapping[uuid.UUID, tuple[int, int, str]]) -> int:
    """Everybody's orders whose turn comes earlier, as `NEXT` sorts them; a tie by who is older."""
    _, under_way, since = crowd.get(own, (0, 0, ""))
    turn = under_way + place
    others = (
        min(waiting, max(0, turn - busy - (oldest > since)))
        for workspace, (waiting, busy, oldest) in crowd.items()
        if workspace != own
    )
    return place + sum(others)


def _asked(query: str, **names: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"in_flight": sorted(IN_FLIGHT), **names})
        return list(cursor.fetchall())
