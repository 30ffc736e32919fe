"""Django over services of the bench's own, in a folder that is forgotten afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: A bench does in a second with one key what a customer does in an hour.
UNLIMITED = {f"API_{kind}_{what}": "100000000"
             for kind in ("PAID", "OTHER") for what in ("PER_MINUTE", "BURST")}  # fmt: skip


@contextmanager
def at_home(**environment: str) -> Iterator[Path]:
    """A fresh database, ready to be used by this process and by those it starts."""
    var = Path(tempfile.mkdtemp(prefix="bench-", dir=Path(__file__).parent.parent / "var"))
    os.environ.update(
        UNLIMITED
        | {"REELAY_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    )
    from config import services

    attached = services.attach(var)
    try:
        _set_up()
        yield var
    finally:
        from django.db import connections

        connections.close_all()
        attached.close()
        shutil.rmtree(var, ignore_errors=True)


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    sys.stdout.flush()
