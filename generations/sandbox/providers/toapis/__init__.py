"""ToAPIs: `player` is its door, `order` what it takes, `uploads` first frames, `answers` words."""

from generations.sandbox.providers.toapis.player import ToAPIs

__all__ = ["ToAPIs"]
