"""The books, for staff: to be read. Money moves only through the ledger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import ids
from accounts.models import User
from accounts.proposals import NotPossible
from accounts.readonly import ReadOnlyAdmin, ReadOnlyInline
from billing import gifts, ledger, money
from billing.models import Cost, Transfer, Wallet


class DepositForm(forms.Form):
    """`key` is made with the form, so that pressing twice deposits once."""

    amount = forms.CharField(
        label="Amount in USD", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "25.00"})
    )
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget())
    key = forms.CharField(widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        try:
            amount = money.micros(self.cleaned_data["amount"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if not amount:
            raise forms.ValidationError("Deposit more than nothing.")
        return amount


class TransferInline(ReadOnlyInline):
    model = Transfer
    fields = [
        "position",
        "kind",
        "debit",
        "credit",
        "usd",
        "reference",
        "description",
        "created_at",
    ]
    readonly_fields = ["usd"]
    ordering = ["-position"]
    max_num = 50
    per_page = 50

    @admin.display(description="USD")
    def usd(self, transfer: Transfer) -> str:
        return money.usd(transfer.amount)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ["workspace", "available_usd", "held_usd", "debt_usd", "moves"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name", "workspace__id", "workspace__people__email"]
    fields = ["workspace", "available_usd", "held_usd", "debt_usd", "moves"]
    readonly_fields = ["available_usd", "held_usd", "debt_usd"]
    inlines = [TransferInline]
    actions_detail = ["deposit"]

    @admin.display(description="available", ordering="available")
    def available_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.available)

    @admin.display(description="held", ordering="held")
    def held_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.held)

    @admin.display(description="debt", ordering="debt")
    def debt_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.debt)

    def has_deposit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.change_wallet"))

    @action(description="Deposit", url_path="deposit", permissions=["deposit"])
    def deposit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Through the ledger, with a reason, written into the admin's log."""
        wallet = get_object_or_404(Wallet, pk=object_id)
        form = DepositForm(request.POST or None, initial={"key": ids.uuid7().hex})
        if request.method == "POST" and form.is_valid():
            self._deposited(request, wallet, form.cleaned_data)
            return redirect(reverse("admin:billing_wallet_change", args=[object_id]))
        context = self.admin_site.each_context(request) | {
            "form": form,
            "title": f"Deposit for {wallet.workspace}",
            "opts": self.model._meta,
            "original": wallet,
        }
        return render(request, "admin/billing/deposit.html", context)

    def _deposited(self, request: HttpRequest, wallet: Wallet, entered: dict[str, Any]) -> None:
        assert isinstance(request.user, User)  # noqa: S101  (the admin let nobody else in)
        try:
            said = gifts.deposit(wallet=wallet, by=request.user, now=timezone.now(), **entered)
        except (NotPossible, ledger.LedgerError) as why:
            messages.error(request, str(why))
        else:
            self.log_change(request, wallet, said)
            messages.success(request, said)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "wallet", "kind", "usd", "debit", "credit", "reference", "actor"]
    list_select_related = ["wallet__workspace"]
    list_filter = ["kind"]
    search_fields = ["key", "reference", "id", "wallet__workspace__name"]
    ordering = ["-created_at"]

    @admin.display(description="USD", ordering="amount")
    def usd(self, transfer: Transfer) -> str:
        return money.usd(transfer.amount)


@admin.register(Cost)
class CostAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "provider", "usd", "debit", "credit", "reference", "why"]
    list_filter = ["provider", "debit", "credit"]
    search_fields = ["reference"]
    ordering = ["-created_at"]

    @admin.display(description="USD", ordering="amount")
    def usd(self, cost: Cost) -> str:
        return money.usd(cost.amount)
