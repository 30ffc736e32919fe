"""Settings of the tests: the same engines, in a folder of their own, started here."""

import atexit
import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
#: Workers side by side have services of their own.
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
slot = os.environ.get("REELAY_TEST_SLOT", "test") + (f"-{worker}" if worker else "")
VAR_DIR = BASE / "var" / slot

UNSET = {"PUBLIC_URL", "S3_BUCKET", "EMAIL_URL", "SANDBOX", "DEBUG"}

os.environ["REELAY_VAR"] = str(VAR_DIR)
for name in list(os.environ):
    if name.endswith("_API_KEY") or name in UNSET:
        del os.environ[name]

from config import embedded  # noqa: E402

if embedded.needed():
    from config import services

    atexit.register(services.attach(VAR_DIR).close)

from config.settings import *  # noqa: E402, F403

Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405  (absent, it would be a warning)
INSTALLED_APPS = ["tests", *INSTALLED_APPS]  # noqa: F405  (for its flush)
#: Tests are in a hurry; those about rate limits set the usual ones.
API_PAID_PER_MINUTE = API_PAID_BURST = API_OTHER_PER_MINUTE = API_OTHER_BURST = 1_000_000
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
