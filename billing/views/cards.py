"""Paying by card: the way to Checkout and back, the saved card, top-ups by themselves, codes."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, ids
from accounts.access import MemberRequest, in_workspace
from accounts.models import Act
from billing import ledger, money, nudge, promotions
from billing.forms import AutomaticForm, CodeForm, TopUpForm
from billing.models import Payer, TopUp, TopUpState
from billing.payments import gateway, payers, saved_card, top_ups
from billing.views import wallet

logger = logging.getLogger(__name__)


@require_POST
@in_workspace(Act.SPEND_SETTINGS)
def top_up(request: MemberRequest) -> HttpResponse:
    """On to the page where it is paid."""
    form = TopUpForm(request.POST)
    if form.is_valid():
        try:
            return redirect(_page(request, form))
        except gateway.PaymentError as error:
            form.add_error(None, str(error))
    return wallet.page(request, status=422, top_up_form=form)


@require_safe
@never_cache
@in_workspace(Act.READ)
def one_top_up(request: MemberRequest, top_up_id: str) -> HttpResponse:
    """
    Where people come back to. What Stripe says counts, not the address they come with; while
    nothing is known yet the page asks again by itself.
    """
    found = ids.private("top", top_up_id)
    rows = TopUp.objects.for_workspace(request.workspace)
    one = rows.filter(pk=found).first() if found else None
    if one is None:
        raise Http404
    context = {
        "top_up": _looked(one) if one.state == TopUpState.OPEN else one,
        "balance": ledger.balance(request.workspace.wallet),
        "waits": one.saved_card or "session_id" in request.GET or "HX-Request" in request.headers,
    }
    fragment = "HX-Request" in request.headers
    return render(request, "billing/_top_up.html" if fragment else "billing/top_up.html", context)


@require_POST
@in_workspace(Act.SPEND_SETTINGS)
def portal(request: MemberRequest) -> HttpResponse:
    try:
        return redirect(payers.portal(request.workspace, back_to=f"{settings.SITE_URL}/wallet"))
    except gateway.PaymentError as error:
        messages.error(request, str(error))
        return redirect("wallet")


@require_POST
@in_workspace(Act.SPEND_SETTINGS)
def automatic(request: MemberRequest) -> HttpResponse:
    form = AutomaticForm(request.POST)
    payer, _ = Payer.objects.get_or_create(workspace=request.workspace)
    if form.is_valid() and form.cleaned_data["auto"] and not payer.card:
        form.add_error(None, "There is no saved card. Top up once and tick “Keep the card”.")
    if not form.is_valid():
        return wallet.page(request, status=422, automatic_form=form)
    given = form.cleaned_data
    Payer.objects.filter(pk=payer.pk).update(
        **given, **({"failures": 0, "stopped": "", "tried_at": None} if given["auto"] else {})
    )
    nudge.work()
    messages.success(request, "Saved.")
    return redirect("wallet")


@require_POST
@in_workspace(Act.OWN)
def api_charges(request: MemberRequest) -> HttpResponse:
    """Whether API keys may charge the saved card; the button says which."""
    is_allowed = request.POST.get("allow") == "yes"
    if saved_card.allow(request.workspace, is_allowed, by=audit.actor(request.user, request)):
        now = "may charge the saved card now" if is_allowed else "cannot charge the saved card now"
        messages.success(request, f"API keys {now}.")
    return redirect("wallet")


@require_POST
@in_workspace(Act.SPEND_SETTINGS)
def redeem(request: MemberRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            given = promotions.redeem(
                workspace=request.workspace,
                code=form.cleaned_data["code"],
                actor=request.user.public_id,
                now=timezone.now(),
            )
        except promotions.CodeRefused as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, f"{money.usd(given.amount)} USD are in your wallet.")
            return redirect("wallet")
    return wallet.page(request, status=422, code_form=form)


def _page(request: MemberRequest, form: TopUpForm) -> str:
    if not gateway.is_configured():
        raise gateway.NotConfigured("Cards are not set up here.")
    one = top_ups.begin(
        request.workspace,
        amount=form.cleaned_data["wanted"],
        actor=request.user.public_id,
        now=timezone.now(),
    )
    here = f"{settings.SITE_URL}/wallet/top-ups/{one.public_id}"
    return top_ups.open_page(one, back_to=here, save_card=form.cleaned_data["save_card"])


def _looked(one: TopUp) -> TopUp:
    """As Stripe has it; as we have it, where Stripe does not answer."""
    try:
        return top_ups.look(one)
    except (gateway.PaymentError, top_ups.NotOurs) as problem:
        logger.warning("%s could not be looked at: %s", one.public_id, problem)
        return one
