"""Spend limits as people change them: written down, and told to the member they are about."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts import audit, ids
from accounts.audit import Actor
from accounts.models import AuditEntry, User, Workspace
from accounts.team.letters import quoted, tell
from billing import money, spending
from billing.limits import WORDS
from billing.models import SpendLimit, Window


@transaction.atomic
def change(
    workspace: Workspace, *, subject: str, wanted: Mapping[str, int | None], by: Actor
) -> None:
    """
    Set or (with None) take away the limits of one subject.

    :param wanted: micro-dollars by window; a window that is not named stays as it is.
    """
    before = limits_of(workspace, subject)
    changes = {window: most for window, most in wanted.items() if before.get(window) != most}
    for window, most in changes.items():
        spending.set_limit(workspace, subject=subject, window=window, amount=most)
    if changes:
        act = audit.record(
            workspace=workspace,
            by=by,
            action="spend_limit.changed",
            subject=subject,
            limits={window: _usd(most) for window, most in changes.items()},
        )
        _tell(workspace, subject, {**before, **changes}, act)


def limits_of(workspace: Workspace, subject: str) -> dict[str, int]:
    """Micro-dollars by window."""
    rows = SpendLimit.objects.filter(workspace=workspace, subject=subject)
    return dict(rows.values_list("window", "amount"))


def member_subject(user: User) -> str:
    return f"member:{user.public_id}"


def _tell(
    workspace: Workspace, subject: str, now: Mapping[str, int | None], act: AuditEntry
) -> None:
    kind, _, name = subject.partition(":")
    if kind != "member":
        return
    known = [(window, now.get(window)) for window in Window]
    lines = [f"At most {money.usd(most)} USD {WORDS[w]}." for w, most in known if most is not None]
    told = User.objects.filter(pk__in=[ids.private("usr", name)]).values_list("email", flat=True)
    title = f"What you may spend in {quoted(workspace)} has changed"
    tell(act, told, title, lines or ["You have no limit of your own any more."])


def _usd(micros: int | None) -> str | None:
    return None if micros is None else money.usd(micros)
