"""
Where this checkout keeps its files, and the PostgreSQL and Redis it starts for itself.

Without `DATABASE_URL` / `REDIS_URL` a command attaches to the embedded services of the checkout,
starting them if nobody has. Long-running processes are given the addresses by their launcher.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from config import env, services

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("REELAY_VAR") or BASE_DIR / "var").resolve()

#: Commands that read code only, or bring their own state.
NEED_NOTHING = {
    "",
    "check",
    "check_migrations",
    "collectstatic",
    "help",
    "sandbox",
    "spectacular",
    "--help",
    "--version",
}


def services_for(argv: Sequence[str]) -> AbstractContextManager[Any]:
    """Hold the embedded services for as long as one `manage.py` command runs."""
    command = argv[1] if len(argv) > 1 else ""
    if command in NEED_NOTHING or not needed():
        return nullcontext()
    return services.attach(VAR)


def needed() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def database_url() -> str:
    return env.text("DATABASE_URL") or services.urls(VAR).database_url


def redis_url() -> str:
    return env.text("REDIS_URL") or services.urls(VAR).redis_url
