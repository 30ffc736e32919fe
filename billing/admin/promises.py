"""Promotion codes and spend limits, for staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.audited import AuditedAdmin
from accounts.readonly import ReadOnlyAdmin, ReadOnlyInline
from billing import money
from billing.forms import DollarField
from billing.models import PromotionCode, Redemption, SpendLimit


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]
    amount = DollarField(label="USD for each workspace", widget=UnfoldAdminTextInputWidget())

    class Meta:
        model = PromotionCode
        fields = "__all__"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["amount"] = money.usd(self.instance.amount)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()


class RedemptionInline(ReadOnlyInline):
    model = Redemption
    fields = ["workspace", "actor", "created_at"]
    readonly_fields = ["created_at"]


@admin.register(PromotionCode)
class PromotionCodeAdmin(AuditedAdmin):
    """A code that was used stays; it can be switched off."""

    form = PromotionForm
    list_display = ["code", "usd", "uses", "most_uses", "starts_at", "expires_at", "active", "note"]
    list_filter = ["active"]
    search_fields = ["code", "note"]
    inlines = [RedemptionInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="USD", ordering="amount")
    def usd(self, code: PromotionCode) -> str:
        return money.usd(code.amount)


@admin.register(SpendLimit)
class SpendLimitAdmin(ReadOnlyAdmin):
    list_display = ["workspace", "subject", "window", "amount_usd", "spent_usd", "period"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name", "subject"]

    @admin.display(description="limit USD", ordering="amount")
    def amount_usd(self, limit: SpendLimit) -> str:
        return money.usd(limit.amount)

    @admin.display(description="spent USD", ordering="spent")
    def spent_usd(self, limit: SpendLimit) -> str:
        return money.usd(limit.spent)
