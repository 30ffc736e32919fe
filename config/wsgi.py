"""The site and the API for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from accounts import ending
from config import heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
ending.watch()
heap.settle()
