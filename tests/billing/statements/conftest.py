"""Things that references of kind `job` are about: our own, so that no other app is needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest
from django.db import connection
from django.test import Client

from billing.statements import references
from billing.statements.references import Details, Facts
from tests.billing.statements.past import Past
from tests.factories import a_user, a_workspace


@pytest.fixture(autouse=True)
def _jobs(db) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE test_job (id uuid PRIMARY KEY, member uuid, key uuid,"
            " model text, provider text, job_id text) ON COMMIT DROP"
        )
    columns = {"member": "member", "key": "key", "model": "model"}
    references.register("job", _describe, facts=Facts("test_job", columns))
    yield
    references.forget("job")


@pytest.fixture
def past(audited) -> Past:
    """Dora's workspace, opened two months ago, with nothing in its wallet but what we say."""
    return Past(a_workspace(owner=a_user("dora@example.org")))


@pytest.fixture
def dora(past, client) -> Client:
    """The browser of the owner, who is logged in."""
    client.force_login(past.workspace.people.get())
    return client


def _describe(asked: Collection[str]) -> dict[str, Details]:
    """As an app would: one query for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'job:' || replace(id::text, '-', ''), 'gen_' || replace(id::text, '-', ''),"
            " model, '', provider, job_id FROM test_job WHERE id = ANY(%s::uuid[])",
            [[reference.removeprefix("job:") for reference in asked]],
        )
        return {reference: Details(*known) for reference, *known in cursor.fetchall()}
