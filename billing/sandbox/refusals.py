"""
What the API says instead of doing it: `{"error": {"type", "code", "message", "param", …}}`.

`kept`: what happened before the refusal stays, as a declined charge does. `begun`: the request was
carried out as far as that, so its Idempotency-Key remembers the answer; a request that never passed
the checks of its parameters may be repeated with the same key.
"""

from __future__ import annotations

from billing.sandbox.kinds import Thing


class Refusal(Exception):
    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
        begun: bool = True,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.begun = begun
        named = {"code": code, "param": param, **more}
        told = {name: value for name, value in named.items() if value is not None}
        self.error: Thing = {"message": message, "type": type, **told}


def missing(what: str, id: str, param: str) -> Refusal:
    """There is no such object."""
    message = f"No such {what}: '{id}'"
    return Refusal(404 if param == "id" else 400, message, code="resource_missing", param=param)


def invalid(message: str, param: str, code: str | None = None) -> Refusal:
    """A parameter is wrong; nothing was begun."""
    return Refusal(400, message, code=code, param=param, begun=False)


def unexpected(message: str, code: str | None = None, param: str | None = None) -> Refusal:
    """The object is in no state for this."""
    return Refusal(400, message, code=code, param=param)


def declined(intent: Thing) -> Refusal:
    """The bank said no, or wants to see the customer; the intent says why."""
    error = {**intent["last_payment_error"], "payment_intent": intent}
    message, kind = error.pop("message"), error.pop("type")
    return Refusal(402, message, type=kind, kept=True, **error)
