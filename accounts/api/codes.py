"""
Every error code of the API: its status, its title, and what to do about it.

The codes are a promise to clients: one is never renamed, and its status never changes (only
`invalid_request` has two: 422 for a body that was understood, 400 for one that was not).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    status: int
    title: str
    advice: str


CODES: dict[str, Code] = {
    "address_not_allowed": Code(
        403,
        "Not from this address",
        "The key opens only from the addresses it was made for. Use it there, or make another.",
    ),
    "already_finished": Code(
        409, "Already finished", "It has come to its end before: there is nothing left to cancel."
    ),
    "card_declined": Code(
        402,
        "The card was declined",
        "`reason` is the bank's word for why; nothing was charged. With `authentication_required` "
        "the bank wants to see a person: leave out `charge_saved_card` and pay at the page.",
    ),
    "charging_switched_off": Code(
        403,
        "API keys may not charge the saved card",
        "The owner of the workspace can allow it on the wallet's page. Without it, pay at a page.",
    ),
    "debt_outstanding": Code(
        402, "Debt outstanding", "The wallet owes money. Top it up: debt is paid first."
    ),
    "delivery_under_way": Code(
        409,
        "The delivery is being sent",
        "What comes of it is known in seconds. Ask again after `Retry-After` if it failed.",
    ),
    "endpoint_disabled": Code(
        409, "The webhook endpoint is switched off", 'Enable it: PATCH {"enabled": true}.'
    ),
    "https_required": Code(
        403,
        "Only over https://",
        "Use https://. The key that was sent in clear should be replaced.",
    ),
    "idempotency_in_flight": Code(
        409,
        "The same request is under way",
        "A request with this Idempotency-Key is being answered. Ask again in a second.",
    ),
    "idempotency_mismatch": Code(
        422,
        "Idempotency-Key used before",
        "This Idempotency-Key belongs to a request with another body. Use a new key.",
    ),
    "image_url_not_allowed": Code(
        422,
        "This address is not allowed",
        "The image must lie at a public https:// address, or be uploaded with POST /uploads.",
    ),
    "insufficient_funds": Code(
        402,
        "Not enough money",
        "Top up the wallet: `needed` and `available` say by how much.",
    ),
    "insufficient_scope": Code(
        403,
        "Not allowed",
        "`scope` says what the key needs; the role of its maker has to allow it, too.",
    ),
    "internal_error": Code(
        500,
        "Something broke on our side",
        "It has been noted. Ask again with the same Idempotency-Key; tell us the request id.",
    ),
    "invalid_request": Code(
        422,
        "The request is not valid",
        "`errors` names each field and the rule it breaks. Status 400: the request is unreadable.",
    ),
    "length_required": Code(
        411, "Content-Length is missing", "Send the body in one piece, with its Content-Length."
    ),
    "method_not_allowed": Code(
        405, "Method not allowed", "The `Allow` header names the methods of this address."
    ),
    "no_saved_card": Code(
        409, "There is no saved card", "Pay once at a page, with `save_card`. Then ask again."
    ),
    "not_acceptable": Code(406, "Not acceptable", "Answers are JSON: accept application/json."),
    "not_cancelable": Code(
        409,
        "It cannot be canceled any more",
        "A provider is making it. It is charged if it is delivered, and free if it is not.",
    ),
    "not_finished": Code(409, "Not finished yet", "Wait for its end, or cancel it, and ask again."),
    "not_found": Code(
        404, "Not found", "There is no such thing here. What belongs to others is not found either."
    ),
    "not_sold": Code(
        422, "Not sold", "No provider makes this at the moment. GET /models lists what is on sale."
    ),
    "payload_too_large": Code(
        413, "Too large", "The body is larger than this address takes. Upload images as files."
    ),
    "payment_refused": Code(
        422, "The payment was refused", "`detail` says why. Change it, or write to us."
    ),
    "payments_not_configured": Code(
        503, "Cards are not set up", "Only the people who run this site can put money in a wallet."
    ),
    "price_above_max": Code(
        409, "It costs more than max_price", "Raise max_price, or choose something cheaper."
    ),
    "prompt_not_allowed": Code(
        422,
        "The prompt is not allowed",
        "It is against the rules of this site. Describe the clip in other words.",
    ),
    "provider_paused": Code(
        409,
        "The provider takes no orders now",
        "Ask for provider `auto`, or come back after `Retry-After` seconds.",
    ),
    "quote_expired": Code(409, "The quote has expired", "Ask for a new one: POST /quotes."),
    "quote_mismatch": Code(
        422, "The quote is for another order", "A quote binds all but the prompt and the image."
    ),
    "quote_used": Code(409, "The quote was used before", "Ask for a new one: POST /quotes."),
    "rate_limited": Code(
        429,
        "Too many requests",
        "`limit` says which limit is reached. Come back after `Retry-After` seconds.",
    ),
    "spend_limit_reached": Code(
        403,
        "A spend limit is reached",
        "`limit` says whose and for how long, `remaining` what is left, `resets_at` when it ends.",
    ),
    "storage_full": Code(
        409,
        "No room for more clips",
        "What the workspace keeps takes all the room it has: delete clips, or have them go by "
        "themselves after a time that you choose on the website.",
    ),
    "too_many_endpoints": Code(
        409, "Too many webhook endpoints", "Delete one, or send more events to one of them."
    ),
    "unauthorized": Code(
        401, "No valid API key", "Send `Authorization: Bearer rly_live_…` with a key in force."
    ),
    "unavailable": Code(
        503,
        "Temporarily unavailable",
        "Something Reelay needs does not answer. Come back soon.",
    ),
    "unsupported_media_type": Code(
        415,
        "Unsupported media type",
        "Send application/json, or files as multipart/form-data.",
    ),
    "webhook_url_not_allowed": Code(
        422,
        "This address is not allowed",
        "A webhook goes to a public https:// address without a user name or a fragment.",
    ),
}
