"""The broker: it keeps nudges until somebody takes them, unless it loses them, or is down."""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

LOOPS = ("dispatch", "hold", "look", "store", "notify", "late", "balances")


class Broker(Celery):
    """Taken for the app by `current_app`; its workers are the world's."""

    def __init__(self) -> None:
        super().__init__("sim")
        self.set_default()  # for the threads of all processes
        self.nudges: list[str] = []
        self.is_down = False

    def send_task(self, name: str, *_: Any, **__: Any) -> None:  # type: ignore[override]
        if self.is_down:
            raise OperationalError("nobody there")
        loop = name.rpartition(".")[2]
        if loop in LOOPS:
            self.nudges.append(loop)
