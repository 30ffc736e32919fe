"""
The Celery app. Tasks are nudges and the database row is the truth, so the schedule is little more
than a tick a second that looks what is due. Ticks expire, so they never pile up.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_shutting_down
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("reelay")
app.config_from_object(settings.CELERY)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "tick": {"task": "generations.tasks.tick", "schedule": 1.0, "options": {"expires": 2}},
    "money": {"task": "billing.tasks.tick", "schedule": 10.0, "options": {"expires": 20}},
    "alerts": {"task": "billing.tasks.alert", "schedule": 60.0, "options": {"expires": 120}},
    "spent": {"task": "billing.tasks.add_up", "schedule": 60.0, "options": {"expires": 60}},
    "figures": {
        "task": "generations.tasks.figures",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "past_figures": {
        "task": "generations.tasks.past_figures",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "our_money": {
        "task": "generations.tasks.our_money",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "audit": {"task": "billing.tasks.audit", "schedule": 3600.0, "options": {"expires": 600}},
    "stripe": {"task": "billing.tasks.reconcile", "schedule": 3600.0, "options": {"expires": 600}},
    "tidy": {"task": "accounts.tasks.tidy", "schedule": crontab(hour=3, minute=40)},
    "export": {"task": "accounts.tasks.export", "schedule": 300.0, "options": {"expires": 300}},
    "erase": {"task": "accounts.tasks.erase", "schedule": 3600.0, "options": {"expires": 600}},
    "retain": {"task": "generations.tasks.retain", "schedule": crontab(hour=4, minute=10)},
    "prune": {"task": "accounts.tasks.prune", "schedule": crontab(hour=3, minute=50)},
}
app.conf.beat_scheduler = "config.beat:PatientScheduler"
app.conf.task_routes = {
    "accounts.tasks.*": {"queue": "notify"},
    "accounts.tasks.erase": {"queue": "draw"},
    "accounts.tasks.export": {"queue": "draw"},
    "billing.tasks.*": {"queue": "notify"},
    "generations.tasks.fetch": {"queue": "dispatch"},
    "generations.tasks.dispatch": {"queue": "dispatch"},
    "generations.tasks.hold": {"queue": "hold"},
    "generations.tasks.look": {"queue": "look"},
    "generations.tasks.store": {"queue": "store"},
    "generations.tasks.notify": {"queue": "notify"},
    "generations.tasks.figures": {"queue": "notify"},
    "generations.tasks.past_figures": {"queue": "notify"},
    "generations.tasks.late": {"queue": "look"},
    "generations.tasks.balances": {"queue": "look"},
    "generations.tasks.our_money": {"queue": "look"},
    "generations.tasks.draw": {"queue": "draw"},
    "generations.tasks.retain": {"queue": "draw"},
}
#: Orders and jobs, the urgent queues first; `tick` travels on the default one.
QUEUES = ["celery", "hold", "dispatch", "look", "notify"]
#: Files, which keep a processor or a line busy: for workers of their own.
QUEUES_OF_FILES = ["store", "draw"]


@setup_logging.connect
def _django_does_the_logging(**kwargs: Any) -> None:
    """Connected so that Celery leaves the logging of the settings, and its masks, alone."""


@worker_shutting_down.connect
def _hold_on_no_longer(**kwargs: Any) -> None:
    """Whoever sends orders or tells customers takes up nothing new, and ends soon."""
    from accounts.concurrency import stopping  # apps are ready only now

    stopping.set()
