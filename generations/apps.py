from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    """What you ordered."""

    name = "generations"

    def ready(self) -> None:
        from generations import audit, checks  # noqa: F401  (both register themselves)
