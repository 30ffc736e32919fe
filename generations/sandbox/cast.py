"""Who the sandbox plays."""

from __future__ import annotations

from generations.sandbox.providers.base import Player
from generations.sandbox.providers.runware import Runware

PLAYERS: tuple[type[Player], ...] = (Runware,)
