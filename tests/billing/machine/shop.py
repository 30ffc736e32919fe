"""One workspace before Stripe: what is done there is written into the model, too."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from billing import ledger
from billing.models import StripeEvent, TopUp, Transfer
from billing.payments import events, sweep, top_ups
from tests.billing.machine.model import Books, Payment, Reversal
from tests.billing.sandbox.house import House

CENT = 10_000


class Shop:
    """Paying goes through the stand-in's control, not its pages: they have tests of their own."""

    def __init__(self, house: House, workspace: Workspace, books: Books) -> None:
        self.house, self.workspace, self.books = house, workspace, books
        self.pages = 0

    # At Stripe

    def opens_page(self, dollars: int) -> TopUp:
        self.pages += 1
        top_up = top_ups.begin(
            self.workspace, amount=dollars * 1_000_000, actor="", now=timezone.now()
        )
        top_ups.open_page(top_up, back_to="http://127.0.0.1:8000/wallet", save_card=False)
        return TopUp.objects.get(pk=top_up.pk)

    def pays(self, top_up: TopUp, *, by_bank: bool) -> None:
        session = str(top_up.session)
        intent = self.house.tell(f"sessions/{session}/pay", bank=by_bank)
        self.books.payments[intent["id"]] = Payment(
            session, intent["id"], top_up.amount, paid=not by_bank, on_its_way=by_bank
        )

    def leaves(self, top_up: TopUp) -> None:
        self.house.tell(f"sessions/{top_up.session}/expire")

    def arrives(self, payment: Payment, *, succeeded: bool) -> None:
        outcome = "succeeded" if succeeded else "failed"
        self.house.tell(f"payments/{payment.intent}/finish", outcome=outcome)
        payment.on_its_way, payment.paid = False, succeeded

    def refunds(self, payment: Payment, amount: int) -> None:
        made = self.house.tell(f"payments/{payment.intent}/refund", amount=amount // CENT)
        payment.reversals[made["id"]] = Reversal(made["id"], amount, is_dispute=False)

    def refund_fails(self, refund: Reversal) -> None:
        self.house.tell(f"refunds/{refund.name}/fail")
        refund.stands, refund.decided = False, True

    def disputes(self, payment: Payment, amount: int) -> None:
        made = self.house.tell(f"payments/{payment.intent}/dispute", amount=amount // CENT)
        payment.reversals[made["id"]] = Reversal(made["id"], amount, is_dispute=True)

    def decides(self, dispute: Reversal, *, won: bool) -> None:
        self.house.tell(f"disputes/{dispute.name}/{'win' if won else 'lose'}")
        dispute.stands, dispute.decided = not won, True

    # What we hear of it

    def hears(self, said: list[dict[str, Any]]) -> None:
        """Filed in this order, each once however often it is told, and processed."""
        for event in said:
            events.file(event)
        self._processes()

    def sweeps(self) -> None:
        """Everything that nobody told us."""
        sweep.missed_events(now=timezone.now())
        self._processes()

    def looks(self) -> None:
        TopUp.objects.filter(state="open").update(due_at=timezone.now())
        sweep.open_top_ups(now=timezone.now())
        self.books.look()

    def _processes(self) -> None:
        rows = StripeEvent.objects.filter(state="received").order_by("due_at")
        waiting = [(one.type, one.object_id, _intent(one.payload)) for one in rows]
        while events.process_due():
            pass
        assert not StripeEvent.objects.filter(Q(state="received") | Q(state="refused")).exists()
        for type, name, intent in waiting:
            if type in events.EFFECTS:
                self.books.told(type, name, intent)

    # What came of it

    def in_books(self) -> dict[str, int]:
        """What our ledger has of each Checkout session."""
        sessions = {one.reference: str(one.session) for one in TopUp.objects.all()}
        found = dict.fromkeys(sessions.values(), 0)
        for one in Transfer.objects.filter(reference__in=sessions):
            change = one.amount * ((one.debit == "stripe") - (one.credit == "stripe"))
            found[sessions[one.reference]] += change
        return found

    def balance(self) -> ledger.Balance:
        return ledger.balance(self.workspace.wallet)


def _intent(payload: dict[str, Any]) -> str | None:
    about = payload["data"]["object"]
    found = about["id"] if about["object"] == "payment_intent" else about.get("payment_intent")
    return str(found) if found else None
