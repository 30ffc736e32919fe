"""Prices, for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.readonly import ReadOnlyAdmin
from billing import money
from billing.models import Quote, Rate
from billing.pricing.admin import PricingMixin


@admin.register(Rate)
class RateAdmin(PricingMixin, ModelAdmin):
    """The price table. A price is changed by adding a newer row; old rows stay as they were."""

    list_display = [
        "provider",
        "sku",
        "cost_usd",
        "markup",
        "price_usd",
        "sold",
        "valid_from",
        "note",
    ]
    list_filter = ["provider", "sold"]
    search_fields = ["sku", "note"]
    ordering = ["provider", "sku", "-valid_from"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="cost USD", ordering="cost")
    def cost_usd(self, rate: Rate) -> str:
        return money.usd(rate.cost)

    @admin.display(description="price USD")
    def price_usd(self, rate: Rate) -> str:
        return money.usd(rate.price)


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "workspace", "count", "unit_usd", "expires_at", "used_at"]
    list_select_related = ["workspace"]
    search_fields = ["id", "workspace__name"]
    ordering = ["-created_at"]

    @admin.display(description="USD each")
    def unit_usd(self, quote: Quote) -> str:
        return money.usd(quote.unit_price)
