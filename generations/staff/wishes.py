"""What a member of staff wants, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.proposals import NotPossible

__all__ = ["TOO_LATE", "NotPossible", "Wish"]

TOO_LATE = "Somebody or something was faster: it is in another state now. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants it and why; `gratis` is for ordering again, `provider` for reassigning."""

    by: User
    reason: str
    gratis: bool = False
    provider: str = ""
    address: str | None = None

    def kept(self) -> dict[str, Any]:
        """What a proposal keeps of it."""
        return {"gratis": self.gratis, "provider": self.provider}
