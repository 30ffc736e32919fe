"""Payments by card and what Stripe told us, for staff: read, looked at again, given back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import asking, ids
from accounts.asking import ReasonForm
from accounts.readonly import ReadOnlyAdmin
from billing import money
from billing.models import Payer, StripeEvent, StripeEventState, TopUp, TopUpState
from billing.payments import events, gateway, refunds, reversals, top_ups

#: Sorts what needs somebody before what does not.
TROUBLE = Case(
    When(state=StripeEventState.REFUSED, then=0),
    When(Q(state=StripeEventState.RECEIVED, tries__gt=0), then=1),
    default=2,
    output_field=IntegerField(),
)


class RefundForm(ReasonForm):
    """`key` is made with the form, so that pressing twice refunds once."""

    amount = forms.CharField(label="Amount in USD", widget=UnfoldAdminTextInputWidget())
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    field_order = ["amount", "reason"]

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
        return bool(request.user.has_perm("billing.refund_topup"))

    def has_look_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.look_topup"))

    @action(description="Ask Stripe", url_path="look", permissions=["look"])
    def look(self, request: HttpRequest, object_id: str) -> HttpResponse:
        one = asking.find(TopUp, object_id)
        try:
            messages.success(request, f"It is {top_ups.look(one).state}.")
        except (gateway.PaymentError, top_ups.NotOurs) as problem:
            messages.error(request, str(problem))
        return redirect(asking.page_of(one))

    @action(description="Refund to the card", url_path="refund", permissions=["refund"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Through Stripe; the wallet follows by what Stripe says."""
        one = asking.find(TopUp.objects.select_related("workspace"), object_id)
        most = reversals.left(one)
        if one.state != TopUpState.PAID or not most:
            messages.error(request, "There is nothing to refund.")
            return redirect(asking.page_of(one))
        start = {"key": ids.uuid7().hex, "amount": money.usd(most)}
        return asking.ask(
            self,
            request,
            one,
            do=partial(refunds.refund, one, now=timezone.now(), **asking.who(request)),
            title=f"Refund {one}",
            verb="Refund",
            form=RefundForm(request.POST or None, initial=start, most=most),
            note="It goes back to the card, and leaves the wallet; what is spent already is owed. "
            f"Above {money.usd(settings.STAFF_ALONE_LIMIT)} USD a second person has to agree.",
        )


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    """What failed stands first, then what is tried again, then the newest."""

    list_display = ["received_at", "type", "object_id", "state", "tries", "note"]
    list_filter = ["state", "type"]
    search_fields = ["id", "object_id"]
    ordering = [TROUBLE, "-received_at"]
    actions = ["replay_chosen"]
    actions_detail = ["replay"]

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.replay_stripeevent"))

    @action(description="Process again", url_path="replay", permissions=["replay"])
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = asking.find(StripeEvent, object_id)
        return asking.ask(
            self,
            request,
            event,
            do=partial(events.replay, event, now=timezone.now(), **asking.who(request)),
            title=f"Process {event} again",
            verb="Process again",
            note="Stripe is asked what became of it. Doing it again never pays twice.",
        )

    @admin.action(description="Process again", permissions=["replay"])
    @asking.few
    def replay_chosen(self, request: HttpRequest, chosen: QuerySet[StripeEvent]) -> None:
        for event in chosen:
            act = partial(events.replay, event, now=timezone.now(), reason="From the list")
            asking.tell(self, request, event, partial(act, **asking.who(request)))


@admin.register(Payer)
class PayerAdmin(ReadOnlyAdmin):
    list_display = ["workspace", "customer", "card_brand", "card_last4", "auto", "stopped"]
    list_select_related = ["workspace"]
    list_filter = ["auto"]
    search_fields = ["workspace__name", "customer"]
