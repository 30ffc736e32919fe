"""The least that Django REST framework does for an order: a view with its five statements."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from config import heap


def application() -> Any:
    """The same settings, but for the site map and the middleware: there is none."""
    django.setup(set_prefix=False)
    settings.ROOT_URLCONF = "bench.bare_urls"
    settings.MIDDLEWARE = []
    handler = WSGIHandler()
    heap.settle()
    return handler
