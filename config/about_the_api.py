"""What the API says of itself as a whole."""

TAGS = [
    {"name": "Models", "description": "What is on sale, and for how much."},
    {"name": "Quotes", "description": "Firm prices, good for 15 minutes."},
    {"name": "Generations", "description": "Clips: ordered, followed, canceled, fetched."},
    {"name": "Uploads", "description": "First frames."},
    {"name": "Wallet", "description": "What you have, what you spent, and topping up."},
    {"name": "Events", "description": "What happens, as it happens: streams."},
    {"name": "Webhooks", "description": "Events of clips and of the wallet, sent to you, signed."},
    {"name": "API keys", "description": "Keys for your programs: what they may, from where."},
    {"name": "Account", "description": "Who you are here."},
    {"name": "OpenAI shape", "description": "The same clips for clients of OpenAI's Videos API."},
]
TEXT = """
Order AI video clips, follow them, download them. A price is agreed beforehand, held while the clip
is made, taken when it is here and given back when it cannot be made.

- **Keys** go into `Authorization: Bearer rly_live_…`, never into an address.
- **Errors** are RFC 9457 problem details with a stable `code`; `/docs/errors` explains each.
- **Asking twice**: send an `Idempotency-Key` with every POST, and nothing happens twice.
- **Lists** come newest first, with `limit` and `cursor`.
- **Money** is a decimal string in USD, times are RFC 3339 in UTC.

Guides with examples in curl, Python and JavaScript are at `/docs`.
""".strip()
