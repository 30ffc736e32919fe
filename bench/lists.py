"""
Lists with a thousand rows and with a million: the same page should take the same time, and the same
number of questions. Rows are made by the database itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.management import call_command

from bench.copying import copy, in_bulk
from bench.home import at_home
from bench.table import Figure, show

FEW, MANY = 1_000, 1_000_000
TIMES = 60
#: A copy of a finished order, so many times: ids rise as UUIDs of version 7 do.
GENERATIONS = """
INSERT INTO generations_generation ({columns})
SELECT {values} FROM generations_generation, generate_series(%(first)s, %(last)s) AS number
 WHERE id = %(like)s"""
NEW_ID = "(lpad(to_hex(number + 1600000000000), 12, '0') || '7000' || '8' || \
substr(md5(number::text), 1, 15))::uuid"
#: Fifty of the first five hundred are about something else.
NEW_PROMPT = """'Scene ' || number || ' of the boat film ' || md5(number::text)
    || CASE WHEN number < 500 AND number %% 10 = 0 THEN ', a submarine' ELSE '' END"""
SEARCHES = {
    "saying what all do": "q=boat",
    "saying what fifty do": "q=submarine",
    "saying what none does": "q=airship",
}
CLIPS = """
INSERT INTO generations_clip ({columns})
SELECT {values} FROM generations_clip, generations_generation AS of
 WHERE generations_clip.generation_id = %(like)s AND of.id <> %(like)s
   AND NOT EXISTS (SELECT 1 FROM generations_clip have WHERE have.generation_id = of.id)"""
TRANSFERS = """
INSERT INTO billing_transfer ({columns})
SELECT {values} FROM billing_transfer, generate_series(%(first)s, %(last)s) AS number
 WHERE id = %(like)s"""

Ask = Callable[[], int]


def main(few: int = FEW, many: int = MANY) -> bool:
    with at_home(SANDBOX="1"):
        call_command("collectstatic", interactive=False, verbosity=0)
        rows = _Rows()
        rows.grow(few)
        before = {name: _measured(ask) for name, ask in rows.doors().items()}
        rows.grow(many)
        after = {name: _measured(ask) for name, ask in rows.doors().items()}
    figures = []
    for name, (quick, questions) in before.items():
        slow, later = after[name]
        figures += [
            Figure(f"{name}: {few} rows", quick * 1000, "ms"),
            Figure(f"{name}: {many} rows, as a multiple", slow / quick, "x", most=1.2),
            Figure(f"{name}: questions more ({questions} before)", later - questions, "", most=0),
        ]
    return show(f"Lists, {few} → {many} rows", figures)


class _Rows:
    """One workspace, its key and its browser."""

    def __init__(self) -> None:
        from django.test import Client

        from accounts import keys
        from tests.factories import a_workspace
        from tests.site import lives

        self.workspace = a_workspace(deposit="100")
        member = self.workspace.memberships.select_related("user", "workspace").get()
        self.clip = lives.delivered(lives.ordered(member))
        self.headers = {"Authorization": f"Bearer {keys.create(maker=member, name='b').text}"}
        self.client = Client(HTTP_HOST="localhost")
        self.browser = Client(HTTP_HOST="localhost")
        self.browser.force_login(member.user)
        self.count = 1

    def grow(self, count: int) -> None:
        """Up to so many, and the planner knows."""
        span = {"first": self.count + 1, "last": count, "like": self.clip.pk}
        with in_bulk() as cursor:
            new = {"id": NEW_ID, "prompt": NEW_PROMPT}
            copy(cursor, "generations_generation", GENERATIONS, new, span)
            own = {"generation_id": "of.id", "name": "of.id::text", "id": ""}
            copy(cursor, "generations_clip", CLIPS, own, span)
            self._transfers(cursor, span)
        self.count = count

    def doors(self) -> dict[str, Ask]:
        return {
            "GET /generations": self._api("/api/v1/generations?limit=100"),
            "GET /generations, a page in the middle": self._api(
                f"/api/v1/generations?limit=100&cursor={self._middle()}"
            ),
            **{
                f"GET /generations, {said}": self._api(f"/api/v1/generations?limit=100&{asked}")
                for said, asked in SEARCHES.items()
            },
            "GET /v1/videos": self._api("/v1/videos?limit=100"),
            "GET /wallet/transactions": self._api("/api/v1/wallet/transactions?limit=100"),
            "the Library": lambda: self.browser.get("/library").status_code,
            "the Library, searched": lambda: self.browser.get("/library?q=submarine").status_code,
            "the wallet's page": lambda: self.browser.get("/wallet").status_code,
        }

    def _api(self, address: str) -> Ask:
        return lambda: self.client.get(address, headers=self.headers).status_code

    def _middle(self) -> str:
        from accounts.api import pagination
        from generations.models import Generation

        rows = Generation.objects.order_by("-id").values_list("id", flat=True)
        return pagination.id_cursor(rows[self.count // 2])

    def _transfers(self, cursor: Any, span: dict[str, Any]) -> None:
        from billing.models import Transfer

        like = Transfer.objects.filter(wallet_id=self.workspace.pk).latest("position")
        own = {
            "id": "gen_random_uuid()",
            "key": "'bench:' || number",
            "position": f"{like.position} + number - {self.count}",
        }
        copy(cursor, "billing_transfer", TRANSFERS, own, span | {"like": like.pk})


def _measured(ask: Ask) -> tuple[float, int]:
    """The median of many, in seconds, and how many statements one of them asks."""
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    counts, times = [], []
    for _ in range(TIMES):
        asked.clear()
        begun = time.perf_counter()
        with connection.execute_wrapper(note):
            assert ask() == 200
        times.append(time.perf_counter() - begun)
        counts.append(len(asked))
    return sorted(times)[TIMES // 2], min(counts)


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
