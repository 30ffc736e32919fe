"""Who the sandbox plays."""

from __future__ import annotations

from generations.sandbox.providers.base import Player
from generations.sandbox.providers.cloudflare import Cloudflare
from generations.sandbox.providers.minimax import MiniMax
from generations.sandbox.providers.pixazo import Pixazo
from generations.sandbox.providers.runware import Runware
from generations.sandbox.providers.toapis import ToAPIs

PLAYERS: tuple[type[Player], ...] = (Cloudflare, MiniMax, Pixazo, Runware, ToAPIs)
