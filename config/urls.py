"""The site map, nothing else."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from billing.webhooks import stripe_webhook
from config import docs, reports, views
from config.staff import views as staff
from generations import serving
from generations.webhooks import provider_webhook

#: Staff sign in where everybody does: there a second factor is asked for.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.metrics),
    path("csp-reports", reports.csp_reports),
    path("webhooks/providers/<slug:provider>/<str:token>", provider_webhook),
    path("webhooks/stripe", stripe_webhook, name="stripe-webhook"),
    path("files/<str:token>", serving.file, name="file"),
    path("api/", include("config.api")),
    path("v1/", include("generations.openai.urls")),
    path("docs/errors/<slug:code>", docs.error, name="docs-error"),
    path("docs", docs.guide, name="docs-home"),
    path("docs/<slug:slug>", docs.guide, name="docs"),
    path("admin/find", admin.site.admin_view(staff.search), name="admin_find"),
    path("admin/r/<path:row>", admin.site.admin_view(staff.nowhere)),  # not by admin.site.urls
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("billing.urls")),
    path("", include("generations.urls")),
]

handler404 = "config.views.not_found"
handler500 = "config.views.broken"
