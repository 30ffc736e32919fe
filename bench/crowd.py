"""
One workspace with everything, and so many clips of the last month: each with its events, its job
and its two movements of money, ordered by several people, keys and models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.copying import copy, in_bulk
from tests.api import world

PASSWORD = "rain on a tin roof"
#: How long ago the nth of all was ordered, from 30 days to nothing.
AT = "now() - ((%(last)s - number) * interval '30 days' / %(last)s)"
#: Ids rise with time, as UUIDs of version 7 do.
ID = f"""(lpad(to_hex((extract(epoch FROM {AT}) * 1000)::bigint), 12, '0') || '7' ||
  substr(md5(number::text), 1, 3) || '8' || lpad(to_hex(number), 15, '0'))::uuid"""
PROMPT = """'Scene ' || number || ' of the boat film ' || md5(number::text)
  || CASE WHEN number %% 2000 = 0 THEN ', a submarine' ELSE '' END"""
NUMBERED = "INSERT INTO {table} ({{columns}}) SELECT {{values}} FROM {table}, generate_series(1, \
%(last)s) AS number WHERE {table}.{key} = %(like)s"
#: A copy for each generation but the one that is copied.
OF = "INSERT INTO {table} ({{columns}}) SELECT {{values}} FROM {table}, generations_generation \
of WHERE {table}.generation_id = %(like)s AND of.workspace_id = %(workspace)s \
AND of.id <> ALL(%(here)s)"
MOVES = """
INSERT INTO billing_transfer ({columns})
SELECT {values} FROM billing_transfer,
       (SELECT id, created_at, row_number() OVER (ORDER BY id) AS number
          FROM generations_generation
         WHERE workspace_id = %(workspace)s AND id <> ALL(%(here)s)) of
 WHERE billing_transfer.reference = %(reference)s"""
BORN = """
UPDATE accounts_workspace SET created_at = now() - interval '31 days' WHERE id = %(workspace)s;
UPDATE billing_transfer SET created_at = now() - interval '31 days'
 WHERE wallet_id = %(workspace)s"""
COUNTED = """
UPDATE billing_wallet SET moves =
       (SELECT max(position) FROM billing_transfer WHERE wallet_id = %(workspace)s)
 WHERE workspace_id = %(workspace)s"""


class Crowd:
    """`place` names one of everything; `member` owns the workspace and is signed in."""

    def __init__(self, folder: Path, clips: int) -> None:
        from accounts import ids, keys
        from generations.models import Generation
        from tests.factories import a_member

        self.place = world.a_place("Crowd", folder)
        self.member = self.place.owner
        self.like = Generation.objects.get(pk=ids.private("gen", self.place.things["generation"]))
        for number in range(4):
            keys.create(maker=self.member, name=f"Key {number}")
            a_member(self.place.workspace)
        self._fill(clips)

    def _fill(self, clips: int) -> None:
        from generations.models import Generation

        span = {
            "last": clips,
            "like": self.like.pk,
            "workspace": self.place.workspace.pk,
            "here": list(Generation.objects.values_list("pk", flat=True)),
            "reference": self.like.reference,
            "moves": self._moves(),
        }
        with in_bulk() as cursor:
            cursor.execute(BORN, span)
            self._generations(cursor, span)
            self._what_they_have(cursor, span)
            self._deliveries(cursor, span)
            cursor.execute(COUNTED, span)

    def _generations(self, cursor: Any, span: dict[str, Any]) -> None:
        people = (
            "(ARRAY(SELECT user_id FROM accounts_membership WHERE workspace_id = %(workspace)s))"
        )
        made_by = "(ARRAY(SELECT id FROM accounts_apikey WHERE workspace_id = %(workspace)s))"
        own = {
            "id": ID,
            "prompt": PROMPT,
            "orderer_id": f"{people}[1 + number %% 5]",
            "api_key_id": f"{made_by}[number %% 6]",
            "model": "CASE WHEN number %% 7 = 0 THEN 'hailuo-2.3-fast' ELSE 'hailuo-2.3' END",
            "favourite": "number %% 1000 = 0",
            "tags": "CASE WHEN number %% 500 = 0 THEN ARRAY['deep'] ELSE ARRAY[]::varchar[] END",
        }
        times = dict.fromkeys(["created_at", "started_at", "finished_at", "state_since"], AT)
        statement = NUMBERED.format(table="generations_generation", key="id")
        copy(cursor, "generations_generation", statement, own | times, span)

    def _what_they_have(self, cursor: Any, span: dict[str, Any]) -> None:
        own = {"generation_id": "of.id", "created_at": "of.created_at"}
        new = own | {"id": "gen_random_uuid()"}
        copy(cursor, "generations_clip", OF.format(table="generations_clip"), own, span)
        copy(cursor, "generations_event", OF.format(table="generations_event"), new, span)
        jobs = {"id": "gen_random_uuid()", "generation_id": "of.id", "job_id": "of.id::text"}
        copy(cursor, "generations_attempt", OF.format(table="generations_attempt"), jobs, span)
        moves = {
            "id": "gen_random_uuid()",
            "key": "billing_transfer.kind || ':' || of.id",
            "reference": "'generation:' || replace(of.id::text, '-', '')",
            "position": "%(moves)s + 2 * of.number - (billing_transfer.kind = 'hold')::int",
            "created_at": "of.created_at",
        }
        copy(cursor, "billing_transfer", MOVES, moves, span)

    def _deliveries(self, cursor: Any, span: dict[str, Any]) -> None:
        from accounts import ids
        from accounts.models import WebhookDelivery

        sent = WebhookDelivery.objects.get(pk=ids.private("whd", self.place.things["delivery"]))
        told = {"id": "md5(number::text)::uuid", "created_at": AT}
        event = NUMBERED.format(table="accounts_customerevent", key="id")
        copy(cursor, "accounts_customerevent", event, told, span | {"like": sent.event_id})
        own = {"id": ID, "event_id": told["id"], "created_at": AT}
        own |= {"state": "'delivered'", "due_at": "NULL", "delivered_at": AT}
        statement = NUMBERED.format(table="accounts_webhookdelivery", key="id")
        copy(cursor, "accounts_webhookdelivery", statement, own, span | {"like": sent.pk})

    def _moves(self) -> int:
        from billing.models import Wallet

        return Wallet.objects.get(pk=self.place.workspace.pk).moves
