"""What the cache holds is JSON: whoever can write to Redis must not run code in our processes."""

from __future__ import annotations

import json
from typing import Any

NOTHING = b""


class PlainSerializer:
    """
    In place of Django's own, which pickles. What is no JSON, such as the objects that the admin's
    theme would keep of a search, is not kept; what somebody else put there is as if it were not.
    """

    def dumps(self, value: Any) -> int | bytes:
        """Whole numbers stay as they are, as Redis counts with them."""
        if type(value) is int:
            return value
        try:
            return json.dumps(value).encode()
        except (TypeError, ValueError):
            return NOTHING

    def loads(self, data: bytes) -> Any:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return None
