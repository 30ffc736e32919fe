"""The price table's pages, mixed into the admin of rates."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from unfold.decorators import action

from billing.models import Rate
from billing.pricing import pages, report_pages
from billing.pricing.forms import RateForm

if TYPE_CHECKING:
    Base = ModelAdmin[Rate]
else:
    Base = object


class Page(NamedTuple):
    """`permission` is the admin's word for what staff must be allowed: view or add."""

    path: str
    name: str
    show: Callable[..., HttpResponse]
    permission: str
    methods: tuple[str, ...] = ("GET", "HEAD")


FORM = ("GET", "HEAD", "POST")

PAGES = [
    Page("prices/", "prices", pages.in_force, "view"),
    Page("prices/table.csv", "prices_table", pages.table_csv, "view"),
    Page("prices/import/", "prices_import", pages.upload, "add", FORM),
    Page("prices/schedule/", "prices_schedule", pages.schedule, "add", FORM),
    Page("prices/confirm/", "prices_confirm", pages.confirm, "add", ("POST",)),
    Page("prices/margin/", "prices_margin", report_pages.margin, "view"),
    Page("prices/margin.csv", "prices_margin_csv", report_pages.margin_csv, "view"),
    Page("prices/drift/", "prices_drift", report_pages.price_drift, "view"),
    Page("prices/bill/", "prices_bill", report_pages.bill, "view", FORM),
    Page(
        "prices/bill/<slug:name>.csv", "prices_bill_csv", report_pages.differences_csv, "view"
    ),
]  # fmt: skip


class PricingMixin(Base):
    """Stands before ModelAdmin: `class RateAdmin(PricingMixin, ModelAdmin)`."""

    form = RateForm
    actions_list = ["to_prices_in_force"]

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(
                page.path,
                self.admin_site.admin_view(self._view(page)),
                name=f"billing_rate_{page.name}",
            )
            for page in PAGES
        ]
        return [*ours, *super().get_urls()]

    @action(description="Prices in force", url_path="to-prices", permissions=["view"])
    def to_prices_in_force(self, request: HttpRequest) -> HttpResponse:
        """From the list of all rates to the table as it is."""
        return redirect("admin:billing_rate_prices")

    def _view(self, page: Page) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not getattr(self, f"has_{page.permission}_permission")(request):
                raise PermissionDenied
            if request.method not in page.methods:
                return HttpResponseNotAllowed(page.methods)
            return page.show(self, request, **kwargs)

        return update_wrapper(view, page.show)
