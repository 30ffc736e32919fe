"""Pixazo: `player` is its door, `order` what it accepts, `answers` words."""

from generations.sandbox.providers.pixazo.player import Pixazo

__all__ = ["Pixazo"]
