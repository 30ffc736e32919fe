"""The site map, nothing else."""

from django.contrib import admin
from django.urls import include, path

from accounts.api.views import error
from config import views
from generations import serving
from generations.webhooks import provider_webhook

urlpatterns = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("webhooks/providers/<slug:provider>/<str:token>", provider_webhook),
    path("files/<str:token>", serving.file, name="file"),
    path("api/", include("config.api")),
    path("docs/errors/<slug:code>", error),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("billing.urls")),
    path("", include("generations.urls")),
]

handler404 = "config.views.not_found"
handler500 = "config.views.broken"
