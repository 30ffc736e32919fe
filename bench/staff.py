"""
The pages of staff with a million generations: the dashboard, the search by whatever they have in
hand, a clip's story. Rows are made by the database itself.
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

MANY, WORKSPACES, UNDER_WAY = 1_000_000, 20_000, 5_000
CLIPS_A_PAYMENT = 10
TIMES, DAYS = 15, 30
#: Milliseconds within which a page opens.
BUDGET = 500

NOW = int(time.time() * 1000)
#: Ids as they are made in these days, one after the other; `kind` tells tables apart.
ID = f"""(lpad(to_hex(%(now)s::bigint
    - (%(last)s - nth) * {DAYS * 86_400_000} / %(last)s), 12, '0')
    || '70008' || substr(md5('{{kind}}' || nth), 1, 15))::uuid"""
WORKSPACE = f"md5('workspace' || nth %% {WORKSPACES})::uuid"
PERSON = f"md5('person' || nth %% {WORKSPACES})::uuid"
#: A hundred are about a submarine.
PROMPT = """'Scene ' || nth || ' of the boat film ' || md5(nth::text)
    || CASE WHEN nth %% 10000 = 7 THEN ', a submarine' ELSE '' END"""
STATEMENT = """
INSERT INTO {table} ({{columns}})
SELECT {{values}} FROM {table}, generate_series(1, %(last)s) AS nth
 WHERE {table}.{key} = %(like)s"""


def main(many: int = MANY) -> bool:
    with at_home(SANDBOX="1"):
        call_command("collectstatic", interactive=False, verbosity=0)
        house = _House(many)
        figures = [
            Figure(f"{name}", _measured(ask), "ms", most=BUDGET)
            for name, ask in house.doors().items()
        ]
        figures.append(Figure("adding up two days' figures, once a minute", house.adding_up, "ms"))
    return show(f"Staff, {many} generations", figures)


class _House:
    """A member of staff's browser, and very many rows."""

    def __init__(self, many: int) -> None:
        from django.test import Client
        from django.utils import timezone

        from generations import figures
        from tests.factories import a_user

        self.one, self.payment = many // 2 + 7, many // CLIPS_A_PAYMENT // 2
        self._fill(many)
        figures.refresh_last(DAYS + 1, now=timezone.now())
        begun = time.perf_counter()
        figures.refresh_last(2, now=timezone.now())
        self.adding_up = (time.perf_counter() - begun) * 1000
        self.browser = Client(HTTP_HOST="localhost")
        self.browser.force_login(a_user("stella@staff.example", is_staff=True, is_superuser=True))

    def doors(self) -> dict[str, Callable[[], int]]:
        from generations.models import Attempt

        clip = Attempt.objects.get(provider="runware", job_id=f"job-{self.one}").generation
        found = {
            "its own id": clip.public_id,
            "its provider's job id": f"job-{self.one}",
            "Stripe's id of a payment": f"pi_{self.payment}",
            "Stripe's id of a charge": f"ch_{self.payment}",
            "Stripe's id of an event": f"evt_{self.payment}",
            "an e-mail address": f"person{self.one % WORKSPACES}@example.org",
            "the beginning of one": "person77",
            "words of a hundred prompts": "submarine film",
            "words of all prompts": "boat film",
            "words of no prompt": "airship",
            "an Idempotency-Key that nobody used": "order-4711",
        }
        return {
            "the dashboard": lambda: self.browser.get("/admin/").status_code,
            "a clip's story": lambda: (
                self.browser.get(f"/admin/generations/generation/{clip.pk}/change/").status_code
            ),
            "the list of clips": lambda: (
                self.browser.get("/admin/generations/generation/").status_code
            ),
            **{f"found by {name}": self._search(text) for name, text in found.items()},
        }

    def _search(self, text: str) -> Callable[[], int]:
        return lambda: self.browser.get("/admin/find", {"q": text}).status_code

    def _fill(self, many: int) -> None:
        from django.utils import timezone

        from billing.models import StripeEvent, TopUp
        from tests.factories import a_workspace
        from tests.site import lives

        member = a_workspace(deposit="100").memberships.select_related("user", "workspace").get()
        clip, waiting = lives.delivered(lives.ordered(member)), lives.ordered(member)
        lives.running(waiting)
        paid = TopUp.objects.create(workspace=member.workspace, amount=10_000_000)
        told = StripeEvent.objects.create(
            id="evt_like", type="x", payload={}, happened_at=timezone.now(), state="done"
        )
        owner = {"workspace_id": WORKSPACE}
        people = [
            ("accounts_user", member.user.pk, {
                "id": "md5('person' || nth - 1)::uuid",
                "email": "'person' || nth - 1 || '@example.org'"}),
            ("accounts_workspace", member.workspace.pk, {
                "id": "md5('workspace' || nth - 1)::uuid",
                "name": "'Workspace ' || nth - 1"}),
            ("accounts_membership", member.pk, {
                "id": "", "workspace_id": WORKSPACE, "user_id": PERSON}),
            ("billing_wallet", member.workspace.pk, owner),
        ]  # fmt: skip
        made = {"id": ID.format(kind="clip"), "prompt": PROMPT, "created_at": _made(),
                **owner, "orderer_id": PERSON}  # fmt: skip
        stripes = {"session": "cs_", "payment_intent": "pi_", "charge": "ch_"}
        named = {column: f"'{begins}' || nth" for column, begins in stripes.items()}
        paid_by = {"id": ID.format(kind="paid"), **named, **owner}
        clips = [
            ("generations_generation", clip.pk, made),
            ("generations_attempt", clip.attempts.get().pk, {
                "id": ID.format(kind="attempt"), "generation_id": ID.format(kind="clip"),
                "job_id": "'job-' || nth", "provider": "'runware'", "submitted_at": _made()}),
        ]  # fmt: skip
        payments = [
            ("billing_topup", paid.pk, paid_by),
            ("billing_stripeevent", told.pk, {
                "id": "'evt_' || nth", "object_id": "'pi_' || nth"}),
        ]  # fmt: skip
        with in_bulk() as cursor:
            for table, like, own in people:
                _copy(cursor, table, like, own, WORKSPACES)
            for table, like, own in clips:
                _copy(cursor, table, like, own, many)
            for table, like, own in payments:
                _copy(cursor, table, like, own, many // CLIPS_A_PAYMENT)
            later = {"id": ID.format(kind="waits"), **owner}
            _copy(cursor, "generations_generation", waiting.pk, later, UNDER_WAY)


def _made() -> str:
    return f"now() - interval '{DAYS} days' * (%(last)s - nth) / %(last)s"


def _copy(cursor: Any, table: str, like: Any, own: dict[str, str], count: int) -> None:
    key = "workspace_id" if table == "billing_wallet" else "id"
    statement = STATEMENT.format(table=table, key=key)
    copy(cursor, table, statement, own, {"last": count, "like": like, "now": NOW})


def _measured(ask: Callable[[], int]) -> float:
    """The median of some, in milliseconds."""
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        assert ask() in (200, 302)
        times.append(time.perf_counter() - begun)
    return sorted(times)[TIMES // 2] * 1000


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
