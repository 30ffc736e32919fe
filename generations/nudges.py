"""The loops of `tasks.py`, nudged by their names."""

from __future__ import annotations

from accounts import nudges

LOOPS = ("fetch", "dispatch", "look", "store", "notify", "late", "balances", "draw")


def after_commit(loop: str) -> None:
    nudges.after_commit(_task(loop))


def now(loop: str) -> None:
    nudges.now(_task(loop))


def heard(loop: str) -> None:
    nudges.heard(_task(loop))


def _task(loop: str) -> str:
    return f"generations.tasks.{loop}"
