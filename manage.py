#!/usr/bin/env python
"""Django's entry point. Embedded services are started for the commands that need them."""

import os
import sys

from config import embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    with embedded.services_for(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
