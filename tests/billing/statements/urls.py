"""The site with the statements in their place."""

from django.urls import include, path

from config.urls import handler404, handler500  # noqa: F401
from config.urls import urlpatterns as site

urlpatterns = [path("billing/statements/", include("billing.statements.urls")), *site]
