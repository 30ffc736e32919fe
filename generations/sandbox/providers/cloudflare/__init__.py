"""
Cloudflare: `player` is its door, `order` what it accepts, `answers` its words, `logs` what its
gateway remembers, `question` how that is searched.
"""

from generations.sandbox.providers.cloudflare.player import Cloudflare

__all__ = ["Cloudflare"]
