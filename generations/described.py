"""What the books ask about generations: statements, exports and usage figures."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from billing.statements import references
from billing.statements.references import Details, Facts
from generations.models import Attempt, Generation

FACTS = Facts(
    table="generations_generation",
    columns={"member": "orderer_id", "key": "api_key_id", "model": "model"},
)


def describe(asked: Collection[str]) -> dict[str, Details]:
    """Two queries, however many are asked about. Deleted clips count: their money moved."""
    by_id = {id: reference for reference in asked if (id := _id_in(reference))}
    jobs = _jobs_of(by_id)
    rows = Generation.objects.filter(pk__in=by_id).values_list("pk", "model", "provider")
    return {
        by_id[id]: Details(
            public_id=f"gen_{id.hex}",
            model=model,
            provider=provider,
            provider_job_id=jobs.get(id, ""),
        )
        for id, model, provider in rows
    }


def _jobs_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The provider's name of the last job of each."""
    attempts = Attempt.objects.filter(generation__in=ids).exclude(job_id="").order_by("number")
    return dict(attempts.values_list("generation_id", "job_id"))


def _id_in(reference: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=reference.partition(":")[2])
    except ValueError:
        return None


references.register("generation", describe, facts=FACTS)
