"""MiniMax: `player` is its door, `order` what it accepts, `answers` its words."""

from generations.sandbox.providers.minimax.player import MiniMax

__all__ = ["MiniMax"]
