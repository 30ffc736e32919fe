"""`python -m generations.sandbox --port 8010 --state var/sandbox`; the token is SANDBOX_TOKEN."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from generations.sandbox.parts import Settings
from generations.sandbox.server import serve


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    add_arguments(parser)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    serve(settings(parser.parse_args(arguments)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="loopback addresses only")
    parser.add_argument("--port", type=int, default=8010, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=Path("var/sandbox"), help="folder it owns")
    parser.add_argument(
        "--render-seconds", type=float, default=3.0, help="how long a render takes by default"
    )
    parser.add_argument("--workers", type=int, default=2, help="clips rendered at the same time")


def settings(options: argparse.Namespace) -> Settings:
    """The options with the control token of the environment."""
    return Settings(
        state=options.state.resolve(),
        host=options.host,
        port=options.port,
        render_seconds=options.render_seconds,
        workers=options.workers,
        token=os.environ.get("SANDBOX_TOKEN", ""),
    )


if __name__ == "__main__":
    main()
