"""Payments by card, for staff: to be read, looked at again, and given back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import ids
from accounts.readonly import ReadOnlyAdmin
from billing import money
from billing.models import Payer, StripeEvent, TopUp, TopUpState
from billing.payments import gateway, refunds, reversals, top_ups


class RefundForm(forms.Form):
    """`key` is made with the form, so that pressing twice refunds once."""

    amount = forms.CharField(label="Amount in USD", widget=UnfoldAdminTextInputWidget())
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget())
    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.most = most

    def clean_amount(self) -> int:
        try:
            amount = money.micros(self.cleaned_data["amount"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if amount % gateway.MICROS_PER_CENT or not 0 < amount <= self.most:
            raise forms.ValidationError(
                f"Between 0.01 and {money.usd(self.most)} USD, whole cents."
            )
        return amount


@admin.register(TopUp)
class TopUpAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "workspace", "usd", "state", "automatic", "failure", "actor"]
    list_select_related = ["workspace"]
    list_filter = ["state", "automatic"]
    search_fields = ["id", "session", "payment_intent", "charge", "workspace__name"]
    ordering = ["-created_at"]
    actions_detail = ["refund", "look"]

    @admin.display(description="USD", ordering="amount")
    def usd(self, top_up: TopUp) -> str:
        return money.usd(top_up.amount)

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.change_wallet"))

    @action(description="Ask Stripe", url_path="look", permissions=["refund"])
    def look(self, request: HttpRequest, object_id: str) -> HttpResponse:
        one = get_object_or_404(TopUp, pk=object_id)
        try:
            messages.success(request, f"It is {top_ups.look(one).state}.")
        except (gateway.PaymentError, top_ups.NotOurs) as problem:
            messages.error(request, str(problem))
        return _back(object_id)

    @action(description="Refund to the card", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Through Stripe; the wallet follows by what Stripe says."""
        one = get_object_or_404(TopUp, pk=object_id)
        most = reversals.left(one)
        if one.state != TopUpState.PAID or not most:
            messages.error(request, "There is nothing to refund.")
            return _back(object_id)
        start = {"key": ids.uuid7().hex, "amount": money.usd(most)}
        form = RefundForm(request.POST or None, initial=start, most=most)
        if request.method == "POST" and form.is_valid():
            return self._refunded(request, one, form.cleaned_data)
        context = self.admin_site.each_context(request) | {
            "form": form,
            "title": f"Refund {one}",
            "verb": "Refund",
            "opts": self.model._meta,
            "original": one,
        }
        return render(request, "admin/billing/deposit.html", context)

    def _refunded(self, request: HttpRequest, one: TopUp, given: dict[str, Any]) -> HttpResponse:
        try:
            refunds.give(one, amount=given["amount"], key=given["key"], reason=given["reason"])
        except gateway.PaymentError as problem:
            messages.error(request, str(problem))
        else:
            said = f"Refunded {money.usd(given['amount'])} USD: {given['reason']}"
            self.log_change(request, one, said)
            messages.success(request, said)
        return _back(str(one.pk))


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "type", "object_id", "state", "tries", "note"]
    list_filter = ["state", "type"]
    search_fields = ["id", "object_id"]
    ordering = ["-received_at"]


@admin.register(Payer)
class PayerAdmin(ReadOnlyAdmin):
    list_display = ["workspace", "customer", "card_brand", "card_last4", "auto", "stopped"]
    list_select_related = ["workspace"]
    list_filter = ["auto"]
    search_fields = ["workspace__name", "customer"]


def _back(object_id: str) -> HttpResponse:
    return redirect(reverse("admin:billing_topup_change", args=[object_id]))
