"""The books, for staff: to be read. Money moves only through the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import asking, ids
from accounts.asking import ReasonForm
from accounts.readonly import ReadOnlyAdmin, ReadOnlyInline
from billing import corrections, money
from billing.models import Cost, Transfer, Wallet

LINK = '<a class="text-primary-600 underline" href="{}?q={}">{}</a>'


class AmountForm(ReasonForm):
    """`key` is made with the form, so that pressing twice moves once."""

    amount = forms.CharField(
        label="Amount in USD", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "25.00"})
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    field_order = ["amount", "reason"]

    def clean_amount(self) -> int:
        try:
            amount = money.micros(self.cleaned_data["amount"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if not amount:
            raise forms.ValidationError("Move more than nothing.")
        return amount


class AdjustForm(AmountForm):
    """Which way, and how much of it."""

    way = forms.ChoiceField(
        label="What for",
        choices=[("give", "Give it to the customer"), ("take", "Take it from the customer")],
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ["way", "amount", "reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.pop("way", "") == "take" and "amount" in given:
            given["amount"] *= -1
        return given


def linked(reference: str) -> str:
    """Leads to what it names, by the search."""
    id = reference.rpartition(":")[2]
    if not re.fullmatch("[0-9a-f]{32}", id):
        return reference
    return format_html(LINK, reverse("admin_find"), id, f"{reference[:-20]}…")


class TransferInline(ReadOnlyInline):
    model = Transfer
    fields = [
        "position",
        "kind",
        "debit",
        "credit",
        "usd",
        "leads_to",
        "description",
        "actor",
        "created_at",
    ]
    readonly_fields = ["usd", "leads_to"]
    ordering = ["-position"]
    max_num = 50
    per_page = 50

    @admin.display(description="USD")
    def usd(self, transfer: Transfer) -> str:
        return money.usd(transfer.amount)

    @admin.display(description="reference")
    def leads_to(self, transfer: Transfer) -> str:
        return linked(transfer.reference)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ["workspace", "available_usd", "held_usd", "debt_usd", "moves"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name", "workspace__id", "workspace__people__email"]
    fields = ["workspace", "available_usd", "held_usd", "debt_usd", "moves"]
    readonly_fields = ["available_usd", "held_usd", "debt_usd"]
    inlines = [TransferInline]
    actions_detail = ["deposit", "adjust"]

    @admin.display(description="available", ordering="available")
    def available_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.available)

    @admin.display(description="held", ordering="held")
    def held_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.held)

    @admin.display(description="debt", ordering="debt")
    def debt_usd(self, wallet: Wallet) -> str:
        return money.usd(wallet.debt)

    def has_move_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.change_wallet"))

    @action(description="Deposit", url_path="deposit", permissions=["move"])
    def deposit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Money that came in beside Stripe, such as a bank transfer."""
        return self._move(request, object_id, AmountForm, corrections.deposit, "Deposit")

    @action(description="Adjust", url_path="adjust", permissions=["move"])
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A correction, either way."""
        return self._move(request, object_id, AdjustForm, corrections.adjust, "Adjust")

    def _move(
        self,
        request: HttpRequest,
        object_id: str,
        form: type[AmountForm],
        move: Callable[..., str],
        verb: str,
    ) -> HttpResponse:
        wallet = asking.find(Wallet.objects.select_related("workspace"), object_id)
        return asking.ask(
            self,
            request,
            wallet,
            do=partial(move, wallet=wallet, now=timezone.now(), **asking.who(request)),
            title=f"{verb}: {wallet.workspace}",
            verb=verb,
            form=form(request.POST or None, initial={"key": ids.uuid7().hex}),
            note=f"Available: {money.usd(wallet.available)} USD. Above "
            f"{money.usd(settings.STAFF_ALONE_LIMIT)} USD a second person has to agree.",
        )


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
