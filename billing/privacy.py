"""What billing holds about a person: their money, which has to be settled, and how they paid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.privacy import holders
from accounts.privacy.holders import File, Holder, Obstacle, Person
from billing import ledger, money, quotes
from billing.models import Payer, Redemption, StripeEvent, TopUp, TopUpState
from billing.payments import payers
from billing.statements import files, periods


class Billing(Holder):
    def obstacles(self, person: Person) -> Iterable[Obstacle]:
        for workspace in person.alone:
            yield from _unsettled(workspace)

    def close(self, person: Person) -> None:
        for payer in Payer.objects.filter(workspace__in=person.alone):
            payers.switch_off(payer, "The account is closed.")

    def erase(self, person: Person, *, gives_up: bool) -> None:
        for workspace in person.alone:
            if gives_up:
                _give_up(workspace, by=person.user.public_id)
            payers.forget(workspace)
            _forget_how_they_paid(workspace, person.user)
            quotes.forget_wishes(workspace=workspace)

    def files(self, person: Person) -> Iterable[File]:
        tomorrow = timezone.now().date() + timedelta(days=1)
        for workspace in person.owned:
            start = workspace.created_at.date()
            book = periods.book(workspace=workspace, start=start, end=tomorrow)
            yield f"transfers-{workspace.public_id}.csv", files.ledger_csv(book)


def _unsettled(workspace: Workspace) -> Iterable[Obstacle]:
    balance = ledger.balance(workspace.wallet)
    if balance.held:
        yield Obstacle(
            f"${money.usd(balance.held)} of “{workspace}” is set aside for clips under way. "
            "Cancel them, or wait for them."
        )
    if balance.debt:
        yield Obstacle(f"“{workspace}” owes us ${money.usd(balance.debt)}. Top up that much first.")
    if TopUp.objects.filter(workspace=workspace, state=TopUpState.OPEN).exists():
        yield Obstacle(
            f"A payment for “{workspace}” is under way. Finish it, or come back in a day: "
            "a page of payment that nobody finishes ends by itself."
        )
    if balance.available:
        yield Obstacle(
            f"${money.usd(balance.available)} is left in the wallet of “{workspace}”. Spend it, "
            "write to us so that we pay it back to your card, or give it up.",
            is_balance=True,
        )


@transaction.atomic
def _give_up(workspace: Workspace, *, by: str) -> None:
    if left := ledger.balance(workspace.wallet).available:
        ledger.adjust(
            wallet=workspace.wallet,
            amount=-left,
            key=f"given-up:{workspace.pk.hex}",
            description="Given up when the account was deleted",
            actor=by,
        )


def _forget_how_they_paid(workspace: Workspace, user: User) -> None:
    """Amounts, times and Stripe's ids stay: the books are reconciled by them."""
    payments = TopUp.objects.filter(workspace=workspace)
    named = payments.exclude(payment_intent=None).values("payment_intent")
    sessions = payments.exclude(session=None).values("session")
    for about in (named, sessions, payments.exclude(charge="").values("charge")):
        StripeEvent.objects.filter(object_id__in=about).update(payload={})
    payments.update(page_url="", receipt_url="")
    for acts in (payments, Redemption.objects.filter(workspace=workspace)):
        acts.filter(actor=user.email).update(actor=user.public_id)


holders.register(holders.BILLING, Billing())
