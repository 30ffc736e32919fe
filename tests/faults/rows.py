"""Lines of the table of faults, and the row that each of them has for each company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generations.sandbox.knobs import KNOBS
from tests.faults.house import PROVIDERS
from tests.faults.outcomes import Outcome

#: Company → what comes of it there, None where it does not apply.
Exceptions = dict[str, Outcome | None]
Line = tuple[str, Outcome] | tuple[str, Outcome, Exceptions]


@dataclass(frozen=True, slots=True)
class Row:
    """One fault at one company."""

    step: str
    provider: str
    fault: str
    outcome: Outcome

    @property
    def prompt(self) -> str:
        """Words that are meant for this company alone, should another one be asked."""
        words = ", ".join(f"{self.provider}:{word.strip()}" for word in self.fault.split(","))
        return f"A kite in trouble at {self.provider} [[stock, {words}]]"

    @property
    def name(self) -> str:
        return f"{self.provider}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the table, for every company whose knobs it turns."""

    step: str
    words: str
    outcome: Outcome
    exceptions: Exceptions

    def rows(self) -> Iterator[Row]:
        for provider in PROVIDERS:
            outcome = self.exceptions.get(provider, self.outcome)
            if outcome and all(provider in KNOBS[name].providers for name in self.names):
                yield Row(self.step, provider, self.words, outcome)

    @property
    def names(self) -> list[str]:
        words = [word.strip() for word in self.words.split(",")]
        return [word.partition("=")[0].partition("*")[0] for word in words]


def at(step: str, *lines: Line) -> list[Fault]:
    """The lines of one step: a fault, what comes of it, and where otherwise."""
    return [Fault(step, line[0], line[1], line[2] if len(line) > 2 else {}) for line in lines]
