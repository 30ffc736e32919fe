from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What you have."""

    name = "billing"

    def ready(self) -> None:
        from billing import alerts, privacy, wallets  # noqa: F401  (they register themselves)
        from billing.api import events  # noqa: F401
        from billing.payments import notices  # noqa: F401
