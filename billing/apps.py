from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What you have."""

    name = "billing"

    def ready(self) -> None:
        from billing import wallets  # noqa: F401  (a new workspace gets a wallet)
        from billing.api import events  # noqa: F401  (it registers itself)
