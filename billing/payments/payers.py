"""Who pays: the workspace's customer at Stripe, the card it saved, and the portal to change it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import stripe

from accounts.models import Role, Workspace
from billing.models import Payer, StripeEvent
from billing.payments import gateway


def customer(workspace: Workspace) -> str:
    """
    Stripe's id of this workspace's customer, made on first need, and only once.

    :raises gateway.PaymentError:
    """
    payer, _ = Payer.objects.get_or_create(workspace=workspace)
    if payer.customer:
        return payer.customer
    with gateway.asking() as client:
        made = client.v1.customers.create(
            {
                "name": workspace.name,
                "email": _owner(workspace),
                "metadata": {"workspace": workspace.public_id},
            },
            {"idempotency_key": f"customer-{workspace.pk.hex}"},
        )
    Payer.objects.filter(pk=payer.pk, customer=None).update(customer=made.id)
    return str(Payer.objects.values_list("customer", flat=True).get(pk=payer.pk))


def portal(workspace: Workspace, *, back_to: str) -> str:
    """The address of a page of Stripe's where cards are changed and receipts are found."""
    who = customer(workspace)
    with gateway.asking() as client:
        return str(
            client.v1.billing_portal.sessions.create({"customer": who, "return_url": back_to}).url
        )


def learn(customer_id: str) -> None:
    """Ask which card is saved now; where none is left, nothing can be charged by itself."""
    payer = Payer.objects.filter(customer=customer_id).first()
    if payer is None:
        return
    with gateway.asking() as client:
        who = client.v1.customers.retrieve(
            customer_id, {"expand": ["invoice_settings.default_payment_method"]}
        )
        saved = client.v1.customers.payment_methods.list(customer_id, {"type": "card", "limit": 10})
    chosen = getattr(getattr(who, "invoice_settings", None), "default_payment_method", None)
    method = chosen if isinstance(chosen, stripe.PaymentMethod) else next(iter(saved.data), None)
    Payer.objects.filter(pk=payer.pk).update(**_card(method))
    if method is None:
        switch_off(payer, "There is no saved card any more.")


def switch_off(payer: Payer, why: str) -> bool:
    """No more top-ups by themselves. Returns whether there would have been."""
    return bool(Payer.objects.filter(pk=payer.pk, auto=True).update(auto=False, stopped=why))


def forget(workspace: Workspace) -> None:
    """
    Have Stripe forget the customer, cards included, and forget it here.

    :raises gateway.Unreachable: nothing was forgotten here; try again.
    """
    payer = Payer.objects.filter(workspace=workspace).first()
    if payer is None:
        return
    if payer.customer:
        # One that they do not know any more was deleted by us before, or by somebody there.
        with suppress(gateway.Refused, gateway.NotConfigured), gateway.asking() as client:
            client.v1.customers.delete(payer.customer)
        events = StripeEvent.objects.filter(payload__data__object__customer=payer.customer)
        events.update(payload={})
        StripeEvent.objects.filter(object_id=payer.customer).update(payload={})
    payer.delete()


def _owner(workspace: Workspace) -> str:
    owner = workspace.memberships.filter(role=Role.OWNER).select_related("user").first()
    return owner.user.email if owner else ""


def _card(method: stripe.PaymentMethod | None) -> dict[str, Any]:
    card = method.card if method else None
    if method is None or card is None:
        return {"card": "", "card_brand": "", "card_last4": "", "card_expires": ""}
    return {
        "card": method.id,
        "card_brand": card.brand,
        "card_last4": card.last4 or "",
        "card_expires": f"{card.exp_month:02}/{card.exp_year}",
    }
