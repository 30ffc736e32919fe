"""An admin of its own that shows the price table's pages, and the site around it."""

from django.contrib.admin.forms import AuthenticationForm
from django.urls import include, path
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from billing.models import Rate
from billing.pricing.admin import PricingMixin
from config.urls import handler404, handler500  # noqa: F401


class RateAdmin(PricingMixin, ModelAdmin):
    list_display = ["provider", "sku", "cost"]


site = UnfoldAdminSite(name="admin")
site.login_form = AuthenticationForm
site.register(Rate, RateAdmin)

urlpatterns = [path("admin/", site.urls), path("", include("config.urls"))]
