"""Settings of a process that serves streams, in a hurry."""

from config.settings import *  # noqa: F403

STREAM_PING = 0.2
STREAM_CHECK = 0.2
STREAMS_PER_WORKSPACE = 12
#: No static files were collected.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
