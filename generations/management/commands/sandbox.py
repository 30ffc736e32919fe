"""`manage.py sandbox`: the local stand-in for the providers, as its own process."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.sandbox.__main__ import add_arguments, settings
from generations.sandbox.server import serve


class Command(BaseCommand):
    help = "Serve the sandbox, which plays every provider without a key."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, **options: Any) -> None:
        try:
            serve(settings(argparse.Namespace(**options)))
        except ValueError as error:
            raise CommandError(str(error)) from error
