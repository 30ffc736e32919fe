"""Addresses of result files; those that expire carry a signature."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from generations.sandbox import knobs
from generations.sandbox.records import Job, Result

#: MiniMax writes both words with capitals, as its storage does, and signs anew for every question
#: (providers.md 6.5).
CAPITALS = ("minimax",)


class Links:
    def __init__(self, *, secret: bytes) -> None:
        self._secret = secret
        self.base = ""  # where the server listens, known once it does

    def address(self, job: Job, result: Result) -> str:
        """Where this clip can be fetched, for as long as its job says."""
        address = f"{self._host(job)}/files/{result.uuid}{Path(result.path or '').suffix}"
        expires = expiry(job)
        if expires is None:
            return address
        until, signature = _words(job)
        query = {until: expires, signature: self._signature(result.uuid, expires)}
        return f"{address}?{urlencode(query)}"

    def refusal(self, job: Job, result: Result, query: Mapping[str, str]) -> str | None:
        """Why an address does not open the file, or None when it does."""
        if expiry(job) is None:
            return None
        until, signature = _words(job)
        expires = query.get(until, "")
        if not expires.isdecimal():
            return "This address is not signed."
        expected = self._signature(result.uuid, int(expires))
        if not hmac.compare_digest(expected.encode(), query.get(signature, "").encode()):
            return "The signature does not match."
        return "This address has expired." if time.time() > int(expires) else None

    def _host(self, job: Job) -> str:
        private = knobs.word(job.knobs, "result-private")
        if private is None:
            return self.base
        return private if "://" in private else f"http://{private}"

    def _signature(self, uuid: str, expires: int) -> str:
        message = f"{uuid}:{expires}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:32]


def expiry(job: Job) -> int | None:
    """When this job's addresses stop working, in seconds since 1970."""
    finished = job.finished_at or 0.0
    if "result-expired" in job.knobs:
        return int(finished) - 60
    lifetime = knobs.number(job.knobs, "result-expires")
    if lifetime is not None:
        return int(time.time() + lifetime)
    begins = time.time() if job.provider in CAPITALS else finished
    return int(begins) + job.ttl if job.ttl else None


def _words(job: Job) -> tuple[str, str]:
    """How an address says until when it works, and the proof of it."""
    return ("Expires", "Signature") if job.provider in CAPITALS else ("expires", "signature")
