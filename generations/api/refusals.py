"""What the API says when an order is refused: one line for each error of the domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.api.problems import FieldError, Problem
from billing import ledger, limits, quotes
from billing.api.refusals import limit_reached, quote_unusable, short_of_money
from generations.refusals import OrderError, ProviderPaused
from generations.spec import InvalidSpec


@contextmanager
def refusals() -> Iterator[None]:
    """Errors of the domain leave as Problems."""
    try:
        yield
    except InvalidSpec as error:
        raise _invalid(error) from None
    except OrderError as error:
        raise _refused(error) from None
    except quotes.QuoteError as error:
        raise quote_unusable(error) from None
    except limits.LimitReached as error:
        raise limit_reached(error) from None
    except ledger.InsufficientFunds as error:
        raise short_of_money(error) from None


#: error code -> the field of the body that it is about
FIELDS = {
    "price_above_max": "max_price",
    "prompt_not_allowed": "prompt",
    "provider_paused": "provider",
}


def _refused(error: OrderError) -> Problem:
    wait = error.retry_after if isinstance(error, ProviderPaused) else None
    field = FIELDS.get(error.code)
    errors = [FieldError(field, error.code, str(error))] if field else []
    return Problem(error.code, str(error), errors=errors, retry_after=wait)


def _invalid(error: InvalidSpec) -> Problem:
    errors = [FieldError(fault.field, fault.code, fault.message) for fault in error.faults]
    first = errors[0]
    return Problem("invalid_request", f"{first.field}: {first.message}", errors=errors)
