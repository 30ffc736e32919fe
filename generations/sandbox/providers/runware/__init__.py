"""Runware: `player` is its door, `task` what it accepts, `orders` submitting, `answers` words."""

from generations.sandbox.providers.runware.player import Runware

__all__ = ["Runware"]
