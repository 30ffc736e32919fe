"""What a clip costs at MiniMax itself; Cloudflare passes the same prices on (providers.md 0.4)."""

from __future__ import annotations

#: Micro-dollars by whether the model is Fast, by short side in pixels and by seconds. What is not
#: here cannot be rendered: 10 s at 1080P.
LIST_PRICES = {
    (False, 768, 6): 280_000,
    (False, 768, 10): 560_000,
    (False, 1080, 6): 490_000,
    (True, 768, 6): 190_000,
    (True, 768, 10): 320_000,
    (True, 1080, 6): 330_000,
}
