"""A page of a list with a hundred thousand rows reads as much as one with a thousand."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.api import pagination
from billing.models import Transfer
from generations.models import Generation
from tests.api import world as worlds
from tests.api.tools import API, queries
from tests.many import Copies, all_but_one_of
from tests.site import lives

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 1_000, 100_000
#: An index has a level more, and a page of it may end a little sooner.
MOST, LEVELS = 1.2, 12
TIMES = 10
#: Of one of each there are so many.
MUCH = [Generation, Transfer]
LISTS = [
    "/generations?limit=100",
    "/generations?limit=100&cursor={middle}",
    "/generations?limit=100&status=failed",
    "/generations?limit=100&status=queued",
    "/generations?limit=100&model=hailuo-2.3",
    "/wallet/transactions?limit=100",
]

READ = """
SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class
 WHERE relkind IN ('r', 'i', 't') AND relnamespace = 'public'::regnamespace"""


@pytest.fixture
def api(tmp_path) -> API:
    owner = worlds.a_place("Oneword", tmp_path).owner
    lives.failed(lives.ordered(owner))
    return API(owner)


def test_every_list_reads_as_much_of_the_database_when_it_is_long(api):
    rows = Copies(kept=all_but_one_of(MUCH))
    rows.up_to(FEW)
    before = dict(measured(api))
    rows.up_to(MANY)
    after = dict(measured(api))

    for name, (questions, blocks, seconds) in before.items():
        later_questions, later_blocks, later = after[name]
        assert later_questions == questions, name
        assert later_blocks <= blocks * MOST + LEVELS, (name, blocks, later_blocks, later / seconds)


def measured(api: API) -> Iterator[tuple[str, tuple[int, int, float]]]:
    """Of each list: questions, blocks that they read, and seconds at the best."""
    ids = Generation.objects.order_by("-id").values_list("id", flat=True)
    middle = pagination.id_cursor(ids[ids.count() // 2])
    for name in LISTS:
        yield name, read(api, name.format(middle=middle))


def read(api: API, address: str) -> tuple[int, int, float]:
    assert api.get(address).status_code == 200  # now its plan is known
    blocks, best = fetched(), 60.0
    with queries() as asked:
        api.get(address)
    blocks = fetched() - blocks
    for _ in range(TIMES):
        began = time.perf_counter()
        api.get(address)
        best = min(best, time.perf_counter() - began)
    return len(asked), blocks, best


def fetched() -> int:
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return int(cursor.fetchone()[0])
