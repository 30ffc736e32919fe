"""
The PostgreSQL and the Valkey that Reelay starts for itself where none are configured.

Plain Python without Django, because settings are made from what it says.
"""

from config.services.attachment import Attachment, attach, erase, urls
from config.services.errors import ServicesUnavailable
from config.services.places import ServiceURLs, celery_broker_url

__all__ = [
    "Attachment",
    "ServiceURLs",
    "ServicesUnavailable",
    "attach",
    "celery_broker_url",
    "erase",
    "urls",
]
