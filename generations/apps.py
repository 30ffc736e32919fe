from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    """What you ordered."""

    name = "generations"

    def ready(self) -> None:
        from generations import (  # noqa: F401  (they register themselves)
            audit,
            checks,
            described,
            notices,
            priced,
            privacy,
            spent,
        )
        from generations.api import events  # noqa: F401
