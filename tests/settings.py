"""Settings of the tests: the same engines, in a folder of their own, started here."""

import atexit
import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
slot = os.environ.get("REELAY_TEST_SLOT", "test")
VAR_DIR = BASE / "var" / slot

os.environ["REELAY_VAR"] = str(VAR_DIR)
for name in ("PUBLIC_URL", "S3_BUCKET", "EMAIL_URL", "RUNWARE_API_KEY", "SANDBOX", "DEBUG"):
    os.environ.pop(name, None)

from config import embedded  # noqa: E402

if embedded.needed():
    from config import services

    atexit.register(services.attach(VAR_DIR).close)

from config.settings import *  # noqa: E402, F403

Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405  (absent, it would be a warning)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
