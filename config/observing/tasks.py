"""What workers do, counted; each line they write says in which task."""

from __future__ import annotations

import time
from typing import Any

from celery.signals import task_failure, task_postrun, task_prerun

from accounts import bindings, tallies

_began: dict[str, float] = {}


@task_prerun.connect
def _begins(task_id: str, task: Any, **kwargs: Any) -> None:
    _began[task_id] = time.perf_counter()
    bindings.add(task=task.name)


@task_postrun.connect
def _ends(task_id: str, task: Any, **kwargs: Any) -> None:
    began = _began.pop(task_id, None)
    if began is not None:
        tallies.timed("task_seconds", time.perf_counter() - began, task=task.name)


@task_failure.connect
def _breaks(sender: Any, **kwargs: Any) -> None:
    tallies.count("task_failures", task=sender.name)
