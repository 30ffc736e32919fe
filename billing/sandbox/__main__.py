"""
`python -m billing.sandbox --port 8020 --state var/stripe --webhook-url http://127.0.0.1:8000/…`

From the environment: STRIPE_SECRET_KEY, the one accepted key; STRIPE_WEBHOOK_SECRET, which signs
what goes to --webhook-url; STRIPE_SANDBOX_TOKEN, which opens the control endpoint.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from billing.sandbox.parts import Settings
from billing.sandbox.server import serve


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="billing.sandbox", description=__doc__)
    add_arguments(parser)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        serve(settings(parser.parse_args(arguments)))
    except ValueError as problem:
        sys.exit(f"billing.sandbox: {problem}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="loopback addresses only")
    parser.add_argument("--port", type=int, default=8020, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=Path("var/stripe"), help="folder it owns")
    parser.add_argument("--webhook-url", default="", help="gets every event; on this machine")
    parser.add_argument("--name", default="Reelay", help="whom the customer pays")
    parser.add_argument(
        "--first-pause", type=float, default=0.5, help="seconds before a delivery's second try"
    )


def settings(options: argparse.Namespace) -> Settings:
    """The options with the secrets of the environment."""
    return Settings(
        state=options.state.resolve(),
        host=options.host,
        port=options.port,
        webhook_url=options.webhook_url,
        name=options.name,
        first_pause=options.first_pause,
        token=os.environ.get("STRIPE_SANDBOX_TOKEN", ""),
        secret_key=os.environ.get("STRIPE_SECRET_KEY", ""),
        webhook_secret=os.environ.get("STRIPE_WEBHOOK_SECRET", ""),
    )


if __name__ == "__main__":
    main()
