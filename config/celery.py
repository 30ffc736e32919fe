"""
The Celery app. Tasks are nudges and the database row is the truth, so the schedule has one entry:
a tick a second that looks what is due. It expires after two, so ticks never pile up.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("reelay")
app.config_from_object(settings.CELERY)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "tick": {"task": "generations.tasks.tick", "schedule": 1.0, "options": {"expires": 2}},
}
app.conf.beat_scheduler = "config.beat:PatientScheduler"
app.conf.task_routes = {
    "generations.tasks.dispatch": {"queue": "dispatch"},
    "generations.tasks.look": {"queue": "look"},
    "generations.tasks.store": {"queue": "store"},
    "generations.tasks.notify": {"queue": "notify"},
    "generations.tasks.poster": {"queue": "store"},
}
#: Every queue a worker may listen to; `tick` travels on the default one.
QUEUES = ["celery", "dispatch", "look", "store", "notify"]


@setup_logging.connect
def _django_does_the_logging(**kwargs: Any) -> None:
    """Connected so that Celery leaves the logging of the settings, and its masks, alone."""
