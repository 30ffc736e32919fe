"""Everything in one ASGI process: for the demo, and for event streams in production."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_asgi_application()

from accounts.streams.sending import streaming  # noqa: E402  (from here on there are models)
from config import heap  # noqa: E402

application = streaming(django)
heap.settle()
