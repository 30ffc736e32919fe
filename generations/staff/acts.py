"""Every act of staff on a generation, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generations.models import Generation
from generations.staff import again, ending
from generations.staff.wishes import Wish


def _nothing(generation: Generation, wish: Wish) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Act:
    """
    `obstacle` says why it is not possible now ("" when it is), `amount` what money is at stake,
    `do` does it in one transaction and says what came of it, or raises NotPossible. `taken_with`
    is the act whose permission it takes, where that is another one's.
    """

    verb: str
    label: str
    obstacle: Callable[[Generation], str]
    do: Callable[[Generation, Wish], str]
    amount: Callable[[Generation, Wish], int] = _nothing
    taken_with: str = ""

    @property
    def name(self) -> str:
        """As the audit and proposals name it."""
        return f"generation.{self.verb}"

    @property
    def permission(self) -> str:
        return f"generations.{self.taken_with or self.verb}_generation"


ACTS: dict[str, Act] = {
    act.verb: act
    for act in (
        Act("look", "Look now", ending.nothing_to_look_at, ending.look),
        Act(
            "refund",
            "Fail and refund",
            ending.nothing_to_give_back,
            ending.fail_and_refund,
            ending.at_stake,
        ),
        Act("retry", "Order again", again.not_to_be_retried, again.retry, again.price_of_another),
        Act(
            "deliver",
            "Deliver late",
            again.not_to_be_delivered,
            again.deliver_late,
            again.price_of_another,
        ),
        Act("reassign", "Reassign", again.not_to_be_reassigned, again.reassign),
        Act("hide", "Hide", ending.not_to_be_hidden, ending.hide),
        Act(
            "unhide",
            "Show again",
            ending.not_to_be_shown_again,
            ending.show_again,
            taken_with="hide",
        ),
    )
}
