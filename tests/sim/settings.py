"""Settings of the simulator: a database of its own, nothing that waits in real time."""

import os
import tempfile
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, STORAGES

_scratch = tempfile.TemporaryDirectory(prefix="reelay-sim-")
SCRATCH = Path(_scratch.name)

#: The database that `database.py` makes the simulator's from.
SERVER = {**DATABASES["default"]}
DATABASES["default"] = {
    **SERVER,
    "NAME": f"reelay_sim_{os.getpid()}",
    "CONN_HEALTH_CHECKS": False,
    "OPTIONS": {
        "pool": {"min_size": 1, "max_size": 30, "timeout": 10},
        # The clock's functions come before PostgreSQL's own; see `clock.py`.
        "options": "-c search_path=sim,pg_catalog -c synchronous_commit=off "
        "-c lock_timeout=5000 -c statement_timeout=30000 -c jit=off",
    },
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "tests.sim.post.Post"
MEDIA_ROOT = SCRATCH / "media"
SPOOL = SCRATCH / "spool"
STORAGES = {
    **STORAGES,
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
}
ALLOWED_HOSTS = ["testserver"]
PUBLIC_URL = "http://reelay.example"
LOGGING_CONFIG = None
FULL_DECODE = False
MAX_FAILOVER_LOSS = 250_000
#: Little, so that it is used up now and then.
MAX_FAILOVER_LOSS_PER_DAY = 600_000
